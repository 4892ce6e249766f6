package emit

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// text is a string as a YAML scalar, quoted if anything would read it as something else.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	switch {
	case paragraphs(s):
		n.Style = yaml.LiteralStyle
	case !plainWord(s) && !readAsText(s):
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// paragraphs reports whether a string is lines of ordinary text, which a block shows best. Blocks with tabs or with
// blanks at the ends of lines are not read alike by all parsers.
func paragraphs(s string) bool {
	if !strings.Contains(s, "\n") || s[0] == ' ' || s[0] == '\n' || strings.HasSuffix(s, "\n\n") || strings.Contains(s, " \n") {
		return false
	}
	for _, r := range s {
		if r != '\n' && !unicode.IsPrint(r) || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// ambiguous matches words that YAML 1.1 readers, Kubernetes' own among them, take for something other than text:
// old booleans, and numbers in base sixty.
var ambiguous = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|~|null|true|false|\.inf|\.nan)$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

// plainWord reports whether a string is so ordinary that no parser can take it for anything but text: it begins with a
// letter or a bracket, is no word with a meaning of its own, and holds neither a comment nor a key. Inside a block, the other signs
// of YAML mean something only at the beginning. Most strings are so, and they need no closer look.
func plainWord(s string) bool {
	if s == "" || !letter(s[0]) && s[0] != '(' || len(s) <= len("false") && ambiguous.MatchString(s) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == '#' {
			return false
		}
		last := i+1 == len(s)
		if c == ':' && (last || s[i+1] == ' ') || c == ' ' && last {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// readAsText asks the parser whether a string without quotes is a string, and the same one.
func readAsText(s string) bool {
	if s == "" || ambiguous.MatchString(s) {
		return false
	}
	var probe yaml.Node
	if err := yaml.Unmarshal([]byte(s), &probe); err != nil || len(probe.Content) != 1 {
		return false
	}
	n := probe.Content[0]
	return n.Kind == yaml.ScalarNode && n.Tag == "!!str" && n.Style == 0 && n.Value == s
}
