package cilium

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// engineVariable names the program of validate/engines/cilium. Without it the tests of this file have nothing to
// compare with: the program is a module of its own, which the main module does not build.
const engineVariable = "POLICYFERRY_ENGINE_CILIUM"

func engineProgram(t *testing.T) string {
	t.Helper()
	program := os.Getenv(engineVariable)
	if program == "" {
		t.Skipf("%s does not name the engine program (docs/engine-protocol.md)", engineVariable)
	}
	return program
}

// answer is what the engine says of a connection.
type answer struct {
	Egress    verdict.Action `json:"egress"`
	Ingress   verdict.Action `json:"ingress"`
	EgressBy  []string       `json:"egressBy"`
	IngressBy []string       `json:"ingressBy"`
	Why       string         `json:"why"`
	// EgressInside and IngressInside are the rules by which a proxy decides, as JSON.
	EgressInside  []string `json:"egressInside"`
	IngressInside []string `json:"ingressInside"`
}

// ask runs the engine program over connections.
func ask(t *testing.T, program string, policies, objects []byte, connections []verdict.Connection) []answer {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string][]byte{"policies.yaml": policies, "cluster.yaml": objects} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var questions bytes.Buffer
	for _, c := range connections {
		question := map[string]any{
			"from": c.From.String(), "to": c.To.String(), "protocol": c.Protocol, "port": c.Port,
			"icmpType": c.ICMPType, "icmpCode": c.ICMPCode, "ipVersion": c.IPVersion,
		}
		if err := json.NewEncoder(&questions).Encode(question); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(program, "--policies", filepath.Join(dir, "policies.yaml"), "--cluster", filepath.Join(dir, "cluster.yaml"))
	var complaints bytes.Buffer
	command.Stdin, command.Stderr = &questions, &complaints
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	var answers []answer
	lines := bufio.NewScanner(bytes.NewReader(output))
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(connections) {
		t.Fatalf("%d answers to %d questions: %s", len(answers), len(connections), complaints.String())
	}
	return answers
}

// agree reports whether two verdicts do not contradict each other. Where one judge does not know, the other may.
func agree(a, b verdict.Action) bool { return a == b || a == verdict.Unknown || b == verdict.Unknown }

// subset reports whether the engine names no policy that the evaluator does not. It names one map entry's, the
// evaluator all that match.
func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(name string) bool { return !slices.Contains(all, name) })
}

// TestEngineOnScenarios asks the engine about every scenario that is about the release it is made of.
func TestEngineOnScenarios(t *testing.T) {
	program := engineProgram(t)
	for _, path := range scenarioFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			s := readScenario(t, path)
			if bytes.Contains(s.cluster, []byte("version:")) {
				t.Skip("the scenario is about another release than the engine's")
			}
			var connections []verdict.Connection
			for _, f := range s.flows {
				connections = append(connections, f.Connection)
			}
			for i, a := range ask(t, program, s.policies, s.cluster, connections) {
				f := s.flows[i]
				if !agree(a.Egress, f.Want.Egress) || !agree(a.Ingress, f.Want.Ingress) {
					t.Errorf("%s: the engine says %s %s (%s)", f.Text, a.Egress, a.Ingress, a.Why)
				}
			}
		})
	}
}

// TestEngineOnForms asks the engine about the tables.
func TestEngineOnForms(t *testing.T) {
	program := engineProgram(t)
	check := func(kind, fragment, facts string) {
		t.Run(facts+" "+kind+" "+fragment, func(t *testing.T) {
			compareJudges(t, program, []byte(policyForDB(kind, fragment)), baseCluster(t, facts), formConnections(t))
		})
	}
	for _, form := range forms {
		check(form.kind, form.fragment, "clusterNetworkPolicy: true")
	}
	for _, n := range negations {
		for _, confined := range []bool{true, false} {
			check(n.kind, n.fragment, fmt.Sprintf("clusterNetworkPolicy: true, defaultLocalCluster: %t", confined))
		}
	}
}

func formConnections(t *testing.T) []verdict.Connection {
	var out []verdict.Connection
	for _, from := range onlookers {
		for _, traffic := range []string{"tcp/80", "tcp/90", "udp/80", "icmp/8"} {
			out = append(out, connection(t, from, "shop/db", traffic))
		}
	}
	return out
}

// compareJudges asks both judges and returns how often they gave each verdict.
func compareJudges(t *testing.T, program string, policies, objects []byte, connections []verdict.Connection) map[verdict.Action]int {
	t.Helper()
	j := newJudge(t, policies, objects)
	seen := map[verdict.Action]int{}
	inside := verdict.Action("inside")
	for i, a := range ask(t, program, policies, objects, connections) {
		v, err := j.Judge(connections[i])
		if err != nil {
			t.Fatal(err)
		}
		seen[a.Egress]++
		seen[a.Ingress]++
		for _, end := range []struct {
			when   *condition.Condition
			inside []string
		}{{v.EgressWhen, a.EgressInside}, {v.IngressWhen, a.IngressInside}} {
			if end.when == nil || len(end.inside) == 0 {
				continue
			}
			theirs := engineCondition(t, end.inside)
			if r := condition.Compare(passing(theirs), passing(end.when)); r != (condition.Relation{Known: true}) {
				t.Errorf("%+v: the engine says that %s pass, the evaluator that %s: %+v", connections[i], theirs, end.when, r)
			}
			seen[inside]++
		}
		named := subset(a.EgressBy, v.EgressBy) && subset(a.IngressBy, v.IngressBy)
		if !agree(a.Egress, v.Egress) || !agree(a.Ingress, v.Ingress) || !named && v.Why == "" {
			t.Errorf("%+v:\nthe engine says %s %s by %v %v (%s)\nthe evaluator %s %s by %v %v (%s)", connections[i],
				a.Egress, a.Ingress, a.EgressBy, a.IngressBy, a.Why, v.Egress, v.Ingress, v.EgressBy, v.IngressBy, v.Why)
		}
	}
	return seen
}

func passing(c *condition.Condition) condition.Passing {
	return condition.Passing{Conditions: []*condition.Condition{c}}
}

// engineCondition reads the rules that the engine's map hands to a proxy.
func engineCondition(t *testing.T, inside []string) *condition.Condition {
	t.Helper()
	var requests []condition.Request
	var names []string
	for _, text := range inside {
		var rule struct {
			httpRule
			dnsRule
		}
		if err := json.Unmarshal([]byte(text), &rule); err != nil {
			t.Fatal(err)
		}
		if rule.dnsRule != (dnsRule{}) {
			names = append(names, rule.expression(defaultRelease))
			continue
		}
		request, known := rule.request()
		if !known {
			return condition.Other(inside, nil)
		}
		requests = append(requests, request)
	}
	if len(names) > 0 {
		return condition.Names(names, inside)
	}
	return condition.Requests(requests)
}

// TestEngineInside holds what passes inside connections to the rules in the engine's map: of several policies, for one
// peer and for more, beside ports that need no proxy.
func TestEngineInside(t *testing.T) {
	const policies = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {namespace: shop, name: one}
spec:
  endpointSelector: {matchLabels: {app: db}}
  ingress:
  - {fromEndpoints: [{}], toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{method: GET}, {path: /a, headers: ["X-A: b", X-C]}]}}]}
  - {toPorts: [{ports: [{port: "79", endPort: 81, protocol: TCP}], rules: {http: [{host: a.example}]}}]}
  - {toPorts: [{ports: [{port: "81", protocol: TCP}], rules: {http: [{headerMatches: [{name: X-A, value: b}]}]}}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {namespace: shop, name: two}
spec:
  endpointSelector: {matchLabels: {app: db}}
  ingress:
  - {fromEntities: [cluster], toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{method: PUT}]}}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {namespace: shop, name: names}
spec:
  endpointSelector: {matchLabels: {app: web}}
  egress:
  - {toEndpoints: [{matchLabels: {app: db}}], toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchName: A.example}, {matchPattern: "**.b.example"}]}}]}
  - {toEndpoints: [{}], toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "c*.example."}]}}]}
`
	var all []verdict.Connection
	for _, from := range onlookers {
		for _, traffic := range []string{"tcp/79", "tcp/80", "tcp/81", "tcp/82", "udp/53"} {
			all = append(all, connection(t, from, "shop/db", traffic))
		}
	}
	all = append(all, connection(t, verdict.Endpoint{Pod: "shop/web"}, "shop/db", "udp/53"))
	seen := compareJudges(t, engineProgram(t), []byte(policies), baseCluster(t, ""), all)
	if seen["inside"] < 10 {
		t.Errorf("only %d conditions were compared", seen["inside"])
	}
}

// TestEngineOnRandomWorlds compares the evaluator with the engine on random policies, in as many worlds as
// POLICYFERRY_WORLDS says.
func TestEngineOnRandomWorlds(t *testing.T) {
	program := engineProgram(t)
	worlds, err := strconv.ParseUint(cmp.Or(os.Getenv("POLICYFERRY_WORLDS"), "60"), 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range worlds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			g := &generator{Rand: rand.New(rand.NewPCG(seed, 7))}
			objects := g.cluster()
			policies := g.policies()
			seen := compareJudges(t, program, []byte(policies), []byte(objects), g.connections(t, 400))
			t.Log(seen)
			if t.Failed() {
				t.Logf("%s\n%s", objects, policies)
			}
		})
	}
}
