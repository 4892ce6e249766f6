package calico

import (
	"cmp"
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// The tiers that Raise makes around "default", and the orders of policies in it. Kubernetes NetworkPolicies have
// order 1000 there.
const (
	tierDeny   = "policyferry-deny"
	tierAllow  = "policyferry-allow"
	orderDeny  = 100
	orderAllow = 1000

	tierOrderBefore = 800_000
	tierOrderDeny   = 900_000
	tierOrderAllow  = 950_000
	tierOrderAfter  = 1_100_000
)

// addTier writes a tier, once.
func (r *raiser) addTier(name string, order float64, action model.Action) {
	if slices.ContainsFunc(r.tiers, func(t *object) bool { return t.Metadata.Name == name }) {
		return
	}
	r.tiers = append(r.tiers, &object{APIVersion: apiVersion, Kind: "Tier", Metadata: metadata{Name: name},
		Spec: tierSpec{Order: order, DefaultAction: actionNames[action]}})
	slices.SortFunc(r.tiers, func(a, b *object) int {
		return cmp.Compare(a.Spec.(tierSpec).Order, b.Spec.(tierSpec).Order)
	})
}

// tierFor makes the tier for the i-th tier of the set, and returns its name.
func (r *raiser) tierFor(t *model.Tier, i, main int) string {
	if i == main && t.Default == model.Deny {
		return tierDefault
	}
	if slices.IndexFunc(t.Policies, func(p *model.Policy) bool { return !p.Unchanged }) < 0 {
		return "" // everything in it stays what it is
	}
	name := validLabel(t.Name)
	if builtin(name) {
		name = "policyferry-" + name
	}
	order := float64(tierOrderBefore + i)
	if main >= 0 && i > main {
		order = float64(tierOrderAfter + i)
	}
	if r.knowsTiers() {
		r.addTier(name, order, t.Default)
	}
	return name
}

func builtin(name string) bool {
	switch name {
	case tierDefault, tierANP, tierBANP, tierAdmin, tierBaseline:
		return true
	}
	return false
}

// ordered writes a tier in which policies and rules stand in order.
func (r *raiser) ordered(t *model.Tier, name string) {
	orders := ordersOf(t.Policies)
	for i, p := range t.Policies {
		if p.Unchanged {
			r.passThrough(p)
			continue
		}
		if name != tierDefault && !r.knowsTiers() {
			r.withoutTier(p, diag.Opens)
			continue
		}
		w := r.writer(p, name, "")
		w.order = orders[i]
		for d, s := range p.Sections {
			if s == nil {
				continue
			}
			w.types[d] = s.Isolates || len(s.Rules) > 0
			for _, rule := range s.Rules {
				w.addRule(rule, model.Direction(d), nil)
			}
		}
		w.emit(p.Selected())
	}
}

// ordersOf is the orders of the source where they say the sequence, and new ones where they do not.
func ordersOf(policies []*model.Policy) []float64 {
	out := make([]float64, len(policies))
	rising := true
	for i, p := range policies {
		if p.SourceOrder == nil || i > 0 && *p.SourceOrder <= out[i-1] {
			rising = false
			break
		}
		out[i] = *p.SourceOrder
	}
	for i := range out {
		if !rising {
			out[i] = float64(10 * (i + 1))
		}
	}
	return out
}

// unordered writes the tier without order.
func (r *raiser) unordered(set *model.Set, at int) {
	l := r.layout(set, at)
	for _, p := range set.Tiers[at].Policies {
		if p.Unchanged {
			r.passThrough(p)
			continue
		}
		l.policy(p)
	}
	for _, t := range set.Tiers[at+1:] {
		l.beforeIsolation(t)
	}
}

// layout is where the parts of the policies of a tier without order go.
type layout struct {
	*raiser
	tier *model.Tier
	// isolating per class and direction are the selectors that the tier puts into default deny.
	isolating [2][2]selector.Index[selector.Selector]
	// denies is the tier in which all denies stand when allows stand before "default" as well.
	early bool
	// later says that tiers follow that may deny.
	later bool
}

func (r *raiser) layout(set *model.Set, at int) *layout {
	l := &layout{raiser: r, tier: set.Tiers[at]}
	for _, t := range set.Tiers[at+1:] {
		l.later = l.later || len(t.Policies) > 0
	}
	for _, p := range l.tier.Policies {
		for d, s := range p.Sections {
			if l.isolates(s) {
				l.isolating[p.Class][d].Add(p.Selected(), p.Selected())
			}
		}
	}
	for _, p := range l.tier.Policies {
		for d := range p.Sections {
			l.early = l.early || l.allowsEarly(p, d)
		}
	}
	return l
}

func (l *layout) isolates(s *model.Section) bool {
	return s != nil && s.Isolates && l.tier.Default == model.Deny
}

// allowsEarly reports whether the allows of a section have to stand before "default": it does not isolate, so there
// they would, and they matter, because others isolate some of its endpoints or later tiers may deny.
func (l *layout) allowsEarly(p *model.Policy, d int) bool {
	s := p.Sections[d]
	if s == nil || l.isolates(s) || !allows(s) {
		return false
	}
	isolated := l.isolated(p, d, p.Subject)
	return (l.later || isolated.Overlaps(p.Subject)) && !isolated.Covers(p.Subject)
}

// isolated is what of the subject some policy of the tier puts into default deny.
func (l *layout) isolated(p *model.Policy, d int, subject selector.Selector) selector.Selector {
	out := selector.None()
	for _, s := range l.isolating[p.Class][d].Near(subject) {
		if s.Overlaps(subject) {
			out = out.Or(s)
		}
	}
	return out
}

func allows(s *model.Section) bool {
	return slices.ContainsFunc(s.Rules, func(r *model.Rule) bool { return r.Action != model.Deny })
}

// policy writes the parts of one policy.
func (l *layout) policy(p *model.Policy) {
	deny := l.writer(p, tierDefault, "-deny")
	deny.order = orderDeny
	earlyDeny := l.writer(p, tierDeny, "")
	allow := l.writer(p, tierDefault, "")
	earlyAllow := l.writer(p, tierAllow, "")
	allow.order, earlyDeny.order, earlyAllow.order = orderAllow, orderAllow, orderAllow
	for d, s := range p.Sections {
		if s == nil {
			continue
		}
		isolates := l.isolates(s)
		inDefault := isolates || l.isolated(p, d, p.Selected()).Covers(p.Selected())
		denies, permits := deny, allow
		if !inDefault || l.early {
			denies = earlyDeny
		}
		if l.allowsEarly(p, d) {
			permits = earlyAllow
		}
		allow.types[d] = allow.types[d] || isolates
		for _, rule := range s.Rules {
			if rule.Action != model.Deny && !inDefault && permits == allow {
				l.note(rule.Origin, diag.Unreachable, "", "nothing denies what this rule allows, so nothing is written for it")
				continue
			}
			permits.addRule(rule, model.Direction(d), denies)
		}
	}
	if len(earlyDeny.rules[0])+len(earlyDeny.rules[1]) > 0 && l.hasTier(p, tierDeny, tierOrderDeny, diag.Opens) {
		earlyDeny.emit(p.Selected())
	}
	if len(earlyAllow.rules[0])+len(earlyAllow.rules[1]) > 0 && l.hasTier(p, tierAllow, tierOrderAllow, diag.Narrows) {
		earlyAllow.emit(p.Selected())
	}
	if !allow.adds(deny) {
		deny.suffix = ""
	}
	deny.emit(p.Selected())
	if !allow.adds(deny) {
		return
	}
	allow.emit(p.Selected())
}

// adds reports whether the policy says more than the other one of the same tier does: rules, or a direction in which
// endpoints are isolated.
func (w *policyWriter) adds(other *policyWriter) bool {
	for d := range w.rules {
		if len(w.rules[d]) > 0 || w.types[d] && !other.types[d] {
			return true
		}
	}
	return false
}

// hasTier makes a tier that passes on, or reports that there are none.
func (l *layout) hasTier(p *model.Policy, name string, order float64, lost diag.Effect) bool {
	if !l.knowsTiers() {
		l.withoutTier(p, lost)
		return false
	}
	l.addTier(name, order, model.Pass)
	return true
}

// knowsTiers reports whether Calico has tiers: since 3.29.
func (r *raiser) knowsTiers() bool { return r.env.Target.Version.AtLeast(3, 29) }

// withoutTier reports a policy of which a part needs a tier of its own and is left out.
func (r *raiser) withoutTier(p *model.Policy, lost diag.Effect) {
	f := diag.Setting.At(p.Pos, p.Object, p.Path, "what does not isolate needs a tier, which Calico has since 3.29, and the target is %s; this part is left out",
		r.env.Target.Version)
	f.Hint, f.Override = "upgrade Calico before the migration, and state the version with --target-version", lost
	r.env.Findings.Add(f)
}
