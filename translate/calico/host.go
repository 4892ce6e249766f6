package calico

import (
	"maps"
	"math"
	"slices"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// hostEndpoint is a host endpoint, from the set of documents or from the facts.
type hostEndpoint struct {
	*cluster.HostEndpoint
	// automatic says that Calico made it from its node and keeps it like the node.
	automatic bool
}

// addHosts takes in the host endpoints: those of the documents win over facts of the same name.
func (v *inventory) addHosts(documents map[string]*cluster.HostEndpoint, e *env.Env) {
	facts := e.Facts
	if facts == nil {
		facts = &cluster.Facts{}
	}
	all := maps.Clone(facts.HostEndpoints)
	if all == nil {
		all = map[string]*cluster.HostEndpoint{}
	}
	maps.Copy(all, documents)
	v.autoHosts = facts.Calico.AutoHostEndpoints != nil && *facts.Calico.AutoHostEndpoints
	e.Relied.On(cluster.FactHostEndpoints, cluster.FactAutoHostEndpoints)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		h := all[name]
		automatic := h.Labels[labelCreatedBy] == createdByControllers && h.InterfaceName == "*"
		v.hosts = append(v.hosts, hostEndpoint{h, automatic && v.autoHosts})
	}
}

// hostsWith is the nodes whose host endpoints match the expression. As a peer, a host endpoint is its expected
// addresses (felix/labelindex/named_port_index.go); if these are not all that the node has, it is in doubt whether
// the node is meant. Automatic ones follow their node and are left to its labels.
func (v *inventory) hostsWith(x *expression, s *space) reach {
	var out reach
	var whole []string
	for _, h := range v.hosts {
		if h.automatic || len(h.ExpectedIPs) == 0 || x.match(ownLabels(h.Labels)) != yes {
			continue
		}
		if n := s.facts.Nodes[h.Node]; n != nil && cidr.OfAddrs(h.ExpectedIPs...).ContainsSet(cidr.OfAddrs(n.Addresses...)) {
			whole = append(whole, h.Node)
			continue
		}
		node := nodesNamed(h.Node)
		out.add(model.Peer{Host: node, Nodes: node}, reason{diag.HostEndpointPeer,
			"host endpoint " + h.Name + " matches, and whether it has every address of node " + h.Node + " is not known",
			cluster.FactNodes.Hint()})
	}
	if len(whole) > 0 {
		s.relied.On(cluster.FactNodes)
		out.sure.Host, out.sure.Nodes = nodesNamed(whole...), nodesNamed(whole...)
	}
	return out
}

func nodesNamed(names ...string) selector.Selector {
	return selector.Where(selector.Key{Kind: selector.NodeName}, selector.In(names...))
}

// hostOnly reports a policy that is enforced before connections are tracked or translated. It has no effect on pods
// and does not isolate them (felix/calc/event_sequencer.go).
func (l *lowering) hostOnly(p *policy) bool {
	ledger := l.env.Ledger(p.doc)
	only := false
	for _, f := range []struct {
		name string
		set  bool
	}{{"doNotTrack", p.spec.DoNotTrack}, {"preDNAT", p.spec.PreDNAT}} {
		if f.set {
			only = true
			l.env.Report(p.doc, diag.HostOnlyFlag, "spec."+f.name, "", "a policy with %s concerns host endpoints only, and pods are not policed by it", f.name)
		}
		ledger.Carried("spec." + f.name)
	}
	ledger.Carried("spec.applyOnForward")
	return only
}

// endpointToHost is the name of the policy that stands for Felix's setting.
const endpointToHost = "policyferry-endpoint-to-host"

// guardHosts says in front of everything that pods do not reach their own node where Felix is set to drop that
// traffic after policy has accepted it (felix/rules/static.go). Calico's manifest and operator set it to accept.
func (l *lowering) guardHosts() {
	action := l.space.facts.Calico.DefaultEndpointToHostAction
	l.env.Relied.On(cluster.FactEndpointToHost)
	if action != "Drop" {
		return
	}
	box := model.Everything()
	box.Peer = model.Peer{Host: selector.All()}
	rule := &model.Rule{Action: model.Deny, Matches: []model.Box{box}}
	p := &model.Policy{Subject: selector.All(), Origin: model.Origin{Object: diag.Object{Name: endpointToHost}}}
	rule.Object = p.Object
	p.Sections[model.Egress] = &model.Section{Rules: []*model.Rule{rule}}
	l.tiers = append(l.tiers, &tier{name: endpointToHost, order: math.Inf(-1), exists: true, action: model.Pass, policies: []placed{{Policy: p}}})
}

// hostPolicies lowers what the policy says to hosts.
func (l *lowering) hostPolicies(p *policy, subject *expression) []*model.Policy {
	return nil
}
