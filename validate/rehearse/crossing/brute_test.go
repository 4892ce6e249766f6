package crossing

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/generate"
	"github.com/policyferry/policyferry/validate/verdict"
)

var (
	first = flag.Uint64("first", 1, "the first seed of TestCourseIsEveryState")
	seeds = flag.Int("seeds", 40, "how many seeds TestCourseIsEveryState takes")
)

// TestCourseIsEveryState makes random changes in a random order, and holds the states that are judged together to the
// same states, each put together and judged by itself. The first that is not between the ends must be the same.
func TestCourseIsEveryState(t *testing.T) {
	found := map[equiv.Kind]int{}
	states, layered := 0, 0
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		for to, text := range map[compat.CNI]string{compat.Cilium: generate.Calico(seed), compat.Calico: generate.Cilium(seed)} {
			c := crossing(t, to, text)
			if c == nil {
				continue
			}
			r := rand.New(rand.NewPCG(seed, uint64(len(to))))
			c.stretch = 1 + r.IntN(4)
			var others []*source.Document // of the same names, and other content
			if o := crossing(t, to, map[compat.CNI]string{compat.Cilium: generate.Calico(seed + 5000), compat.Calico: generate.Cilium(seed + 5000)}[to]); o != nil {
				others = slices.Concat(o.Before.Documents, o.After.Documents)
			}
			for i := range 4 {
				name := fmt.Sprintf("seed %d to %s, walk %d", seed, to, i)
				w, changes := randomWalk(t, c, r, others)
				if w == nil {
					continue
				}
				kind, n := c.sameAsBrute(t, name, w, changes)
				found[kind]++
				states += n
				if p, err := c.plan(w, changes); err == nil {
					if _, depth := layers(p.steps); depth < len(p.steps) {
						layered++
					}
				}
			}
		}
	}
	t.Logf("%v in %d states; %d walks have fewer layers than steps", found, states, layered)
	if found[equiv.Opens] == 0 || found[equiv.Closes] == 0 || found[""] == 0 || layered == 0 {
		t.Errorf("only %v are found: the test cannot fail", found)
	}
}

// randomWalk applies and deletes some of the objects of both ends, in a random order, under one of the CNIs, beside two
// ends of which each may be that of the crossing or of the walk.
func randomWalk(t *testing.T, c *Crossing, r *rand.Rand, others []*source.Document) (*walk, []Change) {
	w := &walk{polices: c.Target, start: newState(nil), before: c.Before, after: c.After}
	if r.IntN(2) == 0 {
		w.polices = c.Source
	}
	var changes []Change
	docs := slices.Concat(c.Before.Documents, c.After.Documents)
	if r.IntN(3) == 0 { // what many objects concern
		guards := c.guards(w.start, w.start.applying(c.After.Documents))
		for _, g := range guards {
			docs = append(docs, g.doc)
		}
	}
	r.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	for _, d := range docs {
		switch r.IntN(3) {
		case 0:
			w.start.objects[d.Object] = d
			changes = append(changes, Change{Delete: true, Document: d})
		case 1:
			w.start.objects[d.Object] = d
		default:
			changes = append(changes, Change{Document: d})
		}
	}
	changes = slices.DeleteFunc(changes, func(ch Change) bool { return ch.Delete && w.start.objects[ch.Document.Object] != ch.Document })
	for _, d := range others {
		if old := w.start.objects[d.Object]; old != nil && r.IntN(2) == 0 && !slices.ContainsFunc(changes, func(ch Change) bool { return ch.Document.Object == d.Object }) {
			changes = append(changes, Change{Document: d})
		}
	}
	r.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
	end := w.start.clone()
	end.make(changes)
	for _, at := range []struct {
		s    *state
		into **equiv.Side
	}{{w.start, &w.before}, {end, &w.after}} {
		if r.IntN(4) == 0 {
			continue
		}
		side, err := c.side(w.polices, at.s)
		if err != nil {
			return nil, nil
		}
		*at.into = side
	}
	return w, changes
}

// sameAsBrute walks, and judges every state by itself until one is outside. It returns how, and how many states it judged.
func (c *Crossing) sameAsBrute(t *testing.T, name string, w *walk, changes []Change) (equiv.Kind, int) {
	t.Helper()
	p, err := c.walk(w, changes)
	at, states := w.start.clone(), 0
	for i := 0; ; i++ {
		side, sideErr := c.side(w.polices, at)
		if sideErr != nil { // such as two forms of one object: the walk may say so in another state
			return "refused", states
		}
		if err != nil {
			t.Fatalf("%s: %v, but the state after %d changes can be judged", name, err, i)
		}
		r, betweenErr := equiv.Between(w.before, side, w.after, c.World.Facts)
		if betweenErr != nil {
			t.Fatal(betweenErr)
		}
		states++
		switch outside := p.Problem != nil && p.Problem.After == i; {
		case len(r.Differences) == 0 && outside:
			t.Fatalf("%s: after %d of %d changes %s %v is outside, but the state judged by itself is between", name, i, len(changes), p.Problem.Difference.Kind, p.Problem.Difference.Witness)
		case len(r.Differences) > 0 && !outside:
			t.Fatalf("%s: after %d of %d changes %s %v is outside, but the walk says %+v", name, i, len(changes), r.Differences[0].Kind, r.Differences[0].Witness, p.Problem)
		case outside:
			c.sameWitness(t, name, p.Problem.Difference, r.Differences, side)
			return p.Problem.Difference.Kind, states
		}
		if i == len(changes) {
			return "", states
		}
		at.make(changes[i : i+1])
	}
}

// sameWitness holds the witness of a walk to the judge of the state.
func (c *Crossing) sameWitness(t *testing.T, name string, got equiv.Difference, want []equiv.Difference, side *equiv.Side) {
	t.Helper()
	if got.Kind != want[0].Kind {
		t.Fatalf("%s: %s, want %s", name, got.Kind, want[0].Kind)
	}
	v, err := side.Judge.Judge(got.Witness)
	if err != nil {
		t.Fatal(err)
	}
	if v.Egress != got.Right.Egress || v.Ingress != got.Right.Ingress {
		t.Fatalf("%s: %v is %s and %s, but the walk says %s and %s", name, got.Witness, v.Egress, v.Ingress, got.Right.Egress, got.Right.Ingress)
	}
}

// TestConcerning: whoever a document does not concern fares the same without it, whatever others are there.
func TestConcerning(t *testing.T) {
	asked := 0
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		for to, text := range map[compat.CNI]string{compat.Cilium: generate.Calico(seed), compat.Calico: generate.Cilium(seed)} {
			c := crossing(t, to, text)
			if c == nil {
				continue
			}
			for r, side := range map[compat.Release]*equiv.Side{c.Source: c.Before, c.Target: c.After} {
				asked += c.unconcerned(t, fmt.Sprintf("seed %d, %s", seed, r.Name()), r, side)
			}
		}
	}
	t.Logf("%d verdicts", asked)
	if asked < 1000 {
		t.Errorf("only %d verdicts were asked for", asked)
	}
}

func (c *Crossing) unconcerned(t *testing.T, name string, r compat.Release, side *equiv.Side) (asked int) {
	for _, d := range side.Documents {
		if !slices.Contains(policies, d.Object.Kind) {
			continue
		}
		without, err := c.side(r, newState(slices.DeleteFunc(slices.Clone(side.Documents), func(o *source.Document) bool { return o == d })))
		if err != nil {
			continue
		}
		for at := range c.World.Facts.Pods {
			docs, known := side.Concerning(verdict.Endpoint{Pod: at})
			if !known || slices.Contains(docs, d) {
				continue
			}
			for other := range c.World.Facts.Pods {
				for _, ingress := range []bool{false, true} {
					of := verdict.Connection{From: verdict.Endpoint{Pod: at}, To: verdict.Endpoint{Pod: other}, Protocol: 6, Port: 80, SourcePort: 40000}
					if ingress {
						of.From, of.To = of.To, of.From
					}
					x, errX := side.Judge.JudgeEnd(of, ingress)
					y, errY := without.Judge.JudgeEnd(of, ingress)
					if errX != nil || errY != nil {
						continue
					}
					if asked++; x.Action != y.Action {
						t.Fatalf("%s: %v, ingress %v: %s, without %s %s", name, of, ingress, x.Action, d.Object, y.Action)
					}
				}
			}
		}
	}
	return asked
}

// TestPrefixesOfOthers: under Cilium a rule that takes the placeholder of known addresses, and not the plain world, is
// opened by a policy about others that names a prefix. The walk must see it although that policy selects nobody whom
// the rule polices.
func TestPrefixesOfOthers(t *testing.T) {
	const text = `
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: web}
spec:
  endpointSelector: {matchLabels: {app: web}}
  egress:
  - toEndpoints:
    - matchExpressions:
      - {key: "reserved:world", operator: DoesNotExist}
      - {key: "reserved:world-ipv4", operator: DoesNotExist}
      - {key: "reserved:world-ipv6", operator: DoesNotExist}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: cart, namespace: shop}
spec: {endpointSelector: {matchLabels: {app: cart}}, egress: [{toCIDR: [203.0.113.0/24]}]}
`
	c := crossing(t, compat.Calico, text)
	if c == nil {
		t.Fatal("the set is refused")
	}
	start := newState(c.Before.Documents)
	var changes []Change
	for _, d := range c.Before.Documents {
		if d.Object.Name == "cart" {
			delete(start.objects, d.Object)
			changes = append(changes, Change{Document: d})
		}
	}
	alone, err := c.side(c.Source, start)
	if err != nil {
		t.Fatal(err)
	}
	if _, known := alone.Concerning(verdict.Endpoint{Pod: "shop/web"}); known {
		t.Error("the rule of web is said to depend on nobody else")
	}
	kind, _ := c.sameAsBrute(t, "prefixes", &walk{polices: c.Source, start: start, before: alone, after: alone}, changes)
	if kind != equiv.Opens {
		t.Errorf("%q is found, want %s", kind, equiv.Opens)
	}
}
