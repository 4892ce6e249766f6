package crd

import (
	"math"
	"unicode/utf8"

	netutils "k8s.io/utils/net"
)

// walk goes through an object along its schema. It answers true only for a value that the API server's code accepts
// unchanged (but for defaults); false means that it is for that code to say.
type walk struct {
	// defaults is set when a field is absent that has a default.
	defaults bool
	// foreign is set when a number has another type than Kubernetes gives it.
	foreign bool
	// rules is set when a value has a CEL rule that does not surely hold.
	rules bool
}

func (w *walk) value(n *node, v any) bool {
	v = w.number(v)
	if n.unsure || !n.ofType(v) {
		return false
	}
	if len(n.rules) > 0 {
		w.rule(n, v)
	}
	sound := true
	switch v := v.(type) {
	case map[string]any:
		sound = n.enum == nil && w.object(n, v)
	case []any:
		sound = n.enum == nil && w.list(n, v)
	case string:
		sound = n.acceptsText(v)
	case int64:
		sound = n.enum == nil && n.acceptsNumber(float64(v))
	case float64:
		sound = n.enum == nil && n.acceptsNumber(v)
	case bool:
		sound = n.enum == nil
	}
	return sound && w.combinations(n, v)
}

// rule looks at the CEL rules of a value.
func (w *walk) rule(n *node, v any) {
	fields, _ := v.(map[string]any)
	for _, r := range n.rules {
		if !r.holds(fields) {
			w.rules = true
		}
	}
}

// number reads a number as Copy will.
func (w *walk) number(v any) any {
	switch number := v.(type) {
	case int:
		w.foreign = true
		return int64(number)
	case float64:
		if whole, ok := copyFloat(number).(int64); ok {
			w.foreign = true
			return whole
		}
	}
	return v
}

// ofType reports whether a value has the type that the schema asks for. Null is never sure: an API server removes it.
func (n *node) ofType(v any) bool {
	untyped := n.jsonType == "" && !n.intOrString
	switch v.(type) {
	case map[string]any:
		return untyped || n.jsonType == "object"
	case []any:
		return untyped || n.jsonType == "array"
	case string:
		return untyped || n.jsonType == "string" || n.intOrString
	case bool:
		return untyped || n.jsonType == "boolean"
	case int64:
		return untyped || n.jsonType == "integer" || n.jsonType == "number" || n.intOrString
	case float64:
		return untyped || n.jsonType == "number"
	}
	return false
}

func (w *walk) object(n *node, fields map[string]any) bool {
	if !within(int64(len(fields)), n.minFields, n.maxFields) {
		return false
	}
	for _, key := range n.required {
		if _, ok := fields[key]; !ok {
			return false
		}
	}
	for key, v := range fields {
		property := n.field(key)
		if property == nil {
			if n.exact {
				return false
			}
			continue
		}
		if !w.value(property, v) {
			return false
		}
	}
	for key := range n.defaults {
		if _, ok := fields[key]; !ok {
			w.defaults = true
		}
	}
	return true
}

func (w *walk) list(n *node, items []any) bool {
	if !within(int64(len(items)), n.minItems, n.maxItems) || n.set && !distinct(items) {
		return false
	}
	if n.items == nil {
		return true
	}
	for _, v := range items {
		if !w.value(n.items, v) {
			return false
		}
	}
	return true
}

func (n *node) acceptsText(s string) bool {
	if n.minLength != nil || n.maxLength != nil {
		if !within(int64(utf8.RuneCountInString(s)), n.minLength, n.maxLength) {
			return false
		}
	}
	if n.enum != nil && !n.enum[s] {
		return false
	}
	if n.pattern != nil {
		if pattern := n.pattern(); pattern == nil || !pattern.MatchString(s) {
			return false
		}
	}
	if n.cidr {
		_, _, err := netutils.ParseCIDRSloppy(s)
		return err == nil
	}
	return true
}

func (n *node) acceptsNumber(v float64) bool {
	return math.Abs(v) <= math.MaxInt32 && (n.minimum == nil || v >= *n.minimum) && (n.maximum == nil || v <= *n.maximum)
}

// combinations looks at anyOf, oneOf, allOf and not. "Not accepted" is only as good as the walk's knowledge there, so
// an alternative that the walk is unsure of leaves the whole value to the API server's code.
func (w *walk) combinations(n *node, v any) bool {
	for _, alternative := range n.allOf {
		if !w.value(alternative, v) {
			return false
		}
	}
	if n.anyOf != nil && w.count(n.anyOf, v) == 0 {
		return false
	}
	if n.oneOf != nil && (anyUnsure(n.oneOf) || w.count(n.oneOf, v) != 1) {
		return false
	}
	return n.not == nil
}

func (w *walk) count(alternatives []*node, v any) int {
	accepted := 0
	for _, alternative := range alternatives {
		if w.value(alternative, v) {
			accepted++
		}
	}
	return accepted
}

// anyUnsure reports whether the walk may take one of the alternatives for refused although it is accepted. Inside
// Cilium's definitions every alternative only asks for a field to be present.
func anyUnsure(alternatives []*node) bool {
	for _, n := range alternatives {
		if n.unsure || n.jsonType != "" || n.enum != nil || n.pattern != nil || n.items != nil || n.additional != nil ||
			n.anyOf != nil || n.oneOf != nil || n.allOf != nil || n.not != nil {
			return true
		}
		for _, property := range n.properties {
			if !property.open() {
				return true
			}
		}
	}
	return false
}

// open reports whether the schema has nothing to say.
func (n *node) open() bool {
	return len(n.properties) == 0 && len(n.required) == 0 && !anyUnsure([]*node{n})
}

func within(v int64, low, high *int64) bool {
	return (low == nil || v >= *low) && (high == nil || v <= *high)
}

// distinct reports whether all items are text and none stands twice.
func distinct(items []any) bool {
	seen := make(map[string]bool, len(items))
	for _, v := range items {
		s, ok := v.(string)
		if !ok || seen[s] {
			return false
		}
		seen[s] = true
	}
	return true
}
