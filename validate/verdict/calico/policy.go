package calico

import (
	"cmp"
	"math"
	"slices"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/calico/libcalico-go/lib/selector"

	"github.com/policyferry/policyferry/translate/source"
)

// direction is ingress or egress, as seen from the endpoint.
type direction int

const (
	ingress direction = iota
	egress
)

// policy is one policy that Felix enforces.
type policy struct {
	object string // "Kind namespace/name" as it was written
	doc    *source.Document
	tier   string
	// namespace is set for policies that select endpoints of one namespace only.
	namespace string
	order     float64
	// tieBreak decides between equal orders.
	tieBreak                            string
	selector                            *selector.Selector
	governs                             [2]bool
	rules                               [2][]rule
	doNotTrack, preDNAT, applyOnForward bool
}

// tier is a tier and its policies in the order in which they are walked.
type tier struct {
	name     string
	order    float64
	missing  bool // no Tier object: it comes last and denies (felix/calc/policy_sorter.go, TierLess)
	pass     bool // the default action is Pass
	policies []*policy
	// confined are the indices of policies by the namespace that they are confined to.
	confined map[string][]int
}

// draft is a policy with its spec in Calico's own form, whatever kind it was written as.
type draft struct {
	// policy is what is known already; its namespace scopes the selectors of rules as well.
	policy
	subject string
	types   []apiv3.PolicyType
	ingress []apiv3.Rule
	egress  []apiv3.Rule
	// written tells which element of ingress or egress, as written, each rule comes from; nil where they are the same.
	written [2][]int
}

// finish compiles a draft. Felix takes an empty list of types as both (felix/calc/policy_sorter.go,
// ExtractPolicyMetadata); forms that have a default of their own fill it in before.
func (d *draft) finish(c *compiler) (*policy, error) {
	p := d.policy
	var err error
	if p.selector, err = selector.Parse(d.subject); err != nil {
		return nil, err
	}
	p.governs[ingress] = len(d.types) == 0 || hasType(d.types, apiv3.PolicyTypeIngress)
	p.governs[egress] = len(d.types) == 0 || hasType(d.types, apiv3.PolicyTypeEgress)
	if p.rules[ingress], err = c.rules(d.ingress, d.namespace); err != nil {
		return nil, err
	}
	if p.rules[egress], err = c.rules(d.egress, d.namespace); err != nil {
		return nil, err
	}
	for _, at := range []direction{ingress, egress} {
		for i := range p.rules[at] {
			p.rules[at][i].index = i
			if d.written[at] != nil {
				p.rules[at][i].index = d.written[at][i]
			}
		}
	}
	return &p, nil
}

// crashes says why Felix stops when it is given the policy, or nothing.
func (p *policy) crashes() string {
	for _, r := range slices.Concat(p.rules[ingress], p.rules[egress]) {
		if r.crashes {
			return r.unsure
		}
	}
	return ""
}

// hasType compares as Felix does, without case: a raw object may hold any spelling.
func hasType(types []apiv3.PolicyType, want apiv3.PolicyType) bool {
	return slices.ContainsFunc(types, func(t apiv3.PolicyType) bool { return equalFold(string(t), string(want)) })
}

func orderOf(order *float64) float64 {
	if order == nil {
		return math.Inf(1)
	}
	return *order
}

// sortTiers orders tiers and their policies (felix/calc/policy_sorter.go, TierLess and PolKVLess).
func sortTiers(tiers []*tier) {
	for _, t := range tiers {
		slices.SortFunc(t.policies, func(a, b *policy) int {
			return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.tieBreak, b.tieBreak))
		})
		t.confined = map[string][]int{}
		for i, p := range t.policies {
			t.confined[p.namespace] = append(t.confined[p.namespace], i)
		}
	}
	slices.SortFunc(tiers, func(a, b *tier) int {
		if a.missing != b.missing {
			if b.missing {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.name, b.name))
	})
}
