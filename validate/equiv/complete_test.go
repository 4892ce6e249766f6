package equiv

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/generate"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/calico"
	"github.com/policyferry/policyferry/validate/verdict/cilium"
)

var (
	seeds = flag.Int("seeds", 15, "random pairs of sets")
	first = flag.Uint64("first", 1, "the first seed")
)

// TestTheDivisionIsComplete compares random sets, and then judges connections of the whole cluster one by one: every
// pair of ends, with ports at and around every bound and at random. The comparison must have foretold each verdict.
func TestTheDivisionIsComplete(t *testing.T) {
	facts := castFacts(t)
	checked, differ := 0, 0
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		for _, pair := range randomPairs(t, facts, seed) {
			if pair.left == nil || pair.right == nil {
				continue // a judge refuses the set as a whole
			}
			name := fmt.Sprintf("%s, seed %d", pair.name, seed)
			p := paired(t, pair.left, pair.right, facts)
			n, d := p.foretold(t, name, seed)
			checked, differ = checked+n, differ+d
			p.foretoldNodes(t, name, seed)
		}
	}
	t.Logf("%d connections, %d of them different", checked, differ)
	if differ == 0 {
		t.Error("no connection differs: the test cannot fail")
	}
}

type randomPair struct {
	name        string
	left, right *Side
}

func randomPairs(t *testing.T, facts *cluster.Facts, seed uint64) []randomPair {
	a, b := side(t, generate.Calico(seed), facts, calico.New), side(t, generate.Cilium(seed), facts, cilium.New)
	return []randomPair{
		{"Calico", a, side(t, generate.Calico(seed+1000), facts, calico.New)},
		{"Cilium", b, side(t, generate.Cilium(seed+1000), facts, cilium.New)},
		{"both", a, b},
	}
}

func docs(t *testing.T, name, text string) []*source.Document {
	t.Helper()
	list, problems := source.ReadBytes(name, []byte(text), source.Options{})
	if problems.Len() > 0 {
		t.Fatalf("%s: %v", name, problems.All())
	}
	return list
}

// castFacts is the cluster of fixtures/cast, in which the random sets are at home.
func castFacts(t *testing.T) *cluster.Facts {
	t.Helper()
	var all []*source.Document
	for _, name := range []string{"cluster.yaml", "facts.yaml"} {
		text, err := os.ReadFile("../../fixtures/cast/" + name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, docs(t, name, string(text))...)
	}
	facts, problems := cluster.Load(all)
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	return facts
}

type newJudge func([]*source.Document, *cluster.Facts) (verdict.Partitioner, error)

// side is nil if the judge refuses the set as a whole.
func side(t *testing.T, text string, facts *cluster.Facts, judge newJudge) *Side {
	t.Helper()
	list := docs(t, "set.yaml", text)
	j, err := judge(list, facts)
	if err != nil {
		return nil
	}
	return &Side{Judge: j, Documents: list, Facts: facts}
}

// foresight is a comparison up to the pairs of ends.
type foresight struct {
	*pairing
	leaving, entering []*view
}

func paired(t *testing.T, left, right *Side, facts *cluster.Facts) *foresight {
	t.Helper()
	p, leaving, entering, err := pair(left, right, facts, sameness{})
	if err != nil {
		t.Fatal(err)
	}
	return &foresight{p, leaving, entering}
}

// foretold judges connections and looks each up in the comparison.
func (f *foresight) foretold(t *testing.T, name string, seed uint64) (checked, differ int) {
	r := rand.New(rand.NewPCG(seed, 1))
	ends := f.ends(r)
	for _, from := range ends {
		for _, to := range ends {
			if from.e == nil && to.e == nil || from.verdict() == to.verdict() || from.family != to.family {
				continue
			}
			for _, c := range f.packets(r, from, to) {
				left, right, want := f.contrast(t, c)
				if f.besides(c) != "" || f.traffic.without[c.Protocol] {
					continue
				}
				checked++
				if want != "" {
					differ++
				}
				if got := f.lookUp(from, to, c); got != want {
					t.Fatalf("%s: %v → %v protocol %d port %d from %d icmp %d.%d: left %+v, right %+v, but the comparison says %q",
						name, c.From, c.To, c.Protocol, c.Port, c.SourcePort, c.ICMPType, c.ICMPCode, left, right, got)
				}
			}
		}
	}
	return checked, differ
}

// contrast judges a connection on both sides, and says how they differ.
func (f *foresight) contrast(t *testing.T, c verdict.Connection) (left, right verdict.Verdict, how kinds) {
	left, right = judged(t, f.left, c), judged(t, f.right, c)
	return left, right, kindsOf(f.inside.compare(opinionsOf(left), opinionsOf(right)))
}

// kinds are kinds of differences, as one text.
type kinds string

func kindsOf(changes []Change) kinds {
	var out []string
	for _, c := range changes {
		out = append(out, string(c.Kind))
	}
	return kinds(strings.Join(out, " "))
}

// foretoldNodes judges connections between pods and nodes. Every kind of difference must have been found there.
func (f *foresight) foretoldNodes(t *testing.T, name string, seed uint64) {
	only := &pairing{comparison: f.comparison, byProfiles: map[[2]int32]*pairs{}}
	only.nodes(f.leaving, f.entering)
	found := map[Kind]bool{}
	for _, d := range only.differences() {
		found[d.Kind] = true
	}
	r := rand.New(rand.NewPCG(seed, 2))
	for _, e := range f.space.elements {
		for _, pod := range e.members {
			for node, n := range f.space.facts.Nodes {
				if !slices.ContainsFunc(n.Addresses, func(a netip.Addr) bool { return familyOf(a) == e.family }) {
					continue
				}
				for _, c := range f.packets(r, someEnd{family: e.family, pod: pod}, someEnd{family: e.family}) {
					c.To = verdict.Endpoint{Node: node}
					if r.IntN(2) == 0 {
						c.From, c.To = c.To, c.From
					}
					left, right, want := f.contrast(t, c)
					missing := slices.ContainsFunc(strings.Fields(string(want)), func(kind string) bool { return !found[Kind(kind)] })
					if f.besides(c) == "" && !f.traffic.without[c.Protocol] && missing {
						t.Fatalf("%s: %+v: left %+v, right %+v, but no such difference was found", name, c, left, right)
					}
				}
			}
		}
	}
}

func judged(t *testing.T, j verdict.Judge, c verdict.Connection) verdict.Verdict {
	v, err := j.Judge(c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// someEnd is a pod or an address outside, with its element.
type someEnd struct {
	family, element int
	e               *element
	pod             *cluster.Pod
	addr            netip.Addr
}

func (s someEnd) verdict() verdict.Endpoint {
	if s.pod != nil {
		return podEnd(s.pod)
	}
	return verdict.Endpoint{Addr: s.addr}
}

// ends are all pods, and of each atom the first, the last and one more address.
func (f *foresight) ends(r *rand.Rand) []someEnd {
	var out []someEnd
	inside := f.space.facts.PodSet().Union(f.space.facts.ServiceSet()).Union(f.space.facts.NodeSet())
	for i, e := range f.space.elements {
		for _, m := range e.members {
			out = append(out, someEnd{family: e.family, element: i, e: e, pod: m})
		}
		if len(e.members) > 0 {
			continue
		}
		at := f.space.atoms.at(e.witness)
		for _, a := range []netip.Addr{e.witness, f.space.atoms.starts[at], f.space.atoms.last(at)} {
			if !inside.ContainsAddr(a) && !a.IsUnspecified() && !a.IsLoopback() && f.space.facts.NodeAt(a) == nil && r.IntN(2) == 0 {
				out = append(out, someEnd{family: e.family, element: i, addr: a})
			}
		}
	}
	return out
}

func (f *foresight) packets(r *rand.Rand, from, to someEnd) []verdict.Connection {
	var out []verdict.Connection
	add := func(c verdict.Connection) {
		c.From, c.To, c.IPVersion = from.verdict(), to.verdict(), from.family
		out = append(out, c)
	}
	ports := []uint16{1, 52, 53, 54, 79, 80, 81, 443, 5431, 5432, 5433, 8079, 8080, 8081, 8082, 9999, 65535, uint16(1 + r.IntN(65535))}
	for range 6 {
		port := ports[r.IntN(len(ports))]
		for _, protocol := range []uint8{tcp, udp, sctp} {
			add(verdict.Connection{Protocol: protocol, Port: port, SourcePort: uint16(1 + r.IntN(65535))})
		}
	}
	messages := uint8(icmp)
	if from.family == 6 {
		messages = icmpv6
	}
	for range 3 {
		add(verdict.Connection{Protocol: messages, ICMPType: uint8(r.IntN(16)), ICMPCode: uint8(r.IntN(4))})
	}
	add(verdict.Connection{Protocol: uint8(200 + r.IntN(50))})
	add(verdict.Connection{Protocol: []uint8{2, 4, 47, 50, 112}[r.IntN(5)]})
	return out
}

// lookUp is what the comparison says about a connection.
func (f *foresight) lookUp(from, to someEnd, c verdict.Connection) kinds {
	of := &pairs{egress: none, ingress: none}
	if v := f.leaving[from.element]; v != nil {
		of.egress = v.at(to.element)
	}
	if v := f.entering[to.element]; v != nil {
		of.ingress = v.at(from.element)
	}
	if !f.differs(of.egress) && !f.differs(of.ingress) {
		return ""
	}
	for m := range f.joint(of, false) {
		if f.holds(m.cell, c) {
			return kindsOf(f.changes(m))
		}
	}
	return ""
}

func (f *foresight) holds(t cell, c verdict.Connection) bool {
	in := func(i verdict.Interval, n uint16) bool { return i.Low <= n && n <= i.High }
	switch t.protocol {
	case 0:
		return !slices.Contains([]uint8{icmp, tcp, udp, icmpv6, sctp}, c.Protocol) && !slices.Contains(f.traffic.others, c.Protocol)
	case icmp, icmpv6:
		return t.protocol == c.Protocol && in(t.first, uint16(c.ICMPType)) && in(t.second, uint16(c.ICMPCode))
	case tcp, udp, sctp:
		return t.protocol == c.Protocol && in(t.first, c.Port) && in(t.second, c.SourcePort)
	}
	return t.protocol == c.Protocol
}
