package equiv

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
)

// aboutNames is said where a set of Cilium names DNS names: which addresses they have is learned at run time.
const aboutNames = "what DNS names allow, of which none is taken to be learned"

// Names weighs what the sets say of DNS names. The judges take no name to be learned, so rules about names have no part
// in their verdicts. The same rules on both sides change nothing, beside the same rules that go before them. Otherwise
// sets that seem equivalent may not be, and only what the left side alone says of names is surely less.
func (r *Result) Names(left, right *Side) error {
	var rules [2]namedRules
	for i, s := range []*Side{left, right} {
		var err error
		if rules[i], err = namedRulesOf(s); err != nil {
			return err
		}
	}
	if len(rules[0].named)+len(rules[1].named) == 0 {
		return nil
	}
	r.Apart = append([]string{aboutNames}, r.Apart...)
	if maps.Equal(rules[0].named, rules[1].named) && maps.Equal(rules[0].before, rules[1].before) {
		return nil
	}
	if r.Answer == Equivalent {
		r.Answer = Unknown
	}
	r.MayOpen = len(rules[1].named) > 0
	return nil
}

// namedRules are the rules that decide about addresses which DNS names stand for.
type namedRules struct {
	// named are the specs of a set that speak of DNS names, each with what else decides about it, before those that may
	// deny what a name has allowed: of an address that nothing else allows no verdict shows whether they do.
	named, before map[string]bool
}

func namedRulesOf(s *Side) (namedRules, error) {
	out := namedRules{map[string]bool{}, map[string]bool{}}
	for _, doc := range s.Documents {
		text, err := doc.JSON()
		if err == nil && !slices.ContainsFunc([]string{"toFQDNs", "domainNames", "egressDeny", "ClusterNetworkPolicy"}, func(word string) bool { return bytes.Contains(text, []byte(word)) }) {
			continue // as nearly all
		}
		var object map[string]any
		if err == nil {
			err = json.Unmarshal(text, &object)
		}
		if err != nil {
			return out, fmt.Errorf("%s: %w", doc.Pos, err)
		}
		specs, _ := object["specs"].([]any)
		for _, spec := range append(specs, object["spec"]) {
			if err := out.add(s, doc, spec); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// add takes in a spec.
func (n *namedRules) add(s *Side, doc *source.Document, spec any) error {
	of, _ := spec.(map[string]any)
	var into map[string]bool
	switch denies, _ := of["egressDeny"].([]any); {
	case hasNames(of["egress"]):
		into = n.named
	case doc.Object.Kind == "ClusterNetworkPolicy" && of["egress"] != nil:
		into = n.before
	case len(denies) > 0:
		into = n.before
		spec = []any{of["endpointSelector"], of["nodeSelector"], denies}
	default:
		return nil
	}
	key, err := json.Marshal([]any{s.CNI, doc.Object.Kind, doc.Object.Namespace, spec, s.patterns(spec)})
	if err != nil {
		return fmt.Errorf("%s: %w", doc.Pos, err)
	}
	into[string(key)] = true
	return nil
}

// patterns tells apart in which way a side reads patterns with several stars or a final dot, if there are any: before
// Cilium 1.19 they stood for one label (pkg/fqdn/matchpattern/matchpattern.go).
func (s *Side) patterns(spec any) string {
	text, err := json.Marshal(spec)
	version, unknown := compat.ParseVersion(s.Facts.Cilium.Version)
	if err != nil || unknown != nil || version.AtLeast(1, 19) || !bytes.Contains(text, []byte("**")) && !bytes.Contains(text, []byte(`"*."`)) {
		return ""
	}
	return "one label"
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
