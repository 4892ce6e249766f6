package crossing

import (
	"fmt"
	"maps"
	"os"
	"testing"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/claim"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/generate"
	"github.com/policyferry/policyferry/validate/verdict"
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
	return &Crossing{Source: r.Source, Target: r.Target, Before: o.Left, After: o.Right, World: o.World, MaxDepth: 1000}
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
	safe, unsafe, states := map[string]int{}, map[string]int{}, 0
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
				if seed <= 8 {
					states += oneByOne(t, c, name, p)
				}
			}
		}
	}
	t.Logf("safe %v, not %v; %d states judged one by one", safe, unsafe, states)
	if states < 100 {
		t.Errorf("only %d states were judged one by one", states)
	}
	for _, name := range []string{"apply", "delete", "enforced"} {
		if safe[name] == 0 {
			t.Errorf("no set is safe to %s", name)
		}
	}
}

// oneByOne puts every state of a phase together anew, and judges connections of all pods in it one by one, beside both
// ends. It returns the number of states.
func oneByOne(t *testing.T, c *Crossing, name string, p *Phase) int {
	t.Helper()
	set := map[diag.Object]*source.Document{}
	var before, after verdict.Judge = c.Before.Judge, c.After.Judge
	polices := c.Source
	for _, d := range c.Before.Documents {
		set[d.Object] = d
	}
	switch name {
	case "delete":
		polices = c.Target
		for _, d := range c.After.Documents {
			set[d.Object] = d
		}
	case "enforced":
		polices = c.Target
		for o, d := range set {
			if owner(d) != "" {
				delete(set, o)
			}
		}
		before = judgeOf(t, c, polices, set)
		all := maps.Clone(set)
		for _, d := range c.After.Documents {
			all[d.Object] = d
		}
		after = judgeOf(t, c, polices, all)
	}
	for i := 0; ; i++ {
		if i == len(p.Changes) || i == 0 || p.Changes[i].Batch != p.Changes[i-1].Batch {
			between(t, c, fmt.Sprintf("%s after %d changes", name, i), before, judgeOf(t, c, polices, set), after)
		}
		if i == len(p.Changes) {
			return i + 1
		}
		if ch := p.Changes[i]; ch.Delete {
			delete(set, ch.Document.Object)
		} else {
			set[ch.Document.Object] = ch.Document
		}
	}
}

func judgeOf(t *testing.T, c *Crossing, r compat.Release, set map[diag.Object]*source.Document) verdict.Judge {
	t.Helper()
	var docs []*source.Document
	for _, d := range set {
		if o := owner(d); o == "" || o == r.CNI {
			docs = append(docs, d)
		}
	}
	s, err := equiv.NewSide(equiv.Set{CNI: r.CNI, Version: r.Version.String(), Documents: docs}, c.World.Facts, c.World.Objects)
	if err != nil {
		t.Fatal(err)
	}
	return s.Judge
}

func between(t *testing.T, c *Crossing, at string, before, state, after verdict.Judge) {
	t.Helper()
	whole := func(j verdict.Judge, of verdict.Connection) string {
		v, err := j.Judge(of)
		switch {
		case err != nil:
			t.Fatal(err)
		case !v.Allowed():
			return "deny"
		case v.Egress == verdict.Unknown || v.Ingress == verdict.Unknown:
			return "unknown"
		}
		return "allow"
	}
	for from, a := range c.World.Facts.Pods {
		for to, b := range c.World.Facts.Pods {
			if from == to || a.HostNetwork || b.HostNetwork {
				continue
			}
			for _, port := range []uint16{53, 80, 443, 5432, 8080, 9999} {
				for _, protocol := range []uint8{6, 17} {
					of := verdict.Connection{From: verdict.Endpoint{Pod: from}, To: verdict.Endpoint{Pod: to}, Protocol: protocol, Port: port, SourcePort: 40000}
					x, y, z := whole(before, of), whole(state, of), whole(after, of)
					if y != x && y != z && x != "unknown" && y != "unknown" && z != "unknown" {
						t.Fatalf("%s: %v is %s, between %s and %s", at, of, y, x, z)
					}
				}
			}
		}
	}
}
