package cilium

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

const twoPods = `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop, labels: {app: a}}
spec: {nodeName: x}
status: {phase: Running, podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: shop, labels: {app: b}}
spec: {nodeName: x, containers: [{name: c, ports: [{name: web, containerPort: 80}]}]}
status: {phase: Pending}
`

func TestNewRefuses(t *testing.T) {
	facts := "apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: "
	policy := "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p%s}\nspec: {podSelector: {}}\n"
	for want, text := range map[string]string{
		"is given twice":                 twoPods + "---" + twoPods,
		"NetworkPolicy default/p":        fmt.Sprintf(policy, "") + "---\n" + fmt.Sprintf(policy, ", namespace: default"),
		"a second ClusterFacts":          facts + "{}\n---\n" + facts + "{}",
		"unknown field \"sctpp\"":        facts + "{cilium: {sctpp: true}}",
		"policyEnforcementMode \"some\"": facts + "{cilium: {policyEnforcementMode: some}}",
		"policyCIDRMatchMode \"pod\"":    facts + "{cilium: {policyCIDRMatchMode: [pod]}}",
		"is not address:port":            facts + "{apiServers: [control]}",
		"is not a CIDR":                  facts + "{podCIDRs: [10.0.0.0]}",
		"label filter":                   facts + "{cilium: {labels: '('}}",
		"enable-sctp: \"maybe\"":         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cilium-config}\ndata: {enable-sctp: maybe}",
		"Pod shop/p":                     "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop, labels: [x]}",
	} {
		docs := documents(t, text)
		if _, err := New(docs, nil, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestAnswerRefuses(t *testing.T) {
	engine, err := New(nil, documents(t, twoPods), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Connection{
		{From: "shop/a", To: "shop/c", Protocol: protocolTCP},
		{From: "node:y", To: "shop/a", Protocol: protocolTCP},
		{From: "a", To: "shop/a", Protocol: protocolTCP},
	} {
		if answer, err := engine.Answer(c); err == nil {
			t.Errorf("%v: %v, want an error", c, answer)
		}
	}
}

// A pod that has no address yet is judged by its labels and by its named ports.
func TestPodWithoutAddress(t *testing.T) {
	policies := documents(t, `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  podSelector: {matchLabels: {app: a}}
  policyTypes: [Egress]
  egress: [{to: [{podSelector: {matchLabels: {app: b}}}], ports: [{port: web}]}]
`)
	engine, err := New(policies, documents(t, twoPods), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for port, want := range map[uint16]Verdict{80: Allow, 81: Deny} {
		answer, err := engine.Answer(Connection{From: "shop/a", To: "shop/b", Protocol: protocolTCP, Port: port})
		if err != nil || answer.Egress != want {
			t.Errorf("port %d: %v %v, want %s", port, answer, err, want)
		}
	}
}

// A policy whose entries do not fit in the map of the datapath is enforced in part only.
func TestMapOverflow(t *testing.T) {
	var text strings.Builder
	text.WriteString("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec:\n")
	text.WriteString("  endpointSelector: {matchLabels: {app: a}}\n  egress:\n  - toCIDR: [")
	for i := range 250 {
		fmt.Fprintf(&text, "203.0.113.%d/32, ", i)
	}
	text.WriteString("198.51.100.0/24]\n    toPorts: [{ports: [")
	for i := range 40 {
		fmt.Fprintf(&text, "{port: \"%d\"}, ", 1000+2*i)
	}
	text.WriteString("]}]\n")
	connection := Connection{From: "shop/a", To: "203.0.113.1", Protocol: protocolTCP, Port: 1000}
	config := "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cilium-config}\ndata: {bpf-policy-map-max: %q}\n"
	for size, want := range map[string]Verdict{"16384": Unknown, "65535": Allow} {
		engine, err := New(documents(t, text.String()), documents(t, twoPods+fmt.Sprintf(config, size)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := engine.Answer(connection)
		if err != nil || answer.Egress != want {
			t.Errorf("%s entries: %v %v, want %s", size, answer, err, want)
		}
	}
}

func TestNotes(t *testing.T) {
	facts := "apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {cilium: {version: %s}}\n"
	for version, want := range map[string]int{Version: 0, "1.18.2": 1} {
		engine, err := New(nil, documents(t, fmt.Sprintf(facts, version)), Options{})
		if err != nil || len(engine.Notes()) != want {
			t.Errorf("version %s: %v, want %d notes", version, err, want)
		}
	}
}

func TestConnectionJSON(t *testing.T) {
	for text, want := range map[string]Protocol{
		`"tcp"`: 6, `"udplite"`: 136, `47`: 47, `"47"`: 47, `"icmpv6"`: 58,
	} {
		var c Connection
		if err := json.Unmarshal([]byte(`{"protocol":`+text+`}`), &c); err != nil || c.Protocol != want {
			t.Errorf("%s is %d (%v), want %d", text, c.Protocol, err, want)
		}
	}
	for _, text := range []string{`"TCP "`, `0`, `256`, `-1`, `null`, `1.5`, `""`} {
		var c Connection
		if err := json.Unmarshal([]byte(`{"protocol":`+text+`}`), &c); err == nil {
			t.Errorf("%s is accepted as %d", text, c.Protocol)
		}
	}
}

func TestValidate(t *testing.T) {
	judged, err := Validate(documents(t, `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: good}
spec: {endpointSelector: {}, ingress: [{}]}
---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: mixed}
spec: {endpointSelector: {}, ingress: [{fromEntities: [all], fromCIDR: [10.0.0.0/8]}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: undecodable, namespace: shop}
spec: {endpointSelector: {}, ingress: [{icmps: [{fields: [{type: Knock}]}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: not-cilium}
spec: {podSelector: {}}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Judgement{
		{Kind: "CiliumNetworkPolicy", Namespace: "default", Name: "good", Accepted: true},
		{Kind: "CiliumClusterwideNetworkPolicy", Name: "mixed"},
		{Kind: "CiliumNetworkPolicy", Namespace: "shop", Name: "undecodable"},
	}
	if len(judged) != len(want) {
		t.Fatalf("judged %v, want %d lines", judged, len(want))
	}
	for i, got := range judged {
		if (got.Error == "") != got.Accepted {
			t.Errorf("%s: accepted %v with error %q", got.Name, got.Accepted, got.Error)
		}
		got.Error = ""
		if got != want[i] {
			t.Errorf("got %+v, want %+v", got, want[i])
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	w := newWorld(1)
	engine, err := New(w.policies(b), w.cluster(b), Options{})
	if err != nil {
		b.Fatal(err)
	}
	connections := make([]Connection, 1000)
	for i := range connections {
		connections[i] = w.connection()
	}
	for i := range connections {
		if _, err := engine.Answer(connections[i]); err != nil {
			b.Fatal(err)
		}
	}
	for i := 0; b.Loop(); i++ {
		if _, err := engine.Answer(connections[i%len(connections)]); err != nil {
			b.Fatal(err)
		}
	}
}

// Version is what go.mod requires.
func TestVersion(t *testing.T) {
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(module), "github.com/cilium/cilium v"+Version+"\n") {
		t.Errorf("go.mod does not require Cilium v%s", Version)
	}
	if strings.Contains(string(module), "replace") {
		t.Error("go.mod replaces a module: it could not be installed by its version")
	}
}
