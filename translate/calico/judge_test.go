package calico

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/translate/traffic"
	"github.com/policyferry/policyferry/validate/verdict"
	judges "github.com/policyferry/policyferry/validate/verdict/calico"
)

// arena is a cluster in which policies are judged twice: as the model that they were lowered to, and by the
// reference evaluator for Calico, which shares nothing with it.
type arena struct {
	docs  []*source.Document
	facts *cluster.Facts
	ends  []verdict.Endpoint
}

func newArena(t *testing.T, text string, addresses ...string) *arena {
	t.Helper()
	a := &arena{docs: read(t, text)}
	facts, problems := cluster.Load(a.docs)
	for _, p := range problems.All() {
		t.Fatalf("cluster: %s", p.String())
	}
	a.facts = facts
	for name := range facts.Pods {
		a.ends = append(a.ends, verdict.Endpoint{Pod: name})
	}
	for name := range facts.Nodes {
		a.ends = append(a.ends, verdict.Endpoint{Node: name})
	}
	slices.SortFunc(a.ends, func(x, y verdict.Endpoint) int { return strings.Compare(x.String(), y.String()) })
	for _, text := range addresses {
		a.ends = append(a.ends, verdict.Endpoint{Addr: netip.MustParseAddr(text)})
	}
	return a
}

// podLabels is what the model knows of a pod.
func (a *arena) podLabels(name string) map[selector.Key]string {
	pod := a.facts.Pods[name]
	out := map[selector.Key]string{{Kind: selector.NamespaceName}: pod.Namespace, {Kind: selector.ServiceAccountName}: pod.ServiceAccount}
	for k, v := range pod.Labels {
		out[selector.Key{Kind: selector.PodLabel, Name: k}] = v
	}
	for k, v := range a.facts.Namespaces[pod.Namespace].Labels {
		out[selector.Key{Kind: selector.NamespaceLabel, Name: k}] = v
	}
	if sa := a.facts.ServiceAccounts[pod.Namespace+"/"+pod.ServiceAccount]; sa != nil {
		for k, v := range sa.Labels {
			out[selector.Key{Kind: selector.ServiceAccountLabel, Name: k}] = v
		}
	}
	return out
}

func (a *arena) nodeLabels(name string) map[selector.Key]string {
	out := map[selector.Key]string{{Kind: selector.NodeName}: name}
	for k, v := range a.facts.Nodes[name].Labels {
		out[selector.Key{Kind: selector.NodeLabel, Name: k}] = v
	}
	return out
}

// question is a packet as one policed pod or node sees it.
type question struct {
	point
	// names are the names of the port at the receiver.
	names []string
	class model.Class
}

// ask turns a connection into the question that the policy of its source or destination answers; false if that end
// is never policed, or not by policy alone: a node's own pods are always in reach of it.
func (a *arena) ask(c verdict.Connection, d model.Direction) (question, bool) {
	self, other := c.To, c.From
	if d == model.Egress {
		self, other = c.From, c.To
	}
	q := question{point: point{proto: c.Protocol, port: c.Port}}
	switch {
	case self.Pod != "":
		q.subject = a.podLabels(self.Pod)
	case self.Node != "" && (other.Pod == "" || a.facts.Pods[other.Pod].Node != self.Node):
		q.subject, q.class = a.nodeLabels(self.Node), model.HostSubjects
	default:
		return question{}, false
	}
	switch {
	case other.Pod != "":
		q.pod = a.podLabels(other.Pod)
	case self.Pod != "" && other.Node == a.facts.Pods[self.Pod].Node:
		q.host = a.nodeLabels(other.Node)
	case other.Node != "":
		q.node = a.nodeLabels(other.Node)
	default:
		q.addr = other.Addr
	}
	if c.Protocol == traffic.ProtoICMP || c.Protocol == traffic.ProtoICMPv6 {
		q.port = uint16(c.ICMPType)<<8 | uint16(c.ICMPCode)
	}
	if c.To.Pod != "" {
		for _, p := range a.facts.Pods[c.To.Pod].Ports {
			if p.Port == c.Port && strings.EqualFold(p.Protocol, traffic.ProtocolName(c.Protocol)) {
				q.names = append(q.names, p.Name)
			}
		}
	}
	return q, true
}

func (q question) in(subject selector.Selector, b model.Box) bool {
	plain := b
	plain.Peer.Special &^= model.APIServer
	if !q.point.in(subject, plain) {
		return false
	}
	named := len(b.Named) == 0
	for _, n := range b.Named {
		named = named || n.Protocol == q.proto && slices.Contains(q.names, n.Name)
	}
	return named
}

// settled judges an ordered set with doubts on the safe side, as they are settled when the set is written. Sure says
// that no doubt had a part in it.
func (q question) settled(set *model.Set, d model.Direction) (allow, sure bool) {
	sure = true
	for _, t := range set.Tiers {
		ends := false
	policies:
		for _, p := range t.Policies {
			s := p.Sections[d]
			if s == nil || p.Class != q.class || !p.Selected().Match(byKey(q.subject)) {
				continue
			}
			ends = ends || s.Isolates
			for _, r := range s.Rules {
				matches := slices.ContainsFunc(r.Matches, func(b model.Box) bool { return q.in(p.Subject, b) })
				doubts := slices.ContainsFunc(r.Doubts, func(d model.Doubt) bool { return q.in(p.Selected(), d.Box) })
				sure = sure && (matches || !doubts)
				switch {
				case matches && r.Action == model.Pass:
					ends = false
					break policies
				case matches:
					return r.Action == model.Allow, sure
				case doubts && r.Action != model.Allow:
					return false, sure
				}
			}
		}
		if ends && t.Default == model.Deny {
			return false, sure
		}
	}
	return true, sure
}

// packets are the packets that are asked about, of both families where pods have them.
func (a *arena) packets() []verdict.Connection {
	out := packetsOf()
	if versions, _ := a.facts.Families(); len(versions) == 2 {
		for _, c := range packetsOf() {
			c.IPVersion = 6
			out = append(out, c)
		}
	}
	return out
}

func packetsOf() []verdict.Connection {
	var out []verdict.Connection
	for _, port := range []uint16{80, 443, 8080} {
		out = append(out, verdict.Connection{Protocol: traffic.ProtoTCP, Port: port})
	}
	return append(out,
		verdict.Connection{Protocol: traffic.ProtoUDP, Port: 53}, verdict.Connection{Protocol: traffic.ProtoUDP, Port: 80},
		verdict.Connection{Protocol: traffic.ProtoSCTP, Port: 80}, verdict.Connection{Protocol: 47},
		verdict.Connection{Protocol: traffic.ProtoICMP, ICMPType: 8}, verdict.Connection{Protocol: traffic.ProtoICMP, ICMPType: 3, ICMPCode: 1})
}

// compare asks both about every connection. It returns how many answers were sure.
func (a *arena) compare(t *testing.T, set *model.Set, judge verdict.Judge, context func() string) (sure, unsure int) {
	t.Helper()
	for _, from := range a.ends {
		for _, to := range a.ends {
			for _, c := range a.packets() {
				c.From, c.To, c.SourcePort = from, to, 40000
				if from == to || c.Protocol == traffic.ProtoICMP && (c.IPVersion == 6 || from.Addr.Is6() || to.Addr.Is6()) {
					continue
				}
				want, err := judge.Judge(c)
				if err != nil {
					continue // the ends have no family in common
				}
				for _, side := range []struct {
					d    model.Direction
					want verdict.Action
				}{{model.Ingress, want.Ingress}, {model.Egress, want.Egress}} {
					q, policed := a.ask(c, side.d)
					if !policed || side.want == verdict.Unknown || side.want == verdict.None || side.d == model.Ingress && q.host != nil {
						continue
					}
					got, certain := q.settled(set, side.d)
					if certain {
						sure++
					} else {
						unsure++
					}
					judged := side.want == verdict.Allow
					if certain && got != judged || got && !judged {
						t.Fatalf("%s of %s -> %s %s/%d (sure %v): model allows %v, Calico %s by %v %v\n%s\n%s", side.d, c.From, c.To,
							traffic.ProtocolName(c.Protocol), c.Port, certain, got, side.want, want.IngressBy, want.EgressBy, context(), dump(set))
					}
				}
			}
		}
	}
	return sure, unsure
}

// judgeOf makes the reference evaluator for the policies in the arena, and lists the policies that Calico rejects.
func (a *arena) judgeOf(t *testing.T, policies []*source.Document) (verdict.Judge, map[string]string) {
	t.Helper()
	judge, err := judges.New(append(slices.Clone(policies), a.docs...), a.facts)
	if err != nil {
		t.Fatal(err)
	}
	rejected := map[string]string{}
	for _, r := range judge.(verdict.Rejecter).Rejected() {
		rejected[r.Object] = r.Reason
	}
	return judge, rejected
}
