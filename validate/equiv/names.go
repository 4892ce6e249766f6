package equiv

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/source"
)

// aboutNames is said where a set of Cilium names DNS names: which addresses they have is learned at run time.
const aboutNames = "what DNS names allow, of which none is taken to be learned"

// Names weighs what the sets say of DNS names. The judges take no name to be learned, so rules about names have no part
// in their verdicts. The same rules on both sides change nothing. Otherwise sets that seem equivalent may not be, and
// only what the left side alone says of names is surely less.
func (r *Result) Names(left, right *Side) error {
	var rules [2]map[string]bool
	for i, s := range []*Side{left, right} {
		var err error
		if rules[i], err = namedRules(s.Documents); err != nil {
			return err
		}
	}
	if len(rules[0])+len(rules[1]) == 0 {
		return nil
	}
	r.Apart = append([]string{aboutNames}, r.Apart...)
	if maps.Equal(rules[0], rules[1]) {
		return nil
	}
	if r.Answer == Equivalent {
		r.Answer = Unknown
	}
	r.MayOpen = len(rules[1]) > 0
	return nil
}

// namedRules are the specs of a set that speak of DNS names, each with what else decides about it.
func namedRules(docs []*source.Document) (map[string]bool, error) {
	out := map[string]bool{}
	for _, doc := range docs {
		text, err := doc.JSON()
		if err == nil && !bytes.Contains(text, []byte("toFQDNs")) && !bytes.Contains(text, []byte("domainNames")) {
			continue // as nearly all
		}
		var object map[string]any
		if err == nil {
			err = json.Unmarshal(text, &object)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doc.Pos, err)
		}
		specs, _ := object["specs"].([]any)
		for _, spec := range append(specs, object["spec"]) {
			if of, _ := spec.(map[string]any); !hasNames(of["egress"]) {
				continue
			}
			key, err := json.Marshal([]any{doc.Object.Kind, doc.Object.Namespace, spec})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", doc.Pos, err)
			}
			out[string(key)] = true
		}
	}
	return out, nil
}

// hasNames looks for DNS names.
func hasNames(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for key, below := range v {
			if key == "toFQDNs" || key == "domainNames" || hasNames(below) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasNames)
	}
	return false
}
