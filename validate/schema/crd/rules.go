package crd

import (
	"regexp"
	"strings"
)

// presence is a rule that asks for one of some fields, and for nothing else: has(self.spec) || has(self.specs).
// Cilium's policies have no other. It is answered without CEL, whose set-up takes longer than a short run.
var presence = regexp.MustCompile(`^has\(self\.[a-z][A-Za-z0-9]*\)( \|\| has\(self\.[a-z][A-Za-z0-9]*\))*$`)

// alternatives are the fields of which a rule asks for one, if that is all that it asks for.
func alternatives(rule string) []string {
	if !presence.MatchString(rule) {
		return nil
	}
	var fields []string
	for _, has := range strings.Split(rule, " || ") {
		fields = append(fields, strings.TrimSuffix(strings.TrimPrefix(has, "has(self."), ")"))
	}
	return fields
}

// rule is a CEL rule of a schema.
type rule struct {
	// anyOf are the fields of which it asks for one; without them it is for CEL to say.
	anyOf []string
}

// newRule reads a rule of an object with these fields. A rule that asks for a field that the schema does not have is
// an error that CEL words.
func newRule(text string, properties map[string]*node) rule {
	fields := alternatives(text)
	for _, key := range fields {
		if properties[key] == nil {
			return rule{}
		}
	}
	return rule{anyOf: fields}
}

// holds reports whether the rule surely holds for the fields of an object.
func (r rule) holds(fields map[string]any) bool {
	for _, key := range r.anyOf {
		if _, ok := fields[key]; ok {
			return true
		}
	}
	return false
}
