package calico

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

const labelHostname = "kubernetes.io/hostname"

// host fits a policy for nodes. Calico polices host endpoints, and only automatic ones follow the nodes' labels. Its
// failsafe ports stay open whatever policy says (felix/config/config_params.go).
func (f *fitter) host(p *model.Policy) {
	if p.Selected().IsNone() {
		return
	}
	auto := f.space.facts.Calico.AutoHostEndpoints
	if auto == nil || !*auto {
		f.opens(p.Origin, diag.HostPolicy, cluster.FactAutoHostEndpoints.Hint(),
			"policy for nodes is left out: Calico enforces it on host endpoints, and it is not known that every node has an automatic one")
		p.Subject, p.MaybeSubject = selector.None(), selector.None()
		return
	}
	f.env.Relied.On(cluster.FactAutoHostEndpoints)
	f.opens(p.Origin, diag.HostPolicy, "empty the failsafe port lists of Calico if these ports must be closed",
		"Calico keeps its failsafe ports open on nodes whatever policy says")
	var exact bool
	if p.Subject, exact = f.byLabel(p.Subject); !exact {
		f.note(p.Origin, diag.NodeLabels, cluster.FactNodes.Hint(), "nodes chosen by name cannot be chosen by label here, so every node is treated as chosen")
		p.MaybeSubject = selector.All()
	}
}

// byLabel says node names as labels, which is all that host endpoints have.
func (f *fitter) byLabel(s selector.Selector) (selector.Selector, bool) {
	byName := func(k selector.Key) bool { return k.Kind == selector.NodeName }
	if !s.Uses(byName) {
		return s, true
	}
	var hosts []string
	for name, n := range f.space.facts.Nodes {
		if s.Match(nodeLabels(name, n)) {
			hosts = append(hosts, n.Labels[labelHostname])
		}
	}
	key := selector.Key{Kind: selector.NodeLabel, Name: labelHostname}
	out := selector.Where(key, selector.In(hosts...))
	for name, n := range f.space.facts.Nodes {
		value, ok := n.Labels[labelHostname]
		if !ok || out.Match(nodeLabels(name, n)) != s.Match(nodeLabels(name, n)) || value == "" {
			return selector.None(), false
		}
	}
	return out, len(f.space.facts.Nodes) > 0
}
