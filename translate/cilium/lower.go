package cilium

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/translate/source"
)

// The tiers of a set that Cilium enforces (pkg/policy/types/policyentry.go).
const (
	tierAdmin    = "admin"
	tierNormal   = "normal"
	tierBaseline = "baseline"
)

// Lower reads Cilium's policies, CIDR groups and the Kubernetes policies, which are already lowered, as the one set
// that Cilium enforces.
func Lower(docs []*source.Document, kube []*model.Policy, e *env.Env) *model.Set {
	l := &lowerer{dialect: newDialect(e, e.Source), groups: map[string]*cidrGroup{}}
	normal := &model.Tier{Name: tierNormal, Default: model.Deny, Unordered: true}
	var admin, baseline []*model.Policy
	enforced := l.enforcement(docs, normal)
	for _, doc := range docs {
		if doc.Object.Kind == "CiliumCIDRGroup" {
			l.readGroup(doc)
		}
	}
	for _, p := range kube {
		l.seenByCilium(p)
		switch {
		case !enforced:
			l.env.Note(p.Doc, diag.NotEnforced, "", neverHint, neverEnforced)
		case p.Object.Kind == "NetworkPolicy":
			normal.Policies = append(normal.Policies, p)
		case isBaseline(p):
			baseline = append(baseline, p)
		default:
			admin = append(admin, p)
		}
	}
	if enforced {
		for i, o := range parallel.Ahead(len(docs), func(i int) *decodedPolicy { return decodePolicy(docs[i]) }) {
			if o != nil {
				normal.Policies = append(normal.Policies, l.policies(docs[i], o)...)
			}
		}
		l.dangerLabels(normal)
	}
	set := &model.Set{}
	if len(admin) > 0 {
		set.Tiers = append(set.Tiers, &model.Tier{Name: tierAdmin, Default: model.Pass, Policies: l.byPriority(admin)})
	}
	set.Tiers = append(set.Tiers, normal)
	if len(baseline) > 0 {
		set.Tiers = append(set.Tiers, &model.Tier{Name: tierBaseline, Default: model.Pass, Policies: l.byPriority(baseline)})
	}
	l.ownNodeKeptOut(set)
	return set
}

// What is said of every policy while nothing is enforced.
const (
	neverHint     = "set policyEnforcementMode to default, or leave the policy out"
	neverEnforced = "Cilium enforces no policy while policyEnforcementMode is never"
)

// lowerer reads one set.
type lowerer struct {
	*dialect
	groups map[string]*cidrGroup
}

// enforcement applies policyEnforcementMode (pkg/policy/repository.go): "never" enforces nothing, "always" puts every
// endpoint into default deny. It reports whether anything is enforced.
func (l *lowerer) enforcement(docs []*source.Document, normal *model.Tier) bool {
	switch l.facts.Cilium.EnforcementMode {
	case "never":
		l.env.Relied.On(cluster.FactEnforcementMode)
		for _, doc := range docs {
			l.passOver(doc, diag.NotEnforced, "", neverHint, neverEnforced)
		}
		return false
	case "always":
		l.env.Relied.On(cluster.FactEnforcementMode)
		p := &model.Policy{Subject: all}
		p.Object = diag.Object{APIVersion: "cilium.io/v2", Kind: "CiliumClusterwideNetworkPolicy", Name: "policy-enforcement-always"}
		p.Pos = l.facts.Cilium.EnforcementModeAt
		p.Sections = [2]*model.Section{{Isolates: true}, {Isolates: true}}
		l.note(p.Origin, diag.DefaultDenyAdded, "", "policyEnforcementMode is always, so every pod is isolated in both directions")
		normal.Policies = append(normal.Policies, p)
	}
	return true
}

// passOver reports a document that has no say in any verdict, and closes its ledger.
func (l *lowerer) passOver(doc *source.Document, code *diag.Code, path, hint, format string, args ...any) {
	l.env.Note(doc, code, path, hint, format, args...)
	for _, field := range []string{"spec", "specs"} {
		l.env.Ledger(doc).Reported(field, code.ID)
	}
	l.env.Ledger(doc).Metadata()
}

func isBaseline(p *model.Policy) bool {
	if p.Doc == nil {
		return false
	}
	tier, _ := p.Doc.Scalar("spec.tier")
	return tier == "Baseline"
}

// byPriority puts policies of one ordered tier in order. Policies of one priority are evaluated rule by rule, all
// first rules together, and there a deny wins and a pass comes next (pkg/k8s/cluster_network_policy.go gives a rule
// the priority of its policy and a hundredth of its index), so they are taken apart.
func (l *lowerer) byPriority(policies []*model.Policy) []*model.Policy {
	slices.SortStableFunc(policies, func(a, b *model.Policy) int {
		switch x, y := priorityOf(a), priorityOf(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return strings.Compare(a.Object.Name, b.Object.Name)
	})
	var out []*model.Policy
	for i := 0; i < len(policies); {
		j := i + 1
		for j < len(policies) && priorityOf(policies[j]) == priorityOf(policies[i]) {
			j++
		}
		if j-i == 1 {
			out = append(out, policies[i])
		} else {
			out = append(out, l.interleave(policies[i:j])...)
		}
		i = j
	}
	return out
}

func priorityOf(p *model.Policy) float64 {
	if p.SourceOrder == nil {
		return 0
	}
	return *p.SourceOrder
}

// interleave takes policies of one priority apart, one policy for each rule.
func (l *lowerer) interleave(policies []*model.Policy) []*model.Policy {
	for _, p := range policies[1:] {
		l.note(p.Origin, diag.EqualOrder, "give every policy a priority of its own",
			"%s has the priority of %s: Cilium evaluates their rules in turns, and a deny wins", p.Object, policies[0].Object)
	}
	var out []*model.Policy
	for _, d := range []model.Direction{model.Ingress, model.Egress} {
		for index := 0; ; index++ {
			turn := rulesAt(policies, d, index)
			if len(turn) == 0 {
				break
			}
			slices.SortStableFunc(turn, func(a, b *model.Policy) int { return rank(a, d) - rank(b, d) })
			out = append(out, turn...)
		}
	}
	return out
}

// rulesAt are the rules at one index of a direction, each as a policy.
func rulesAt(policies []*model.Policy, d model.Direction, index int) []*model.Policy {
	var out []*model.Policy
	for _, p := range policies {
		s := p.Sections[d]
		if s == nil || index >= len(s.Rules) {
			continue
		}
		one := *p
		one.Unchanged = false
		one.Sections = [2]*model.Section{}
		one.Sections[d] = &model.Section{Isolates: s.Isolates, Rules: s.Rules[index : index+1]}
		out = append(out, &one)
	}
	return out
}

func rank(p *model.Policy, d model.Direction) int {
	switch p.Sections[d].Rules[0].Action {
	case model.Deny:
		return 0
	case model.Pass:
		return 1
	}
	return 2
}
