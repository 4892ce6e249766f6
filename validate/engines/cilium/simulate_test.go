package cilium

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	"github.com/cilium/cilium/pkg/policy"
	policytestutils "github.com/cilium/cilium/pkg/policy/testutils"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

// TestSimulators compares the engine, in random worlds, with the two simulators that Cilium tests its own
// policy code with: IteratePolicy, which walks the rules one by one, and LookupFlow.
func TestSimulators(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(seed)
			engine, err := New(w.policies(t), w.cluster(t), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(engine.Rejected()) > 0 {
				t.Fatal(engine.Rejected())
			}
			seen := map[Verdict]int{}
			for i := range 400 {
				c := w.connection()
				answer, err := engine.Answer(c)
				if err != nil {
					t.Fatal(err)
				}
				if answer.Egress == None && answer.Ingress == None {
					continue
				}
				compare(t, engine, c, answer, i < 25)
				seen[answer.Egress]++
				seen[answer.Ingress]++
			}
			if seen[Allow] < 50 || seen[Deny] < 50 {
				t.Errorf("a world too one-sided to tell anything: %v", seen)
			}
		})
	}
}

// compare asks the simulators about the flow between the same two identities.
func compare(t *testing.T, e *Engine, c Connection, answer Answer, lookup bool) {
	t.Helper()
	from, _ := e.cluster.endpoint(c.From)
	to, _ := e.cluster.endpoint(c.To)
	home := from.home(e.cluster)
	if from.pod == nil {
		home = to.home(e.cluster)
	}
	a, err := e.agentOn(home)
	if err != nil {
		t.Fatal(err)
	}
	flow := types.Flow{From: identityOf(t, a, from, home), To: identityOf(t, a, to, home), Proto: u8proto.U8proto(c.Protocol), Dport: c.Port}
	var entries types.PolicyEntries
	for _, p := range e.policies {
		parsed, err := p.parse(e.with)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, parsed...)
	}
	simulated, _, _ := policytestutils.IteratePolicy(entries, flow)
	agree(t, "IteratePolicy", c, "out", answer.Egress, simulated.Egress)
	// The simulator does not know that the local host is let in.
	if flow.From.ID != identity.ReservedIdentityHost {
		agree(t, "IteratePolicy", c, "in", answer.Ingress, simulated.Ingress)
	}
	if !lookup {
		return
	}
	looked, _, _, err := policy.LookupFlow(discard, a.repo, identitymanager.NewIDManager(discard), flow)
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "LookupFlow", c, "out", answer.Egress, looked.Egress)
	agree(t, "LookupFlow", c, "in", answer.Ingress, looked.Ingress)
}

func identityOf(t *testing.T, a *agent, e endpoint, home *node) *identity.Identity {
	t.Helper()
	number, ok := a.peer(e, home, false)
	id := a.allocator.LookupIdentityByID(context.Background(), number)
	if !ok || id == nil {
		t.Fatalf("no identity %d", number)
	}
	return id
}

func agree(t *testing.T, simulator string, c Connection, side string, got Verdict, want types.Decision) {
	t.Helper()
	if got == None {
		return
	}
	if (got == Allow) != (want == types.DecisionAllowed) {
		t.Errorf("%s -> %s %d/%d: %s %s, %s says otherwise", c.From, c.To, c.Protocol, c.Port, side, got, simulator)
	}
}

// world makes a random cluster and random policies.
type world struct{ *rand.Rand }

func newWorld(seed uint64) world { return world{rand.New(rand.NewPCG(seed, 0))} }

func (w world) pick(of ...string) string { return of[w.IntN(len(of))] }

func (w world) cluster(t testing.TB) []Document {
	var text strings.Builder
	for i := range 3 {
		fmt.Fprintf(&text, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns%d, labels: {env: e%d}}\n", i, i%2)
		fmt.Fprintf(&text, "---\napiVersion: v1\nkind: Node\nmetadata: {name: n%d}\nstatus: {addresses: [{type: InternalIP, address: 192.168.0.%d}]}\n", i, i+1)
	}
	for i := range 18 {
		fmt.Fprintf(&text, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: ns%d, labels: {app: a%d, tier: t%d}}\n", i, i%3, w.IntN(4), w.IntN(2))
		fmt.Fprintf(&text, "spec: {nodeName: n%d}\nstatus: {phase: Running, podIP: 10.0.0.%d}\n", w.IntN(3), i+1)
	}
	return documents(t, text.String())
}

func (w world) policies(t testing.TB) []Document {
	var text strings.Builder
	for i := range 25 {
		kind, scope := "CiliumNetworkPolicy", fmt.Sprintf("namespace: ns%d", w.IntN(3))
		if w.IntN(4) == 0 {
			kind, scope = "CiliumClusterwideNetworkPolicy", "labels: {}"
		}
		fmt.Fprintf(&text, "---\napiVersion: cilium.io/v2\nkind: %s\nmetadata: {name: p%d, %s}\nspec:\n", kind, i, scope)
		fmt.Fprintf(&text, "  endpointSelector: {matchLabels: {app: a%d}}\n", w.IntN(4))
		if w.IntN(4) == 0 {
			text.WriteString("  enableDefaultDeny: {ingress: false, egress: false}\n")
		}
		fmt.Fprintf(&text, "  ingress: [{%s}, {%s}]\n", w.rule("from"), w.rule("from"))
		fmt.Fprintf(&text, "  egress: [{%s}, {%s}]\n", w.rule("to"), w.rule("to"))
		if w.IntN(3) == 0 {
			fmt.Fprintf(&text, "  %sDeny: [{%s}]\n", w.pick("ingress", "egress"), w.rule("from"))
		}
	}
	return documents(t, strings.ReplaceAll(text.String(), "egressDeny: [{from", "egressDeny: [{to"))
}

// rule is a peer, ports, or both, for the direction whose fields begin with prefix.
func (w world) rule(prefix string) string {
	peer := w.pick(
		fmt.Sprintf("Endpoints: [{matchLabels: {tier: t%d}}]", w.IntN(2)),
		fmt.Sprintf("Endpoints: [{matchLabels: {app: a%d, io.kubernetes.pod.namespace: ns%d}}]", w.IntN(4), w.IntN(3)),
		fmt.Sprintf("Endpoints: [{matchExpressions: [{key: app, operator: NotIn, values: [a%d]}]}]", w.IntN(4)),
		fmt.Sprintf("Endpoints: [{matchLabels: {io.cilium.k8s.namespace.labels.env: e%d}}]", w.IntN(2)),
		"Entities: [world]", "Entities: [cluster]", "Entities: [host, remote-node]", "Entities: [all]",
		"CIDR: [203.0.113.0/24]",
		"CIDRSet: [{cidr: 0.0.0.0/0, except: [203.0.113.0/25]}]",
	)
	port := 1 + w.IntN(20)
	ports := fmt.Sprintf("toPorts: [{ports: [{port: %q, endPort: %d, protocol: %s}]}]", fmt.Sprint(port), port+w.IntN(6), w.pick("TCP", "UDP", "ANY"))
	switch w.IntN(4) {
	case 0:
		return ports
	case 1:
		return prefix + peer
	default:
		return prefix + peer + ", " + ports
	}
}

func (w world) connection() Connection {
	from := w.pick(w.pod(), w.pod(), w.pod(), "203.0.113.5", "node:n1")
	to := w.pick(w.pod(), w.pod(), w.pod(), "203.0.113.5", "203.0.113.200", "198.51.100.1", "node:n0")
	return Connection{From: from, To: to, Protocol: Protocol([]uint8{6, 17}[w.IntN(2)]), Port: uint16(1 + w.IntN(25))}
}

func (w world) pod() string {
	i := w.IntN(18)
	return fmt.Sprintf("ns%d/p%d", i%3, i)
}

func documents(t testing.TB, text string) []Document {
	t.Helper()
	docs, err := ReadDocuments("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return docs
}
