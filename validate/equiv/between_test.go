package equiv

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/validate/generate"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/calico"
	"github.com/policyferry/policyferry/validate/verdict/cilium"
)

// TestBetweenIsComplete compares random sets with the two ends that others make, and then judges connections one by one
// under all three.
func TestBetweenIsComplete(t *testing.T) {
	facts := castFacts(t)
	found := map[Kind]int{}
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		a, b := side(t, generate.Calico(seed), facts, calico.New), side(t, generate.Cilium(seed), facts, cilium.New)
		for i, x := range []*Side{
			side(t, generate.Cilium(seed+1000), facts, cilium.New), side(t, generate.Calico(seed+1000), facts, calico.New),
		} {
			if a == nil || b == nil || x == nil {
				continue
			}
			p, leaving, entering, err := pair(joined(a, b), x, facts, betweenness{})
			if err != nil {
				t.Fatal(err)
			}
			f := &foresight{p, leaving, entering}
			f.betweenForetold(t, fmt.Sprintf("seed %d, set %d", seed, i), a, b, seed, found)
		}
	}
	t.Logf("%v", found)
	if found[Opens] == 0 || found[Closes] == 0 || found[""] == 0 {
		t.Errorf("only %v are found: the test cannot fail", found)
	}
}

func (f *foresight) betweenForetold(t *testing.T, name string, a, b *Side, seed uint64, found map[Kind]int) {
	r := rand.New(rand.NewPCG(seed, 3))
	ends := f.ends(r)
	for _, from := range ends {
		for _, to := range ends {
			if from.e == nil && to.e == nil || from.verdict() == to.verdict() || from.family != to.family {
				continue
			}
			for _, c := range f.packets(r, from, to) {
				if f.besides(c) != "" || f.traffic.without[c.Protocol] {
					continue
				}
				want := outsideOf(judged(t, a.Judge, c), judged(t, f.right, c), judged(t, b.Judge, c))
				found[want]++
				if got := f.lookUp(from, to, c); got != kinds(want) {
					t.Fatalf("%s: %v: %q, but the comparison says %q", name, c, want, got)
				}
			}
		}
	}
}

// outsideOf says what a verdict is beside those of both ends.
func outsideOf(before, middle, after verdict.Verdict) Kind {
	texts := map[string]bool{wholeText(before): true, wholeText(after): true}
	switch m := wholeText(middle); {
	case texts[m]:
		return ""
	case m == "allow" && len(texts) == 1 && texts["deny"]:
		return Opens
	case m == "deny" && len(texts) == 1 && texts["allow"]:
		return Closes
	}
	return Unjudged
}

// wholeText is deny, allow, or what it depends on.
func wholeText(v verdict.Verdict) string {
	if v.Egress == verdict.Deny || v.Ingress == verdict.Deny {
		return "deny"
	}
	var conditions []string
	for _, o := range opinionsOf(v) {
		switch {
		case o.action == verdict.Unknown && o.when != nil:
			conditions = append(conditions, o.when.Key())
		case o.action == verdict.Unknown:
			conditions = append(conditions, v.Why)
		}
	}
	if len(conditions) == 0 {
		return "allow"
	}
	slices.Sort(conditions)
	return strings.Join(slices.Compact(conditions), " and ")
}

// TestBetween: ends that deny at different ends of a connection, and a set that denies at neither.
func TestBetween(t *testing.T) {
	facts := castFacts(t)
	const policy = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: '%[1]s', namespace: shop}
spec: {selector: app == '%[1]s', types: [%[2]s]}
`
	leaves := side(t, fmt.Sprintf(policy, "web", "Egress"), facts, calico.New)
	enters := side(t, fmt.Sprintf(policy, "db", "Ingress"), facts, calico.New)
	nothing := side(t, fmt.Sprintf(policy, "nobody", "Ingress"), facts, calico.New)
	both := side(t, fmt.Sprintf(policy, "web", "Egress")+"---"+fmt.Sprintf(policy, "db", "Ingress"), facts, calico.New)
	for _, c := range []struct {
		name                  string
		before, middle, after *Side
		want                  Answer
	}{
		{"one of the ends", leaves, enters, enters, Equivalent},
		{"neither denies what both do", leaves, nothing, enters, More},
		{"both deny, each what the other allows", leaves, both, enters, Equivalent},
		{"both ends allow it", nothing, leaves, nothing, Less},
		{"the same three times", both, both, both, Equivalent},
	} {
		r, err := Between(c.before, c.middle, c.after, facts)
		if err != nil || r.Answer != c.want {
			t.Errorf("%s: %v, %v", c.name, r.Answer, err)
			continue
		}
		if len(r.Differences) > 0 && r.Differences[0].Right.Egress == "" {
			t.Errorf("%s: %+v is not explained", c.name, r.Differences[0])
		}
	}
}
