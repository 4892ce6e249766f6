package synthetic

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
)

// Around makes the cluster around what is given of it: objects other than pods, and what facts say of them. What is
// given stands as it is; only what is missing is made.
func Around(given []*source.Document, facts *cluster.Facts, policies ...[]*source.Document) ([]*source.Document, error) {
	b := &builder{given: map[string]bool{}, facts: facts}
	var out []*source.Document
	for _, doc := range given {
		if doc.Object.Kind != "ClusterFacts" {
			b.given[doc.Object.Kind+" "+doc.Object.Namespace+"/"+doc.Object.Name] = true
			out = append(out, doc)
			continue
		}
		text, err := doc.JSON()
		if err == nil {
			err = json.Unmarshal(text, &b.statement)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doc.Pos, err)
		}
	}
	made, err := b.build(policies)
	return append(out, made...), err
}

// state adds the ClusterFacts document: what is said in the given one, and for the rest what is made.
func (b *builder) state(made object) {
	stated, _ := b.statement["spec"].(object)
	spec := maps.Clone(stated)
	if spec == nil {
		spec = object{}
	}
	for key, known := range map[string]bool{
		"podCIDRs": b.facts.PodCIDRs != nil, "serviceCIDRs": b.facts.ServiceCIDRs != nil, "apiServers": b.facts.APIServers != nil,
		// Given nodes may have addresses anywhere.
		"nodeCIDRs": b.facts.NodeCIDRs != nil || len(b.facts.Nodes) > 0,
		"complete":  b.facts.Complete,
	} {
		if _, said := spec[key]; !said && !known {
			spec[key] = made[key]
		}
	}
	b.add(object{"apiVersion": "policyferry.io/v1alpha1", "kind": "ClusterFacts", "spec": spec})
}

// nth is the n-th address, from 1, in the ranges that are given, or else in the one that is made.
func nth(n int, ranges []netip.Prefix, made string) (netip.Addr, bool) {
	if len(ranges) == 0 {
		ranges = []netip.Prefix{netip.MustParsePrefix(made)}
	}
	for _, r := range ranges {
		if bits := r.Addr().BitLen() - r.Bits(); bits < 31 && n+1 >= 1<<bits {
			n -= max(0, 1<<bits-2) // the first and the last address of a range are nobody's
			continue
		}
		bytes := r.Masked().Addr().As16()
		for i, rest := 15, n; rest > 0; i-- {
			rest += int(bytes[i])
			bytes[i], rest = byte(rest), rest>>8
		}
		return netip.AddrFrom16(bytes).Unmap(), true
	}
	return netip.Addr{}, false
}
