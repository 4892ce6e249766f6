package crd

import "bytes"

// withoutDescriptions cuts the text of every description out of a definition. Nine tenths of Cilium's definitions are
// description, and most of the time to the first verdict would go into parsing it. A property that is itself named
// description has nothing after its colon and stays.
func withoutDescriptions(raw []byte) []byte {
	const key = "description:"
	out := make([]byte, 0, len(raw)/4)
	cutting := -1
	for line := range bytes.Lines(raw) {
		text := bytes.TrimLeft(line, " ")
		indent := len(line) - len(text)
		if cutting >= 0 && (indent > cutting || len(bytes.TrimSpace(text)) == 0) {
			continue
		}
		cutting = -1
		field := bytes.TrimPrefix(text, []byte("- "))
		if rest, ok := bytes.CutPrefix(field, []byte(key)); ok && len(bytes.TrimSpace(rest)) > 0 {
			cutting = len(line) - len(field)
			out = append(out, line[:cutting+len(key)]...)
			out = append(out, " ''\n"...)
			continue
		}
		out = append(out, line...)
	}
	return out
}
