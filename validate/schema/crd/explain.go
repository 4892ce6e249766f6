package crd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/schema/problem"
)

// unknownField reports a field that the schema does not have, and which one was probably meant.
func (d *Definition) unknownField(object any, path string) problem.Problem {
	at := problem.Resolve(object, path)
	out := problem.Problem{
		Path:    at.String(),
		Message: "there is no such field here; an API server drops it or refuses the object",
		Cause:   problem.UnknownField,
	}
	keys := at.Keys()
	if n := d.walk.find(keys[:max(len(keys)-1, 0)]); n != nil && len(keys) > 0 {
		if near := source.Nearest(keys[len(keys)-1], slices.Collect(maps.Keys(n.properties))); near != "" {
			out.Hint = fmt.Sprintf("did you mean %q?", near)
		}
	}
	return out
}

const (
	atLeastOne = "needs at least one of "
	exactlyOne = "needs exactly one of "
)

// explain names the fields where the schema validator says only that no alternative, or more than one, holds. Wherever
// Cilium's definitions have alternatives, each asks for one field.
func (d *Definition) explain(at *problem.Path, message string) string {
	n := d.walk.find(at.Keys())
	switch {
	case n == nil:
	case strings.HasPrefix(message, "must validate at least one schema (anyOf)"):
		if fields := askedFor(n.anyOf); fields != nil {
			return atLeastOne + strings.Join(fields, ", ")
		}
	case strings.HasPrefix(message, "must validate one and only one schema (oneOf)"):
		if fields := askedFor(n.oneOf); fields != nil {
			return exactlyOne + strings.Join(fields, ", ")
		}
	}
	return message
}

// withoutGuesses takes away that the first of the alternatives is required, which the validator says as well.
func withoutGuesses(problems problem.List) problem.List {
	guessed := map[string]bool{}
	for _, p := range problems {
		for _, lead := range []string{atLeastOne, exactlyOne} {
			if fields, ok := strings.CutPrefix(p.Message, lead); ok {
				for _, key := range strings.Split(fields, ", ") {
					guessed[source.Field(p.Path, key)] = true
				}
			}
		}
	}
	return slices.DeleteFunc(problems, func(p problem.Problem) bool {
		return guessed[p.Path] && p.Message == "required value"
	})
}

// find is the schema that a path leads to, or nil.
func (n *node) find(keys []string) *node {
	for _, key := range keys {
		switch {
		case n == nil:
			return nil
		case key == "":
			n = n.items
		case n.properties[key] != nil:
			n = n.properties[key]
		default:
			n = n.additional
		}
	}
	return n
}

// askedFor are the fields that the alternatives ask for, if each asks for one.
func askedFor(alternatives []*node) []string {
	var fields []string
	for _, alternative := range alternatives {
		if len(alternative.required) != 1 {
			return nil
		}
		fields = append(fields, alternative.required[0])
	}
	return fields
}
