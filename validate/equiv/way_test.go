package equiv

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/generate"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/calico"
	"github.com/policyferry/policyferry/validate/verdict/cilium"
)

// someOf are random parts of a set, each a step from the one before. The judge refuses none of them.
func someOf(t *testing.T, r *rand.Rand, all []*source.Document, facts *cluster.Facts, judge newJudge, n int) []*Side {
	t.Helper()
	var out []*Side
	in := make([]bool, len(all))
	for range n {
		for range 1 + r.IntN(2) {
			i := r.IntN(len(all))
			in[i] = !in[i]
		}
		var docs []*source.Document
		for i, d := range all {
			if in[i] {
				docs = append(docs, d)
			}
		}
		if j, err := judge(docs, facts); err == nil {
			out = append(out, &Side{Judge: j, Documents: docs, Facts: facts})
		}
	}
	return out
}

// bothCNIs are random sets in each CNI's words.
func bothCNIs(t *testing.T, seed uint64) map[string]struct {
	docs  []*source.Document
	judge newJudge
} {
	type set = struct {
		docs  []*source.Document
		judge newJudge
	}
	read := func(generated func(uint64) string) []*source.Document {
		return slices.Concat(docs(t, "a.yaml", generated(seed)), docs(t, "b.yaml", generated(seed+5000)))
	}
	return map[string]set{"calico": {read(generate.Calico), calico.New}, "cilium": {read(generate.Cilium), cilium.New}}
}

// TestWay: what is remembered from one set to the next changes no answer.
func TestWay(t *testing.T) {
	facts := castFacts(t)
	differ, remembered := 0, 0
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		for name, set := range bothCNIs(t, seed) {
			r := rand.New(rand.NewPCG(seed, 4))
			sides := someOf(t, r, set.docs, facts, set.judge, 10)
			if len(sides) < 3 {
				continue
			}
			way := NewWay(sides[0], sides[len(sides)-1], facts)
			for i, middle := range sides {
				got, err := way.Between(middle)
				if err != nil {
					t.Fatal(err)
				}
				want, err := NewWay(sides[0], sides[len(sides)-1], facts).Between(middle)
				if err != nil {
					t.Fatal(err)
				}
				differ += len(want.Differences)
				if got.Size.Judged < want.Size.Judged {
					remembered++
				}
				if got.Answer != want.Answer || !reflect.DeepEqual(got.Differences, want.Differences) {
					t.Fatalf("seed %d, %s, set %d: %s %+v on the way, %s %+v for itself", seed, name, i, got.Answer, got.Differences, want.Answer, want.Differences)
				}
			}
		}
	}
	t.Logf("%d differences, %d sets of which something was remembered", differ, remembered)
	if differ == 0 || remembered == 0 {
		t.Errorf("%d differences, %d sets of which something was remembered: the test cannot fail", differ, remembered)
	}
}

// TestGoverned: two judges that are governed alike at an end say the same there of every packet.
func TestGoverned(t *testing.T) {
	facts := castFacts(t)
	var ends []verdict.Endpoint
	for name := range facts.Pods {
		ends = append(ends, verdict.Endpoint{Pod: name})
	}
	for name := range facts.Nodes {
		ends = append(ends, verdict.Endpoint{Node: name})
	}
	slices.SortFunc(ends, func(a, b verdict.Endpoint) int { return len(a.String()) - len(b.String()) })
	alike, others := 0, 0
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		for name, set := range bothCNIs(t, seed) {
			r := rand.New(rand.NewPCG(seed, 5))
			sides := someOf(t, r, set.docs, facts, set.judge, 6)
			for i := 1; i < len(sides); i++ {
				a, b := sides[i-1].Judge.(verdict.Recogniser), sides[i].Judge.(verdict.Recogniser)
				peers := slices.Concat(ends, outsiders(a), outsiders(b))
				for _, end := range ends {
					for _, ingress := range []bool{false, true} {
						if !slices.Equal(a.Governed(end, ingress), b.Governed(end, ingress)) {
							others++
							continue
						}
						alike++
						sameAt(t, r, fmt.Sprintf("seed %d, %s, set %d", seed, name, i), a, b, end, peers, ingress)
					}
				}
			}
		}
	}
	t.Logf("%d ends were governed alike, %d were not", alike, others)
	if alike == 0 || others == 0 {
		t.Error("the test cannot fail")
	}
}

// outsiders are addresses in the ranges that a judge knows.
func outsiders(j verdict.Partitioner) []verdict.Endpoint {
	out := []verdict.Endpoint{}
	for _, p := range j.Ranges() {
		out = append(out, verdict.Endpoint{Addr: p.Masked().Addr()}, verdict.Endpoint{Addr: p.Masked().Addr().Next()})
	}
	return out
}

func sameAt(t *testing.T, r *rand.Rand, name string, a, b verdict.Partitioner, end verdict.Endpoint, peers []verdict.Endpoint, ingress bool) {
	t.Helper()
	for range 60 {
		c := verdict.Connection{
			From: end, To: peers[r.IntN(len(peers))], Protocol: []uint8{6, 17, 132, 1, 58, 47}[r.IntN(6)],
			Port: []uint16{53, 80, 443, 5432, 8080, uint16(1 + r.IntN(65535))}[r.IntN(6)], SourcePort: uint16(1 + r.IntN(65535)), ICMPType: uint8(r.IntN(20)),
		}
		if ingress {
			c.From, c.To = c.To, c.From
		}
		x, xErr := a.JudgeEnd(c, ingress)
		y, yErr := b.JudgeEnd(c, ingress)
		if (xErr == nil) != (yErr == nil) || x.Action != y.Action || x.Why != y.Why || !slices.Equal(x.By, y.By) || (x.When == nil) != (y.When == nil) || x.When != nil && x.When.Key() != y.When.Key() {
			t.Fatalf("%s: %+v at ingress=%v: %+v %v and %+v %v, but both are governed alike", name, c, ingress, x, xErr, y, yErr)
		}
	}
}

// TestGrain: a judge that is asked once for all cells that are the same to it says what it would say of each.
func TestGrain(t *testing.T) {
	facts := castFacts(t)
	fewer, cells := 0, 0
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		a, b := side(t, generate.Calico(seed), facts, calico.New), side(t, generate.Cilium(seed), facts, cilium.New)
		x := side(t, generate.Cilium(seed+1000), facts, cilium.New)
		if a == nil || b == nil || x == nil {
			continue
		}
		w, err := wordsOf(a.Documents, b.Documents, x.Documents)
		if err != nil {
			t.Fatal(err)
		}
		c := newComparison(joined(a, b), x, facts, betweenness{}, w)
		for _, ingress := range []bool{false, true} {
			for i, v := range c.views(ingress) {
				if v == nil {
					continue
				}
				for _, first := range v.part.first {
					of, ok := c.witness(i, first)
					if !ok {
						continue
					}
					if ingress {
						of.From, of.To = of.To, of.From
					}
					coarse, _ := c.profileOf(of, v.cells, v.by, ingress)
					fine, _ := c.profileOf(of, v.cells, [2]*grain{}, ingress)
					if coarse != fine {
						t.Fatalf("seed %d: %+v, ingress %v: %+v, cell by cell %+v", seed, of, ingress, c.profiles[coarse], c.profiles[fine])
					}
					cells += len(v.cells)
					fewer += len(v.cells) - v.by[1].slots
				}
			}
		}
	}
	t.Logf("of %d cells, %d need not be asked about", cells, fewer)
	if fewer == 0 {
		t.Error("no judge is coarser than the cells: the test cannot fail")
	}
}
