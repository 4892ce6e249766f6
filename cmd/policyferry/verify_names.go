package main

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
)

// aboutNames is said where a set of Cilium names DNS names: which addresses they have is learned at run time.
const aboutNames = "what DNS names allow, of which none is taken to be learned"

// namedRules are the rules of a set that speak of DNS names, each with what else decides about it.
func namedRules(docs []*source.Document) (map[string]bool, error) {
	out := map[string]bool{}
	for _, doc := range docs {
		text, err := doc.JSON()
		var object struct {
			Spec  map[string]any
			Specs []map[string]any
		}
		if err == nil {
			err = json.Unmarshal(text, &object)
		}
		if err != nil {
			return nil, err
		}
		for _, spec := range append(object.Specs, object.Spec) {
			if !names(spec["egress"]) {
				continue
			}
			key, err := json.Marshal([]any{doc.Object.Kind, doc.Object.Namespace, spec})
			if err != nil {
				return nil, err
			}
			out[string(key)] = true
		}
	}
	return out, nil
}

// names looks for DNS names.
func names(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for key, below := range v {
			if key == "toFQDNs" || key == "domainNames" || names(below) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, names)
	}
	return false
}

// weighNames tells what names do to an answer. Rules about names that are the same on both sides change nothing;
// otherwise sets that seem equivalent may not be, and only what the left side alone says of names is surely less.
func weighNames(r *equiv.Result, left, right *equiv.Side) (unsure bool, err error) {
	var rules [2]map[string]bool
	for i, s := range []*equiv.Side{left, right} {
		if rules[i], err = namedRules(s.Documents); err != nil {
			return false, err
		}
	}
	if len(rules[0])+len(rules[1]) == 0 {
		return false, nil
	}
	r.Apart = append([]string{aboutNames}, r.Apart...)
	if maps.Equal(rules[0], rules[1]) {
		return false, nil
	}
	if r.Answer == equiv.Equivalent {
		r.Answer = equiv.Unknown
	}
	return len(rules[1]) > 0, nil
}
