package problem

import (
	"strconv"
	"strings"
)

// Resolve reads a path as Kubernetes' validators write it, where a dot stands before every key, even one that holds
// dots itself (spec.endpointSelector.matchLabels.io.kubernetes.pod.namespace), with the help of the object that it is
// a path of. A rest that the object does not have is read key by key.
func Resolve(object any, text string) *Path {
	var at *Path
	for text != "" {
		if i, rest, ok := leadingIndex(text); ok {
			at, object, text = at.Item(i), itemOf(object, i), rest
			continue
		}
		key, rest := leadingKey(object, text)
		at, object, text = at.Field(key), fieldOf(object, key), rest
	}
	return at
}

func leadingIndex(text string) (int, string, bool) {
	if text[0] != '[' {
		return 0, "", false
	}
	inside, rest, found := strings.Cut(text[1:], "]")
	i, err := strconv.Atoi(inside)
	return i, rest, found && err == nil && i >= 0
}

// leadingKey takes the longest key of the object that the text begins with.
func leadingKey(object any, text string) (key, rest string) {
	if text[0] == '[' {
		key, rest, _ = strings.Cut(text[1:], "]")
		return key, rest
	}
	text = strings.TrimPrefix(text, ".")
	fields, _ := object.(map[string]any)
	for k := range fields {
		after, ok := strings.CutPrefix(text, k)
		if ok && len(k) > len(key) && (after == "" || after[0] == '.' || after[0] == '[') {
			key = k
		}
	}
	if key != "" {
		return key, text[len(key):]
	}
	if end := strings.IndexAny(text, ".["); end > 0 {
		return text[:end], text[end:]
	}
	return text, ""
}

func itemOf(object any, i int) any {
	if list, ok := object.([]any); ok && i < len(list) {
		return list[i]
	}
	return nil
}

func fieldOf(object any, key string) any {
	fields, _ := object.(map[string]any)
	return fields[key]
}
