package rehearse

import (
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint"
)

// score counts what could leave exactly, as lint --portable-to does.
func (e *estate) score() error {
	e.opt.progress(e.Name + ": counting")
	o := lint.Options{CNI: e.opt.To.Other(), PortableTo: []lint.Target{lint.Target(e.opt.To)}, Cluster: e.cluster, DefaultNamespace: e.opt.Namespace}
	o.CalicoVersion, o.CiliumVersion = e.Source.Version, e.Target.Version
	if e.Source.CNI == "cilium" {
		o.CalicoVersion, o.CiliumVersion = e.Target.Version, e.Source.Version
	}
	r, err := lint.Run(e.policies, o)
	if err != nil {
		return err
	}
	for _, f := range r.Findings {
		if f.Code == diag.LeavesSoon {
			e.leaving = append(e.leaving, found{f.Finding, stepScore})
		}
	}
	e.Score = Score{Namespaces: []NamespaceScore{}, Policies: map[string]int{}, Rules: map[string]int{}, PolicyShare: 100, RuleShare: 100}
	for _, s := range r.Portability {
		e.Score.Policies, e.Score.Rules = counts(s.Policies), counts(s.Rules)
		e.Score.PolicyShare, e.Score.RuleShare = lint.Share(s.Policies), lint.Share(s.Rules)
		for _, name := range slices.Sorted(maps.Keys(s.ByNamespace)) {
			e.Score.Namespaces = append(e.Score.Namespaces, NamespaceScore{name, counts(s.ByNamespace[name]), lint.Share(s.ByNamespace[name])})
		}
		// Of nothing everything could leave, unless nothing is counted because it cannot be read as policy.
		if lint.Total(s.Policies) == 0 && (e.Summary.Read == 0 || e.Summary.Refused > 0) {
			e.Score.PolicyShare, e.Score.RuleShare = 0, 0
		}
	}
	return nil
}

func counts(by map[lint.Class]int) map[string]int {
	out := map[string]int{}
	for class, n := range by {
		out[string(class)] = n
	}
	return out
}
