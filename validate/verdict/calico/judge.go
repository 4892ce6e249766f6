package calico

import (
	"errors"
	"net/netip"
	"slices"
	"sync"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// judge answers for one policy set in one cluster. It is safe for concurrent use.
type judge struct {
	world *world
	tiers []*tier
	// serviceAddrs are the addresses behind the Services that rules name, sets the network sets.
	serviceAddrs []netip.Addr
	sets         []networkSet
	layer7       bool
	hostPorts    [2][]failsafePort // by direction: those that no policy closes
	crash        string            // what stops Felix; empty when nothing does
	rejected     []verdict.Rejection
	beside       []any // the documents that are no policies
	// byNamespace are the policies of each tier that can select somebody in a namespace, found when first needed.
	byNamespace sync.Map
}

// New returns a judge for the policies, tiers, network sets and host endpoints among the documents, in the cluster
// of the facts. Documents of other kinds are passed over. Calico 3.31 is assumed where the facts do not tell the
// version.
// The judge is a verdict.Partitioner.
func New(docs []*source.Document, facts *cluster.Facts) (verdict.Partitioner, error) {
	if facts == nil {
		facts = &cluster.Facts{}
	}
	if facts.Calico.Dataplane == "windows" {
		return nil, errors.New("the Windows dataplane leaves out rules that other dataplanes enforce, and is not judged")
	}
	b := newBuilder(facts)
	if err := b.read(docs); err != nil {
		return nil, err
	}
	w := newWorld(facts, b.hostEndpoints, b.sets)
	tiers, serviceAddrs := b.compile(w)
	layer7 := facts.Calico.ApplicationLayerPolicy != nil && *facts.Calico.ApplicationLayerPolicy
	return &judge{
		world: w, tiers: tiers, serviceAddrs: serviceAddrs, sets: b.sets, layer7: layer7, crash: b.crash, rejected: b.rejected,
		hostPorts: failsafesOf(facts), beside: beside(docs),
	}, nil
}

// Rejected implements verdict.Rejecter.
func (j *judge) Rejected() []verdict.Rejection { return j.rejected }

// outcome is the verdict at one end and how it came about. A policy stage that decides nothing has no action.
type outcome struct {
	action verdict.Action
	by     []string
	why    string
	// when says what passes where that depends on the request, or is nil.
	when *condition.Condition
}

// Judge implements verdict.Judge.
func (j *judge) Judge(c verdict.Connection) (verdict.Verdict, error) {
	from, to, p, err := j.packet(c)
	if err != nil {
		return verdict.Verdict{}, err
	}
	if why := j.unanswerable(from, to, p); why != "" {
		return verdict.Verdict{Egress: verdict.Unknown, Ingress: verdict.Unknown, Why: why}, nil
	}
	egress, ingress := j.leave(from, to, p), j.enter(from, to, p)
	v := verdict.Verdict{Egress: egress.action, Ingress: ingress.action, EgressBy: egress.by, IngressBy: ingress.by, EgressWhen: egress.when, IngressWhen: ingress.when}
	for _, o := range []outcome{egress, ingress} {
		if o.action == verdict.Unknown && v.Why == "" {
			v.Why = o.why
		}
	}
	return v, nil
}

// packet places the ends of a connection and makes its packet.
func (j *judge) packet(c verdict.Connection) (from, to place, p *packet, err error) {
	if from, err = j.world.place(c.From); err != nil {
		return from, to, nil, err
	}
	if to, err = j.world.place(c.To); err != nil {
		return from, to, nil, err
	}
	p = &packet{protocol: c.Protocol, sourcePort: c.SourcePort, port: c.Port, icmpType: c.ICMPType, icmpCode: c.ICMPCode}
	p.source, p.destination, err = addresses(from, to, c)
	return from, to, p, err
}

func (j *judge) unanswerable(from, to place, p *packet) string {
	if j.crash != "" {
		return j.crash
	}
	if !p.source.IsValid() {
		return from.name() + " and " + to.name() + " have no addresses of one family"
	}
	for _, end := range []place{from, to} {
		if end.pod == nil && end.node == "" && slices.ContainsFunc(end.addresses, j.world.services.ContainsAddr) {
			return end.name() + " is a service address; policy sees the backend behind it"
		}
	}
	return ""
}

// leave judges the connection where it leaves its source.
func (j *judge) leave(from, to place, p *packet) outcome {
	switch {
	case from.pod != nil && from.pod == to.pod:
		return outcome{action: verdict.None} // it never leaves the pod's network namespace
	case from.pod != nil:
		return j.leavePod(from, to, p)
	case from.node != "":
		return j.leaveNode(from, to, p)
	}
	return outcome{action: verdict.None}
}

// enter judges the connection where it enters its destination.
func (j *judge) enter(from, to place, p *packet) outcome {
	switch {
	case to.pod != nil && from.pod == to.pod:
		return outcome{action: verdict.None}
	case to.pod != nil:
		return j.enterPod(from, to, p)
	case to.node != "":
		return j.enterNode(from, to, p)
	}
	return outcome{action: verdict.None}
}

func (j *judge) leavePod(from, to place, p *packet) outcome {
	ownNode := to.node != "" && to.node == from.pod.node
	if ownNode && p.routerICMPv6() {
		return outcome{action: verdict.Allow}
	}
	if o := j.tunnelFromPod(p); o.action != "" {
		return o
	}
	o := j.police(from.pod, normal, egress, p)
	if o.action != verdict.Allow {
		return o
	}
	// What egress policy accepts still meets the configured action where it goes to the own node (felix/rules/static.go,
	// filterWorkloadToHostChain). Unknown means Accept, which Calico's manifests and operator set.
	drops := j.world.facts.Calico.DefaultEndpointToHostAction == "Drop"
	if ownNode {
		if drops {
			return outcome{action: verdict.Deny}
		}
		return o
	}
	if drops && j.mayBeNodeOf(to, from.pod) {
		return outcome{action: verdict.Unknown, why: to.name() + " may be the node of " + from.name() + ", which drops what its pods send to it"}
	}
	return restrict(o, j.forwardOut(from, to, p))
}

func (j *judge) enterPod(from, to place, p *packet) outcome {
	// A node always reaches its own pods (felix/rules/static.go, filterOutputChain).
	if from.node != "" && from.node == to.pod.node {
		return outcome{action: verdict.Allow}
	}
	o := j.police(to.pod, normal, ingress, p)
	if (o.action == verdict.Deny || o.when != nil) && j.mayBeNodeOf(from, to.pod) {
		return outcome{action: verdict.Unknown, why: from.name() + " may be the node of " + to.name() + ", and a node always reaches its own pods"}
	}
	if o.action != verdict.Allow && o.when == nil {
		return o
	}
	return restrict(o, j.forwardIn(from, to, p))
}

// mayBeNodeOf reports whether the facts leave open that an end is the node of a pod: because they do not show the
// pod's node, or not that node's addresses.
func (j *judge) mayBeNodeOf(from place, pod *endpoint) bool {
	switch {
	case from.pod != nil:
		return false
	case from.node != "":
		return pod.node == ""
	}
	return len(j.world.nodeAddresses(pod.node)) == 0 && j.world.facts.NodeSet().ContainsAddr(from.addresses[0])
}

// restrict joins what a pod's own policy allowed with what the host endpoints on the way say.
func restrict(allowed, host outcome) outcome {
	if host.action == verdict.Deny || host.action == verdict.Unknown {
		return host
	}
	return allowed
}

// addresses picks the addresses of one family: the wanted one, or the first that both ends have, IPv4 before IPv6
// except for ICMPv6. They are invalid when the ends have no family in common.
func addresses(from, to place, c verdict.Connection) (source, destination netip.Addr, err error) {
	families := []int{4, 6}
	switch {
	case c.IPVersion == 4 || c.IPVersion == 6:
		families = []int{c.IPVersion}
	case c.IPVersion != 0:
		return source, destination, errors.New("an IP version is 4 or 6")
	case c.Protocol == protocolICMPv6:
		families = []int{6, 4}
	}
	for _, family := range families {
		source, destination = from.address(family), to.address(family)
		if source.IsValid() && destination.IsValid() {
			return source, destination, nil
		}
	}
	return netip.Addr{}, netip.Addr{}, nil
}
