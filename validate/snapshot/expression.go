package snapshot

import (
	"strings"
	"unicode"
)

// expression renames the labels and values of a selector of Calico and keeps everything else as it is written.
func (a *anonymiser) expression(text string) string {
	return rewrite(text, a.labelKey, func(_, value string) string { return a.value(value) })
}

// rewrite goes through a selector of Calico. The operator that stands before a value is told with it.
func rewrite(text string, label func(string) string, value func(operator, value string) string) string {
	var out strings.Builder
	operator, behindLabel := "", false
	for i := 0; i < len(text); {
		c := text[i]
		switch n := run(text[i:]); {
		case c == '"' || c == '\'':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				end = len(text) - i - 1 // no selector at all; it stays none
				out.WriteByte(c)
				out.WriteString(value(operator, text[i+1:]))
				return out.String()
			}
			out.WriteByte(c)
			out.WriteString(value(operator, text[i+1:i+1+end]))
			out.WriteByte(c)
			i += end + 2
			behindLabel = false
		case n == 0:
			out.WriteByte(c)
			if c != ' ' && c != '\t' {
				behindLabel = false
				if c != '{' && c != ',' {
					operator = string(c)
				}
			}
			i++
		case behindLabel:
			w := letters(text[i:])
			out.WriteString(text[i : i+w])
			operator, behindLabel = strings.TrimSpace(operator+" "+text[i:i+w]), w > 0 && strings.Contains(" not starts ends ", " "+text[i:i+w]+" ")
			if w == 0 { // no operator: whatever it is, it is renamed
				out.WriteString(label(text[i : i+n]))
				i += n
			}
			i += w
		case function(text[i:i+n], text[i+n:]):
			out.WriteString(text[i : i+n])
			i += n
		default:
			out.WriteString(label(text[i : i+n]))
			i += n
			operator, behindLabel = "", true
		}
	}
	return out.String()
}

// run is the length of the label's name at the start of a text.
func run(text string) int {
	return len(text) - len(strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-"))
}

func letters(text string) int {
	return len(text) - len(strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyz"))
}

// function reports whether a name is that of a function: its parenthesis follows at once.
func function(name, rest string) bool {
	return (name == "has" || name == "all" || name == "global") && strings.HasPrefix(rest, "(")
}

// domain renames a DNS name or a pattern of them label by label.
func (a *anonymiser) domain(name string) string {
	labels := strings.Split(name, ".")
	for i, l := range labels {
		parts := strings.Split(l, "*")
		for k, p := range parts {
			if p != "" {
				parts[k] = a.pieces(strings.ToLower(p), a.parts)
			}
		}
		labels[i] = strings.Join(parts, "*")
	}
	return strings.Join(labels, ".")
}

// path renames the words of an HTTP path, a header or a pattern of them. What a regular expression is made of stays.
func (a *anonymiser) path(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		switch n := alphanumeric(text[i:]); {
		case text[i] == '\\' && i+1 < len(text):
			out.WriteString(text[i : i+2])
			i += 2
		case text[i] == '[':
			end := strings.IndexByte(text[i:], ']')
			if end < 0 {
				end = len(text) - i - 1
			}
			out.WriteString(text[i : i+end+1])
			i += end + 1
		case n > 1:
			out.WriteString(a.hashed(text[i : i+n]))
			i += n
		default:
			out.WriteByte(text[i])
			i++
		}
	}
	return out.String()
}

// alphanumeric is the length of the word at the start of a text, in whatever script it is.
func alphanumeric(text string) int {
	return len(text) - len(strings.TrimLeftFunc(text, func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) }))
}
