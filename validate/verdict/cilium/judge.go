package cilium

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// judge answers for one set of policies in one cluster. It is safe for concurrent use.
type judge struct {
	settings *settings
	rules    []*rule
	world    *world
}

// New returns a judge for the policies among the documents: CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy,
// NetworkPolicy and, if the setting is on, ClusterNetworkPolicy, with the CiliumCIDRGroups that they refer to. Other
// documents are passed over, and so is what an agent rejects and therefore does not enforce.
func New(docs []*source.Document, facts *cluster.Facts) (verdict.Judge, error) {
	if facts == nil {
		facts = &cluster.Facts{}
	}
	s, err := newSettings(facts)
	if err != nil {
		return nil, err
	}
	b := &builder{settings: s, facts: facts, seen: map[string]bool{}}
	for _, doc := range docs {
		if err := b.add(doc); err != nil {
			return nil, err
		}
	}
	return &judge{settings: s, rules: b.rules, world: newWorld(s, facts, b.rules, b.groups)}, nil
}

// Judge implements verdict.Judge.
func (j *judge) Judge(c verdict.Connection) (verdict.Verdict, error) {
	from, err := j.world.find(c.From)
	if err != nil {
		return verdict.Verdict{}, err
	}
	to, err := j.world.find(c.To)
	if err != nil {
		return verdict.Verdict{}, err
	}
	is4 := c.IPVersion != 6 && (c.IPVersion == 4 || from.hasFamily(true) && to.hasFamily(true) ||
		!(from.hasFamily(false) && to.hasFamily(false)))
	egress := j.judge(from, to, false, is4, c)
	ingress := j.judge(to, from, true, is4, c)
	out := verdict.Verdict{Egress: egress.action, Ingress: ingress.action, EgressBy: egress.by, IngressBy: ingress.by}
	var why []string
	for _, d := range []decision{egress, ingress} {
		if d.why != "" && !slices.Contains(why, d.why) {
			why = append(why, d.why)
		}
	}
	out.Why = strings.Join(why, "; ")
	return out, nil
}

// judge decides at one end of the connection, self; other is the opposite end.
func (j *judge) judge(self, other end, ingress, is4 bool, c verdict.Connection) decision {
	if self.pod == nil && (self.node == nil || !j.settings.hostFirewall || self.node == other.node) {
		return decision{action: verdict.None}
	}
	t, passes := j.traffic(self, c)
	if !passes {
		return decision{action: verdict.Deny}
	}
	var s *subject
	if self.pod != nil {
		s = &self.pod.policed
	} else {
		s = &self.node.policed
	}
	s.once.Do(func() { s.compute(j.settings, j.rules, self.pod == nil) })
	d := &s.egress
	if ingress {
		d = &s.ingress
	}
	if self.pod == nil && !d.enforced {
		return decision{action: verdict.None}
	}
	if fragmentationNeeded(c.Protocol, c.ICMPType, c.ICMPCode) {
		return decision{action: verdict.Allow}
	}
	return d.decide(s, j.identity(self, other, is4), t)
}

// traffic is what ports are compared with. Connection tracking at a pod drops protocols that it does not know
// (bpf/lib/conntrack.h); at a host it leaves them to the policy (bpf/lib/host_firewall.h). Of protocols that it only
// lets pass, no ports are known.
func (j *judge) traffic(self end, c verdict.Connection) (t *traffic, passes bool) {
	t = &traffic{protocol: c.Protocol, port: c.Port}
	switch c.Protocol {
	case protocolICMP, protocolICMPv6:
		t.port = uint16(c.ICMPType)
		return t, true
	case protocolTCP, protocolUDP:
		return t, true
	case protocolSCTP:
		if j.settings.sctp {
			return t, true
		}
	}
	t.port = 0
	return t, self.pod == nil || j.settings.extendedProtocols
}

// identity is the other end as seen from self.
func (j *judge) identity(self, other end, is4 bool) *identity {
	switch {
	case other.pod != nil:
		return other.pod.identity
	case other.node == nil:
		return j.world.addressIdentity(other.addr)
	}
	addr := other.addr
	for _, a := range other.node.Addresses {
		if a = a.Unmap(); !addr.IsValid() && a.Is4() == is4 {
			addr = a
		}
	}
	if !addr.IsValid() && len(other.node.Addresses) > 0 {
		addr = other.node.Addresses[0].Unmap()
	}
	if addr == (netip.Addr{}) {
		addr = other.addr
	}
	return j.world.nodeIdentity(other.node, self.nodeName() != "" && self.nodeName() == other.node.Name, addr)
}
