// Package condition says what passes of a connection whose first packet does not tell, because a proxy looks inside:
// HTTP requests or DNS queries. Two conditions are compared as the sets of strings that they describe, so that
// `GET|HEAD` is the same as GET and HEAD, and a request that passes on one side only is found where there is one.
package condition

import (
	"slices"
	"strings"
)

// Condition is what a proxy lets pass. The zero value lets nothing pass.
type Condition struct {
	about subject
	// requests or names pass, by the subject.
	requests []Request
	names    []string
	// text is the condition in words.
	text []string
	// details are what else tells two conditions about other subjects apart.
	details []string
}

// subject is what a proxy looks at.
type subject int

const (
	other subject = iota
	httpRequests
	dnsNames
)

// Requests is the condition that lets pass the HTTP requests that one of the matches fits.
func Requests(matches []Request) *Condition {
	c := &Condition{about: httpRequests, requests: matches}
	for _, r := range matches {
		c.text = append(c.text, r.String())
	}
	c.text = distinct(c.text)
	return c
}

// normal reports whether what is known is known of requests only whose path is in its normal form.
func (c *Condition) normal() bool {
	return slices.ContainsFunc(c.requests, func(r Request) bool { return r.Normal })
}

// Names is the condition that lets pass the DNS queries for names that one of the expressions fits. The expressions
// are anchored; a name is in lower case and ends in a dot. The texts are how the expressions were written.
func Names(expressions, texts []string) *Condition {
	return &Condition{about: dnsNames, names: expressions, text: distinct(texts)}
}

// Other is a condition of which only is known whether another one is written the same way. The details are all that
// could make a difference, the texts are for people.
func Other(texts, details []string) *Condition {
	return &Condition{text: distinct(texts), details: distinct(details)}
}

func distinct(texts []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(texts)))
}

// Key is the same for conditions that are written the same way, and different for all that are not the same.
func (c *Condition) Key() string {
	parts := []string{string(rune('0' + c.about))}
	switch c.about {
	case httpRequests:
		for _, r := range c.requests {
			parts = append(parts, r.key())
		}
	case dnsNames: // not the texts: what a pattern means depends on the release
		parts = append(parts, c.names...)
	default:
		parts = slices.Concat(parts, c.text, []string{""}, c.details)
	}
	return strings.Join(append(parts[:1], distinct(parts[1:])...), "\x00")
}

// Parts are the alternatives of the condition, in words.
func (c *Condition) Parts() []string { return slices.Clone(c.text) }

// About names what a proxy looks at.
func (c *Condition) About() string {
	return [...]string{"what a proxy lets pass", "HTTP requests", "DNS queries"}[c.about]
}

// String says what passes.
func (c *Condition) String() string {
	const most = 4
	shown := c.text
	if len(shown) > most {
		shown = append(slices.Clone(shown[:most]), "…")
	}
	text := c.About() + " "
	if c.about == other {
		text += "by "
	}
	return text + strings.Join(shown, ", ")
}
