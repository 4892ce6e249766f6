package calico

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// statement is a box with what happens to it: a rule of the model with its doubts settled.
type statement struct {
	action model.Action
	box    model.Box
	rule   *model.Rule
	// wide says that the box may match more than it says: a deny, or a doubt that the user accepted.
	wide bool
}

// statements settles the doubts of a rule: an allow takes those whose code is accepted, a deny all, and what a pass
// is not sure of is denied.
func (r *raiser) statements(rule *model.Rule) []statement {
	var out []statement
	for _, b := range rule.Matches {
		deny := rule.Action == model.Deny
		if deny && slices.ContainsFunc(rule.Doubts, func(d model.Doubt) bool { return d.Box.Covers(b) }) {
			continue // the doubt is denied as well
		}
		out = append(out, statement{rule.Action, b, rule, deny})
	}
	for _, d := range rule.Doubts {
		switch {
		case rule.Action != model.Allow:
			out = append(out, statement{model.Deny, d.Box, rule, true})
		case r.env.Accepted[d.Code.ID]:
			out = append(out, statement{model.Allow, d.Box, rule, true})
		}
	}
	return out
}

var actionNames = map[model.Action]string{model.Allow: "Allow", model.Deny: "Deny", model.Pass: "Pass"}

// written is the rules that say a statement: every entity with every kind of traffic. Subject is what the policy selects; a box that
// is about fewer endpoints says so at their own end.
func (w *policyWriter) written(s statement, d model.Direction) []policyRule {
	selves := []*entityRule{nil}
	if !s.box.Subject.IsAll() {
		selves = nil
		for _, e := range w.selfEntities(s.box.Subject) {
			selves = append(selves, &e)
		}
	}
	var out []policyRule
	for _, self := range selves {
		for _, other := range w.entities(s, d) {
			for _, t := range boxTraffic(s.box, other) {
				if otherFamily(other, t) {
					continue
				}
				for _, h := range httpRules(s.box.HTTP) {
					out = append(out, joined(s, d, self, other, t, h))
				}
			}
		}
	}
	return out
}

// boxTraffic is the kinds of traffic of a box. A Service brings its own ports.
func boxTraffic(b model.Box, other *entityRule) []trafficRule {
	if len(b.Named) > 0 {
		return namedRules(b.Named)
	}
	if other != nil && other.Services != nil {
		return []trafficRule{{protocol: protocolName(traffic.ProtoTCP)}}
	}
	return trafficRules(b.Traffic)
}

// otherFamily reports whether the traffic is ICMP of the one family and the addresses are of the other: no packet is
// both, and Calico rejects the rule.
func otherFamily(e *entityRule, t trafficRule) bool {
	if e == nil || len(e.Nets) == 0 || t.protocol == nil {
		return false
	}
	n, _ := protocolNumber(*t.protocol)
	v6 := strings.Contains(e.Nets[0], ":")
	return icmpFamily(n) == 4 && v6 || icmpFamily(n) == 6 && !v6
}

func joined(s statement, d model.Direction, self, other *entityRule, t trafficRule, h *httpMatch) policyRule {
	out := policyRule{Action: actionNames[s.action], Protocol: t.protocol, NotProtocol: t.notProtocol, ICMP: t.icmp, NotICMP: t.notICMP}
	out.Source, out.Destination = other, self
	if d == model.Egress {
		out.Source, out.Destination = self, other
	}
	if len(t.ports)+len(t.notPorts) > 0 {
		var destination entityRule
		if out.Destination != nil {
			destination = *out.Destination
		}
		destination.Ports, destination.NotPorts = t.ports, t.notPorts
		out.Destination = &destination
	}
	out.HTTP = h
	return out
}

// entities writes the peer of a statement; a nil entity is everyone.
func (w *policyWriter) entities(s statement, d model.Direction) []*entityRule {
	p := s.box.Peer
	if everyone(p, d) {
		return []*entityRule{nil}
	}
	var list []entityRule
	if p.Special&model.APIServer != 0 {
		list = append(list, w.serverEntities(s, d)...)
	}
	list = append(list, podEntities(p.Pods, w.namespace)...)
	list = append(list, w.nodeEntities(p.Nodes, s.wide)...)
	list = append(list, w.nameEntities(p.Names, s.rule)...)
	if !p.World.IsEmpty() {
		inside, notPods, _ := w.insiders(p.World, p, w.namespace, s.wide)
		list = append(list, netEntities(p.World, inside, notPods)...)
	}
	out := make([]*entityRule, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// selfEntities writes at its own end which of the policy's endpoints a rule is about.
func (w *policyWriter) selfEntities(s selector.Selector) []entityRule {
	if w.class == model.HostSubjects {
		return []entityRule{{Selector: hostText(s)}}
	}
	return podEntities(s, w.namespace)
}

// nodeEntities writes nodes by their addresses: all of them as the set of nodes, some as they are.
func (w *policyWriter) nodeEntities(nodes selector.Selector, wide bool) []entityRule {
	switch {
	case nodes.IsNone():
		return nil
	case w.space.facts.Nodes == nil && (!wide || !w.space.nodesKnown):
		return nil
	case nodes.IsAll() && w.space.facts.Nodes != nil:
		w.usesNodes = true
		return []entityRule{{Selector: labelSet + " == " + quoted(nodesSetValue), NamespaceSelector: "global()"}}
	}
	return netEntities(w.space.nodeAddresses(nodes), cidr.Set{}, false)
}

// serverEntities writes the API server: as the Service that it is where the ports are the Service's, else by its
// addresses.
func (w *policyWriter) serverEntities(s statement, d model.Direction) []entityRule {
	servers := w.space.facts.APIServers
	service := entityRule{Services: &serviceMatch{Name: "kubernetes", Namespace: "default"}}
	if servers == nil {
		return []entityRule{service}
	}
	ports := traffic.PortsOfProtocol(traffic.ProtoTCP, serverPorts(servers))
	if d == model.Egress && s.box.Traffic.Equal(ports) {
		return []entityRule{service}
	}
	w.env.Relied.On(cluster.FactAPIServers)
	w.note(s.rule.Origin, diag.Frozen, "translate again when the API server gets other addresses",
		"the API server is written by its addresses as they are now")
	return netEntities(serverAddresses(servers), cidr.Set{}, false)
}

// The global network set of the nodes' addresses.
const (
	labelSet      = "policyferry.io/set"
	nodesSetName  = "policyferry-nodes"
	nodesSetValue = "nodes"
)

// nodesSet is the set of all node addresses.
func (r *raiser) nodesSet() *object {
	all := r.space.nodeAddresses(selector.All())
	return &object{APIVersion: apiVersion, Kind: "GlobalNetworkSet",
		Metadata: metadata{Name: nodesSetName, Labels: map[string]string{labelSet: nodesSetValue}}, Spec: setSpec{texts(all.Prefixes())}}
}
