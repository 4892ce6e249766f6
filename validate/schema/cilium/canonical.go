package cilium

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// wanderings are messages of Cilium that depend on the order in which Go runs through a map, or on how much of a rule
// was asked about, and what is said instead.
var wanderings = sync.OnceValue(func() []wandering {
	return []wandering{
		{regexp.MustCompile(`^combining \w+ and \w+ is not supported yet$`), "one rule cannot have two kinds of peer"},
		{regexp.MustCompile(`^L7 protocol \w+ is not supported on (host )?(ingress|egress) yet$`), "a layer 7 protocol that is not supported on $1$2"},
		{regexp.MustCompile(`matchExpressions\[\d+\]`), "matchExpressions"},
	}
})

type wandering struct {
	message *regexp.Regexp
	instead string
}

// severalLabels recognises what Cilium says of a selector that is wrong in several places, in any order of them.
func severalLabels(message string) bool {
	return strings.HasPrefix(message, "invalid label selector: [")
}

// canonical returns Cilium's message in one line, the same one every time.
func canonical(err error) string {
	message := strings.Join(strings.Split(strings.TrimSpace(err.Error()), "\n"), "; ")
	for _, w := range wanderings() {
		message = w.message.ReplaceAllString(message, w.instead)
	}
	first, size := utf8.DecodeRuneInString(message)
	second, _ := utf8.DecodeRuneInString(message[size:])
	if unicode.IsUpper(first) && unicode.IsLower(second) && !strings.HasPrefix(message, "FromNodes") {
		return string(unicode.ToLower(first)) + message[size:]
	}
	return message
}
