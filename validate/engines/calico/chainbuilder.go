package calico

import (
	"slices"
	"strings"

	"github.com/projectcalico/calico/felix/proto"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/model"
)

// A chainBuilder makes the chains of endpoints of shared compiled policies.
type chainBuilder struct {
	options  options
	policies map[string]*policy
	profiles map[string]*policy
	tiers    map[string]*tier
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
			if shared := b.tier(t, d, names[d]); shared != nil {
				c.tiers[d] = append(c.tiers[d], shared)
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

// tier gives the part of a tier with these policies, or nil when none of them is enforced.
func (b *chainBuilder) tier(t *proto.TierInfo, d direction, names []string) *tier {
	key := d.String() + "\x00" + t.Name + "\x00" + t.DefaultAction + "\x00" + strings.Join(names, "\x00")
	shared, known := b.tiers[key]
	if known {
		return shared
	}
	if enforced := b.enforced(names); len(enforced) > 0 {
		shared = &tier{name: t.Name, defaultAction: t.DefaultAction}
		for family := range shared.entries {
			shared.entries[family] = entriesOf(enforced, d, family)
		}
	}
	b.tiers[key] = shared
	return shared
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
