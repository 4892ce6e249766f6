package crossing

import (
	"fmt"
	"os"
	"testing"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/claim"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/generate"
)

func read(t testing.TB, name, text string) []*source.Document {
	t.Helper()
	docs, problems := source.ReadBytes(name, []byte(text), source.Options{})
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	return docs
}

func cast(t testing.TB) []*source.Document {
	t.Helper()
	var out []*source.Document
	for _, name := range []string{"cluster.yaml", "facts.yaml"} {
		text, err := os.ReadFile("../../../fixtures/cast/" + name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, read(t, name, string(text))...)
	}
	return out
}

// TestClosedIsNotOpened: a NetworkPolicy cuts web off before and after, first where its connections leave, then where they
// would enter. Whoever opens the one before closing the other lets through what both ends deny.
func TestClosedIsNotOpened(t *testing.T) {
	const text = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web-leaves-nowhere, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: a-web, namespace: shop}
spec: {order: 10, selector: app == 'web', types: [Egress], egress: [{action: Allow, destination: {selector: app == 'db'}}]}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: b-db, namespace: shop}
spec: {order: 10, selector: app == 'db', types: [Ingress], ingress: [{action: Allow, source: {selector: app == 'cart'}}]}
`
	c := crossing(t, compat.Cilium, text)
	p, err := c.Enforced()
	if err != nil || p.Problem != nil {
		t.Fatalf("%+v, %v", p, err)
	}
	names := ""
	for _, ch := range p.Changes {
		names += ch.Document.Object.Name + " "
	}
	if names != "b-db a-web " {
		t.Errorf("applied in the order %s", names)
	}
	start := newState(c.Before.Documents[:1])
	w := &walk{polices: c.Target, start: start}
	end := start.clone()
	end.make(start.applying(c.inOrder()))
	if w.before, err = c.side(c.Target, start); err != nil {
		t.Fatal(err)
	}
	if w.after, err = c.side(c.Target, end); err != nil {
		t.Fatal(err)
	}
	other, err := c.walk(w, start.applying(c.inOrder()))
	if err != nil || other.Problem == nil || other.Problem.Difference.Kind != equiv.Opens {
		t.Errorf("the other order: %+v, %v", other, err)
	}
}

// crossing translates a set; nil if the judges refuse one of the sets as a whole.
func crossing(t testing.TB, to compat.CNI, text string) *Crossing {
	t.Helper()
	policies, cluster := read(t, "source", text), cast(t)
	r, err := translate.Translate(policies, translate.Options{To: to, Cluster: cluster})
	if err != nil {
		t.Fatal(err)
	}
	o, err := (&claim.Claim{Policies: policies, Cluster: cluster, Result: r}).Check()
	if err != nil {
		return nil
	}
	return &Crossing{Source: r.Source, Target: r.Target, Before: o.Left, After: o.Right, World: o.World, MaxStates: 1000}
}

// TestOpenIsNotCutOff: two policies allow one pod something. Whichever comes first alone would cut off what the other one
// allows, so a guard is needed where the target polices already.
func TestOpenIsNotCutOff(t *testing.T) {
	const calico = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: from-web, namespace: shop}
spec: {selector: app == 'db', types: [Ingress], ingress: [{action: Allow, source: {selector: app == 'web'}}]}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: from-cart, namespace: shop}
spec: {selector: app == 'db', types: [Ingress], ingress: [{action: Allow, source: {selector: app == 'cart'}}]}
`
	const cilium = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: from-web, namespace: shop}
spec: {endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: from-cart, namespace: shop}
spec: {endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEndpoints: [{matchLabels: {app: cart}}]}]}
`
	for to, text := range map[compat.CNI]string{compat.Cilium: calico, compat.Calico: cilium} {
		c := crossing(t, to, text)
		p, err := c.Enforced()
		if err != nil || p.Problem != nil {
			t.Fatalf("to %s: %+v, %v", to, p, err)
		}
		if !p.Changes[0].Guard || !p.Changes[len(p.Changes)-1].Delete {
			t.Errorf("to %s: no guard: %+v", to, p.Changes)
		}
		w := enforcedWalk(t, c)
		alone, err := c.walk(w, w.start.applying(c.inOrder()))
		if err != nil || alone.Problem == nil || alone.Problem.Difference.Kind != equiv.Closes || alone.Problem.After != 1 {
			t.Errorf("to %s: without a guard: %+v, %v", to, alone.Problem, err)
		}
		for name, phase := range map[string]func() (*Phase, error){"apply": c.Apply, "delete": c.Delete} {
			if p, err := phase(); err != nil || p.Problem != nil || len(p.Changes) != 2 || p.States != 0 {
				t.Errorf("to %s, %s: %+v, %v", to, name, p, err)
			}
		}
	}
}

// enforcedWalk is the walk that Enforced goes.
func enforcedWalk(t testing.TB, c *Crossing) *walk {
	t.Helper()
	w := &walk{polices: c.Target, start: newState(nil)}
	end := w.start.clone()
	end.make(w.start.applying(c.inOrder()))
	var err error
	if w.before, err = c.side(c.Target, w.start); err != nil {
		t.Fatal(err)
	}
	if w.after, err = c.side(c.Target, end); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestEveryStateIsBetween: of random sets, a phase that is said to be safe has been judged at every state.
func TestEveryStateIsBetween(t *testing.T) {
	safe, unsafe := map[string]int{}, map[string]int{}
	for seed := uint64(1); seed <= 12; seed++ {
		for to, text := range map[compat.CNI]string{compat.Cilium: generate.Calico(seed), compat.Calico: generate.Cilium(seed)} {
			c := crossing(t, to, text)
			if c == nil {
				continue
			}
			for name, phase := range map[string]func() (*Phase, error){"apply": c.Apply, "delete": c.Delete, "enforced": c.Enforced} {
				p, err := phase()
				if err != nil {
					t.Fatalf("seed %d to %s: %s: %v", seed, to, name, err)
				}
				if p.Problem != nil {
					unsafe[name]++
					if p.Problem.Difference.Witness.Protocol == 0 && p.Problem.Difference.Kind != equiv.Unjudged {
						t.Errorf("seed %d to %s: %s: no witness: %+v", seed, to, name, p.Problem)
					}
					t.Logf("seed %d to %s: %s: after %d of %d: %s %v", seed, to, name, p.Problem.After, len(p.Changes), p.Problem.Difference.Kind, p.Problem.Difference.Witness)
					continue
				}
				safe[name]++
			}
		}
	}
	t.Logf("safe %v, not %v", safe, unsafe)
	for _, name := range []string{"apply", "delete", "enforced"} {
		if safe[name] == 0 {
			t.Errorf("no set is safe to %s", name)
		}
	}
}

// TestBatches: no more states are judged than may be, and none for what the CNI does not read.
func TestBatches(t *testing.T) {
	var text string
	for i := range 10 {
		text += fmt.Sprintf("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p%d, namespace: shop}\nspec: {endpointSelector: {}, ingress: [{}]}\n---\n", i)
	}
	var changes []Change
	for _, d := range read(t, "set", text) {
		changes = append(changes, Change{Document: d})
	}
	c := &Crossing{MaxStates: 4}
	for cni, want := range map[compat.CNI]int{compat.Cilium: 4, compat.Calico: 1} {
		got := c.batches(changes, cni)
		if last := got[len(got)-1].Batch; last != want {
			t.Errorf("%s: %d batches, want %d", cni, last, want)
		}
	}
}
