package cilium

import (
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// named lowers one port name of one protocol. On ingress the name is looked up in the pod that is connected to. On
// egress it is looked up in every pod that the rule selects, and only pods have names (pkg/policy/l4.go,
// resolveNamedPort); before 1.20 it stands for a number, whatever the peer.
func (r *ruleReader) named(e *readElement, pp portProtocol, proto uint8, path string) flow {
	name := model.NamedPort{Protocol: proto, Name: strings.ToLower(pp.Port)}
	out := flow{traffic: traffic.Protocol(proto), named: []model.NamedPort{name}}
	switch {
	case e.direction == model.Ingress:
		return out
	case r.v.AtLeast(1, 20):
		out.podsOnly = true
		return out
	}
	return r.namedBefore20(pp, name, path)
}

// namedBefore20 is a port name on egress before 1.20: the number that the pods of the cluster give it. If they give it
// several, the agent drops the name (pkg/types/portmap.go, namedPortMultiMap.GetNamedPort).
func (r *ruleReader) namedBefore20(pp portProtocol, name model.NamedPort, path string) flow {
	if !r.facts.KnowsPods() {
		r.remark(diag.NeedsFact, "", path, cluster.FactPods.Hint(),
			"Cilium before 1.20 takes the name for the one number that all pods of the cluster give it, and they are not known")
		return flow{traffic: traffic.Protocol(name.Protocol), doubt: diag.NeedsFact}
	}
	r.env.Relied.On(cluster.FactPods, cluster.FactComplete)
	numbers := map[uint16]bool{}
	for _, p := range r.facts.PodsWith(func(p *cluster.Pod) bool { return !p.HostNetwork }) {
		for _, port := range p.Ports {
			if !port.Init && strings.ToLower(port.Name) == name.Name && port.Protocol == protocolWords[name.Protocol] {
				numbers[port.Port] = true
			}
		}
	}
	if len(numbers) != 1 {
		r.remark(diag.NamedPort, diag.Exact, path, "write the number of the port",
			"%d numbers bear the name %s, and Cilium before 1.20 matches nothing by a name that is not one number", len(numbers), name.Name)
		return flow{}
	}
	var out traffic.Set
	for first := range numbers {
		last := first
		if r.hasEndPort() {
			last = max(first, uint16(min(pp.EndPort, 65535)))
		}
		out = traffic.PortsOfProtocol(name.Protocol, traffic.PortsOf(traffic.Range{First: first, Last: last}))
	}
	return flow{traffic: out}
}

// namedRange is what an endPort beside a port name adds: on ingress it makes a range that begins at the pod's port, of
// rules for one name the first decides how far (pkg/policy/l4.go, toMapState). The target has no such thing.
func (r *ruleReader) namedRange(e *readElement, pp portProtocol, protocols []uint8, path string) []flow {
	switch {
	case pp.EndPort == 0 || !r.hasEndPort() || e.direction == model.Egress && !r.v.AtLeast(1, 20):
		return nil
	case e.direction == model.Egress:
		r.remark(diag.EmptyForm, "", path, "", "endPort has no effect beside a port name on egress")
		return nil
	}
	r.remark(diag.NamedPort, "", path, "write the range with numbers", "a range that begins at a named port has no counterpart")
	return []flow{{traffic: traffic.Protocol(protocols...), doubt: diag.NamedPort}}
}

// among is the peers that a flow can have.
func (f flow) among(w who) model.Peer {
	if f.podsOnly {
		return model.Pods(w.pods())
	}
	return w.sure
}

// pods are the pods of a peer that Cilium selects one by one: those of its labels, also where placeholders make the
// selector match everyone.
func (w who) pods() selector.Selector {
	if w.picked != nil {
		return *w.picked
	}
	return w.sure.Pods
}

// picked are the pods with the labels that are asked for, placeholders aside.
func (r *ruleReader) picked(reqs []requirement) selector.Selector {
	out := all
	for _, q := range reqs {
		k, ofPod := podKey(q)
		switch {
		case k == clusterName:
			if !q.values.Has(r.localCluster()) {
				return none
			}
		case ofPod && r.filter.sees(k):
			out = out.And(where(k, q.values))
		default:
			out = out.And(constant(q.values))
		}
	}
	return out
}
