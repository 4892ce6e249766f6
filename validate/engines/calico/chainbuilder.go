package calico

import (
	"slices"

	"github.com/projectcalico/calico/felix/proto"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/model"
)

// A chainBuilder makes the chains of endpoints of shared compiled policies.
type chainBuilder struct {
	options  options
	policies map[string]*policy
	profiles map[string]*policy
	missing  []string // what chains name and nothing was computed for
}

func (b *chainBuilder) chain(tiers []*proto.TierInfo, profiles []string) *chain {
	c := &chain{}
	for _, t := range tiers {
		names := [2][]string{ingress: t.IngressPolicies, egress: t.EgressPolicies}
		if b.options.withoutDirections {
			both := slices.Concat(t.IngressPolicies, t.EgressPolicies)
			slices.Sort(both)
			both = slices.Compact(both)
			names = [2][]string{both, both}
		}
		for _, d := range []direction{ingress, egress} {
			if enforced := b.enforced(names[d]); len(enforced) > 0 {
				c.tiers[d] = append(c.tiers[d], tier{name: t.Name, defaultAction: t.DefaultAction, policies: enforced})
			}
		}
	}
	for _, name := range profiles {
		profile := b.profiles[name]
		if profile == nil {
			b.missing = append(b.missing, "profile "+name)
			continue
		}
		c.profiles = append(c.profiles, profile)
	}
	return c
}

// enforced leaves out staged policies. A tier that holds only staged ones for a direction has no end
// there (felix/rules/endpoints.go, endOfTierDrop).
func (b *chainBuilder) enforced(names []string) []*policy {
	var policies []*policy
	for _, name := range names {
		if model.PolicyIsStaged(name) && !b.options.withoutStagedExcluded {
			continue
		}
		pol := b.policies[name]
		if pol == nil {
			b.missing = append(b.missing, "policy "+name)
			continue
		}
		policies = append(policies, pol)
	}
	return policies
}
