package equiv

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/calico"
)

// TestTheMatrixIsTrue judges connections one by one and looks each up in the matrix of random sets, with every pod a
// workload of its own.
func TestTheMatrixIsTrue(t *testing.T) {
	facts := castFacts(t)
	podName := func(p *cluster.Pod) string { return p.Namespace + "/" + p.Name }
	checked, partly := 0, 0
	for seed := *first; seed < *first+5; seed++ {
		for _, pair := range randomPairs(t, facts, seed) {
			if pair.left == nil || pair.right == nil {
				continue
			}
			result, err := Compare(pair.left, pair.right, facts, Options{Workload: podName, Explain: 1})
			if err != nil {
				t.Fatal(err)
			}
			place := map[string]int{}
			for i, e := range result.Matrix.Ends {
				place[e.Name] = i
			}
			f := paired(t, pair.left, pair.right, facts)
			random := rand.New(rand.NewPCG(seed, 4))
			for _, from := range f.ends(random) {
				for _, to := range f.ends(random) {
					if from.pod == nil || to.pod == nil || from.pod == to.pod || from.family != to.family {
						continue
					}
					reach := result.Matrix.Reaches[result.Matrix.Cells[place[podName(from.pod)]][place[podName(to.pod)]]]
					for _, c := range f.packets(random, from, to) {
						l, r, change := f.contrast(t, c)
						left, right := whole(l.Egress, l.Ingress), whole(r.Egress, r.Ingress)
						if f.besides(c) != "" || f.traffic.without[c.Protocol] {
							continue
						}
						checked++
						if reach.Left.has(c, left, l) && reach.Right.has(c, right, r) && containsAll(reach.Kinds, change) {
							if !reach.Left.Whole && left == verdict.Allow {
								partly++
							}
							continue
						}
						t.Fatalf("%s, seed %d: %v is %s and %s, but the matrix has %+v", pair.name, seed, c, left, right, reach)
					}
					for _, i := range reach.Differences {
						if d := result.Differences[i]; !slices.Contains(reach.Kinds, d.Kind) {
							t.Fatalf("%+v refers to a difference that is %s", reach, d.Kind)
						}
					}
				}
			}
		}
	}
	if t.Logf("%d connections", checked); partly == 0 {
		t.Error("no connection is one of a part that is allowed: the test cannot fail")
	}
}

func containsAll(have []Kind, want kinds) bool {
	for _, k := range strings.Fields(string(want)) {
		if !slices.Contains(have, Kind(k)) {
			return false
		}
	}
	return true
}

// has reports whether what is allowed includes a verdict. Ranges of first ports stand for all second ports, and both
// families stand in one cell, so a denial may hide behind what is allowed otherwise.
func (a *Allowed) has(c verdict.Connection, action verdict.Action, v verdict.Verdict) bool {
	if action == verdict.Deny {
		return true
	}
	if a.Whole && action == verdict.Allow {
		return true
	}
	in := func(ranges []PortRange) bool {
		first := c.Port
		if c.Protocol == icmp || c.Protocol == icmpv6 {
			first = uint16(c.ICMPType)
		}
		return slices.ContainsFunc(ranges, func(r PortRange) bool {
			return (r.Protocol == c.Protocol || r.Protocol == 0) && r.Low <= first && first <= r.High
		})
	}
	if action == verdict.Unknown {
		inPart := (v.Egress != verdict.Unknown || v.EgressWhen != nil) && (v.Ingress != verdict.Unknown || v.IngressWhen != nil)
		return inPart && in(a.InPart) || !inPart && in(a.Unsure)
	}
	return in(a.Ports)
}

// TestTheMatrixDenies: what nobody may is not in the matrix.
func TestTheMatrixDenies(t *testing.T) {
	facts := castFacts(t)
	set := side(t, `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - {action: Allow, protocol: TCP, source: {selector: app == 'web'}, destination: {ports: [5432]}}
`, facts, calico.New)
	r, err := Compare(set, set, facts, Options{Workload: func(p *cluster.Pod) string { return p.Namespace + "/" + p.Labels["app"] }})
	if err != nil {
		t.Fatal(err)
	}
	at := func(from, to string) Allowed {
		i := slices.IndexFunc(r.Matrix.Ends, func(e MatrixEnd) bool { return e.Name == from })
		j := slices.IndexFunc(r.Matrix.Ends, func(e MatrixEnd) bool { return e.Name == to })
		return r.Matrix.Reaches[r.Matrix.Cells[i][j]].Left
	}
	if got := at("shop/web", "shop/db"); got.Whole || !slices.Equal(got.Ports, []PortRange{{tcp, 5432, 5432}}) {
		t.Errorf("web to db: %+v", got)
	}
	if got := at("shop/cart", "shop/db"); got.Whole || len(got.Ports) > 0 {
		t.Errorf("cart to db: %+v", got)
	}
	if got := at(OutsideEnd, "shop/db"); got.Whole || len(got.Ports) > 0 {
		t.Errorf("outside to db: %+v", got)
	}
	if got := at("shop/db", "shop/web"); !got.Whole {
		t.Errorf("db to web: %+v", got)
	}
	if got := at(NodesEnd, "shop/web"); !got.Whole {
		t.Errorf("nodes to web: %+v", got)
	}
}
