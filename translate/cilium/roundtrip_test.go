package cilium

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/translate/traffic"
)

// TestRaiseThenLower writes random unordered policies as Cilium's and reads them back: every verdict must be the
// same. Peers that only a mesh has are left out, since what is written for them depends on the cluster.
func TestRaiseThenLower(t *testing.T) {
	for seed := range uint64(120) {
		r := &random{rand.New(rand.NewPCG(seed, 1))}
		flat := &model.Flat{}
		for i := range 1 + r.IntN(3) {
			flat.Policies = append(flat.Policies, r.policy(i))
		}
		e := newEnv(compat.Cilium, nil)
		var docs []*source.Document
		objects := Raise(flat, e)
		for _, o := range objects {
			sanitize(t, o)
			text, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, read(t, string(text))...)
		}
		back := Lower(docs, nil, newEnv(compat.Calico, nil))
		for _, p := range packets() {
			if want, got := verdictOfFlat(flat, p), verdictOfSet(back, p); got != want {
				t.Fatalf("seed %d: %s is %s, was %s\n%s\n%s", seed, p, got, want, canonical(t, objects), outline(back))
			}
		}
	}
}

type random struct{ *rand.Rand }

func (r *random) of(options ...selector.Values) selector.Values { return options[r.IntN(len(options))] }

func (r *random) labels() selector.Selector {
	values := func() selector.Values {
		return r.of(selector.Any(), selector.In("a"), selector.In("a", "b"), selector.NotIn("a"), selector.Exists(),
			selector.Absent(), selector.In("b").Union(selector.Absent()), selector.Exists().Intersect(selector.NotIn("b")))
	}
	return selector.Where(podLabel("x"), values()).And(selector.Where(podLabel("y"), values()))
}

func (r *random) anywhere() selector.Selector {
	out := r.labels()
	switch r.IntN(5) {
	case 0:
		out = out.And(inNamespace("shop"))
	case 1:
		out = out.And(inNamespace("pay", "shop"))
	case 2:
		out = out.And(selector.Where(namespaceName, selector.NotIn("shop")))
	case 3:
		out = out.And(selector.Where(selector.Key{Kind: selector.NamespaceLabel, Name: "env"}, r.of(selector.In("a"), selector.NotIn("a"))))
	}
	if r.IntN(4) == 0 {
		return out.Or(r.labels())
	}
	return out
}

func (r *random) peer() model.Peer {
	var p model.Peer
	if r.IntN(5) == 0 {
		return model.Anyone()
	}
	if r.IntN(2) == 0 {
		p.Pods = r.anywhere()
	}
	if r.IntN(4) == 0 {
		p.Nodes = all
	}
	if r.IntN(4) == 0 {
		p.Host = all
	}
	if r.IntN(4) == 0 {
		p.Special = []model.Special{model.Health, model.IngressProxy, model.Init, model.Unmanaged}[r.IntN(4)]
	}
	switch r.IntN(6) {
	case 0:
		p.World = cidr.All()
	case 1:
		p.World = cidr.MustParse("192.0.2.0/24").Subtract(cidr.MustParse("192.0.2.128/25"))
	case 2:
		p.World = cidr.All4().Subtract(cidr.MustParse("192.0.2.1", "198.51.100.0/24"))
	}
	return p
}

func (r *random) traffic() traffic.Set {
	port := func(proto uint8, first, last uint16) traffic.Set {
		return traffic.PortsOfProtocol(proto, traffic.PortsOf(traffic.Range{First: first, Last: last}))
	}
	switch r.IntN(6) {
	case 0:
		return tcp(80)
	case 1:
		return port(traffic.ProtoTCP, 80, 90).Union(port(traffic.ProtoUDP, 53, 53))
	case 2:
		return port(traffic.ProtoTCP, 80, 80).Union(port(traffic.ProtoUDP, 80, 80)).Union(port(traffic.ProtoSCTP, 80, 80))
	case 3:
		return traffic.ICMPMessages(4, traffic.ICMPType(8)).Union(traffic.Protocol(traffic.ProtoICMPv6))
	case 4:
		return traffic.Protocol(traffic.ProtoTCP, traffic.ProtoICMP)
	}
	return traffic.All()
}

func (r *random) policy(i int) *model.FlatPolicy {
	p := flatPolicy("", none)
	p.Source.Object.Name = fmt.Sprintf("p%d", i)
	scope := all
	if r.IntN(2) == 0 {
		p.Source.Object = diag.Object{APIVersion: "projectcalico.org/v3", Kind: "NetworkPolicy", Namespace: "shop", Name: p.Source.Object.Name}
		scope = inNamespace("shop")
	}
	subject := r.labels().And(scope)
	for d := range p.Parts {
		if r.IntN(3) > 0 {
			p.Isolated[d] = subject
			if r.IntN(4) == 0 {
				p.Isolated[d] = subject.Or(r.labels().And(scope))
			}
		}
		for range r.IntN(4) {
			s := subject
			if r.IntN(4) == 0 {
				s = r.labels().And(scope)
			}
			p.Parts[d] = append(p.Parts[d], part(model.Action(r.IntN(2)), s, r.peer(), r.traffic()))
		}
	}
	return p
}

// packet is one packet between a pod and a peer.
type packet struct {
	direction model.Direction
	subject   map[selector.Key]string
	pod       map[selector.Key]string
	class     string // pod, host, node, world, or the name of a special class
	addr      netip.Addr
	proto     uint8
	port      uint16
}

func (p packet) String() string {
	return fmt.Sprintf("%s of %v, peer %s %v %v, %d/%d", p.direction, p.subject, p.class, p.pod, p.addr, p.proto, p.port)
}

func packets() []packet {
	var pods []map[selector.Key]string
	for _, ns := range []string{"shop", "pay"} {
		for _, x := range []string{"", "a", "b"} {
			pod := map[selector.Key]string{namespaceName: ns}
			if x != "" {
				pod[podLabel("x")], pod[podLabel("y")] = x, "b"
			}
			if ns == "pay" {
				pod[selector.Key{Kind: selector.NamespaceLabel, Name: "env"}] = "a"
			}
			pods = append(pods, pod)
		}
	}
	peers := []packet{{class: "host"}, {class: "node"}, {class: "health"}, {class: "ingress"}, {class: "init"}, {class: "unmanaged"},
		{class: "world", addr: netip.MustParseAddr("192.0.2.1")}, {class: "world", addr: netip.MustParseAddr("192.0.2.200")},
		{class: "world", addr: netip.MustParseAddr("203.0.113.1")}, {class: "world", addr: netip.MustParseAddr("2001:db8::1")}}
	for _, pod := range pods {
		peers = append(peers, packet{class: "pod", pod: pod})
	}
	var out []packet
	for _, d := range []model.Direction{model.Ingress, model.Egress} {
		for _, subject := range pods {
			for _, p := range peers {
				for _, f := range []struct {
					proto uint8
					port  uint16
				}{{6, 80}, {6, 90}, {6, 443}, {17, 53}, {17, 80}, {132, 80}, {1, 8 << 8}, {1, 3 << 8}, {58, 128 << 8}} {
					p.direction, p.subject, p.proto, p.port = d, subject, f.proto, f.port
					out = append(out, p)
				}
			}
		}
	}
	return out
}

func (p packet) in(b model.Box) bool {
	label := func(m map[selector.Key]string) func(selector.Key) (string, bool) {
		return func(k selector.Key) (string, bool) { v, ok := m[k]; return v, ok }
	}
	if !b.Subject.Match(label(p.subject)) || !b.Traffic.Has(p.proto, p.port) {
		return false
	}
	switch p.class {
	case "pod":
		return b.Peer.Pods.Match(label(p.pod))
	case "host":
		return b.Peer.Host.IsAll()
	case "node":
		return b.Peer.Nodes.IsAll()
	case "world":
		return b.Peer.World.ContainsAddr(p.addr)
	}
	return b.Peer.Special&specialEntities[p.class] != 0
}

// answer is what an unordered set says: a deny, an allow, isolation, or nothing. The own node always gets in unless a
// deny names it.
func (p packet) answer(denied, allowed, isolated bool) string {
	local := p.direction == model.Ingress && p.class == "host"
	switch {
	case denied:
		return "denied"
	case allowed || !isolated || local:
		return "allowed"
	}
	return "isolated"
}

func verdictOfFlat(f *model.Flat, p packet) string {
	var denied, allowed, isolated bool
	for _, fp := range f.Policies {
		box := model.Everything()
		box.Subject = fp.Isolated[p.direction]
		isolated = isolated || p.in(box)
		for _, part := range fp.Parts[p.direction] {
			if p.in(part.Box) {
				denied = denied || part.Action == model.Deny
				allowed = allowed || part.Action == model.Allow
			}
		}
	}
	return p.answer(denied, allowed, isolated)
}

func verdictOfSet(set *model.Set, p packet) string {
	var denied, allowed, isolated bool
	for _, policy := range set.Tiers[0].Policies {
		box := model.Everything()
		box.Subject = policy.Subject
		s := policy.Sections[p.direction]
		if s == nil || !p.in(box) {
			continue
		}
		isolated = isolated || s.Isolates
		for _, r := range s.Rules {
			for _, b := range r.Matches {
				if p.in(b) {
					denied = denied || r.Action == model.Deny
					allowed = allowed || r.Action == model.Allow
				}
			}
		}
	}
	return p.answer(denied, allowed, isolated)
}
