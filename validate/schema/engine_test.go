package schema

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/schema/crd"
	"github.com/policyferry/policyferry/validate/schema/problem"
)

// engineEnv names the program of the Calico engine module, which has Calico's own validator. See validate/engines.
const engineEnv = "POLICYFERRY_ENGINE_CALICO"

const rawVersion = "crd.projectcalico.org/v1"

// rich are objects of Calico in which every field is used.
var rich = []string{
	`{kind: NetworkPolicy, metadata: {name: a, namespace: b, annotations: {c: d}}, spec: {tier: default, order: 10, selector: all(), serviceAccountSelector: has(a), types: [Ingress, Egress], performanceHints: [AssumeNeededOnEveryNode],
	ingress: [{action: Allow, ipVersion: 4, protocol: TCP, notProtocol: UDP, source: {nets: [10.0.0.0/8], notNets: [10.1.0.0/16], selector: has(b), notSelector: has(c), namespaceSelector: global(), ports: [80, "81:82", http], notPorts: [83], serviceAccounts: {names: [x], selector: has(d)}},
	destination: {ports: [1], notPorts: [2]}, http: {methods: [GET, PUT], paths: [{exact: /a}, {prefix: /b}]}, metadata: {annotations: {e: f}}}],
	egress: [{action: Deny, protocol: ICMP, icmp: {type: 3, code: 4}, notICMP: {type: 0, code: 0}}, {action: Pass, destination: {services: {name: g, namespace: h}}}, {action: Log}]}}`,
	`{kind: GlobalNetworkPolicy, metadata: {name: default.a}, spec: {namespaceSelector: all(), doNotTrack: false, preDNAT: true, applyOnForward: true, types: [Ingress], ingress: [{action: Allow, source: {services: {name: a, namespace: b}}}]}}`,
	`{kind: GlobalNetworkPolicy, metadata: {name: a}, spec: {egress: [{action: Allow, protocol: ICMPv6, ipVersion: 6, icmp: {type: 128}, destination: {nets: ["fe80::/10"]}}]}}`,
	`{kind: StagedNetworkPolicy, metadata: {name: sec.a, namespace: b}, spec: {stagedAction: Delete, tier: sec}}`,
	`{kind: StagedGlobalNetworkPolicy, metadata: {name: a}, spec: {stagedAction: Set, ingress: [{action: Allow}]}}`,
	`{kind: NetworkSet, metadata: {name: a, namespace: b, labels: {c: d}}, spec: {nets: [10.0.0.0/8, 10.0.0.1, "::1"]}}`,
	`{kind: GlobalNetworkSet, metadata: {name: a, labels: {c: d}}, spec: {nets: [10.0.0.0/8]}}`,
	`{kind: HostEndpoint, metadata: {name: a}, spec: {node: x, interfaceName: eth0, expectedIPs: [10.0.0.1], profiles: [p], ports: [{name: q, port: 80, protocol: TCP}]}}`,
	`{kind: Tier, metadata: {name: a}, spec: {order: 1, defaultAction: Pass}}`,
	`{kind: Tier, metadata: {name: default}, spec: {order: 1000000, defaultAction: Deny}}`,
	`{kind: Tier, metadata: {name: baselineadminnetworkpolicy}, spec: {order: 10000000}}`,
}

// vocabulary are the values that the fields of rich objects are changed to.
var vocabulary = []any{
	int64(0), int64(1), int64(5), int64(6), int64(58), int64(80), int64(254), int64(255), int64(256), int64(65535), int64(65536), int64(-1), true, false,
	"", "a", "A", "a.b", "a.b.c", "knp.default.x.y", "ossg.default.x", "eth0123456789012", "*", "x_y", "a b", "default.x", "sec.x",
	"TCP", "tcp", "UDPLite", "SCTP", "ICMP", "ICMPv6", "6", "58", "VRRP", "Allow", "Pass", "allow", "Ingress", "Egress", "Set", "Learn", "Delete",
	"all()", "global()", "!global()", "global() || all()", " global() ", "has(", "a == 'b'", "a = 'b'", "a in {'b'}",
	"10.0.0.0/8", "10.0.0.1/8", "10.0.0.1", "0.0.0.0/0", "0.0.0.0/00", "::/0", "0::/0", "::ffff:10.0.0.0/104", "2001:db8::/32", "2001:db8::1/32", "x",
	"80", "1:2", "2:1", "0:1", "80-90", "http", "http-alt-and-more", "10.0.0.0:8", "/", "/a b", "/a?b", "GET",
	[]any{}, []any{"Ingress"}, []any{"Egress", "Egress"}, []any{"10.0.0.0/8", "::/1"}, []any{int64(80)}, []any{"http"}, map[string]any{}, map[string]any{"name": "a"},
}

// TestAgainstCalico changes every field of rich objects to every value of the vocabulary and holds the verdict to that
// of Calico's own validator and of Felix.
func TestAgainstCalico(t *testing.T) {
	program := os.Getenv(engineEnv)
	if program == "" {
		t.Skipf("%s is not set: it names the program that is built from validate/engines/calico", engineEnv)
	}
	for _, apiVersion := range []string{"projectcalico.org/v3", rawVersion} {
		var mutants []map[string]any
		var changes []string
		for _, text := range rich {
			object := crd.Copy(parse(t, text))
			object["apiVersion"] = apiVersion
			eachMutant(object, func(m map[string]any, change string) {
				mutants, changes = append(mutants, crd.Copy(m)), append(changes, object["kind"].(string)+" "+change)
			})
		}
		for _, m := range randomMutants(mutants, 5000) {
			mutants, changes = append(mutants, m), append(changes, describe(m))
		}
		accepted := 0
		for i, calico := range askCalico(t, program, mutants) {
			problems := refusals(Validate(mutants[i], target(compat.Calico)))
			if calico.Accepted {
				accepted++
			}
			// What the API server keeps from a raw object, the program has not been asked about.
			if raw := apiVersion == rawVersion; raw && calico.Accepted {
				problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Cause == WrongValue })
			}
			if calico.Accepted != (len(problems) == 0) {
				t.Errorf("%s %s: here %q, Calico: %v %s", apiVersion, changes[i], texts(problems), calico.Accepted, calico.Error)
			}
		}
		t.Logf("%s: %d objects, %d accepted", apiVersion, len(mutants), accepted)
	}
}

// refusals leaves out what Calico takes and does not act upon, and what stops Felix only when it writes its chains,
// which the program does not do.
func refusals(problems []Problem) []Problem {
	return slices.DeleteFunc(problems, func(p Problem) bool {
		return p.Cause == PartIgnored || strings.HasPrefix(p.Message, "Felix stops at the action")
	})
}

// eachMutant shows the object with one of its fields changed or taken away, again and again.
func eachMutant(root map[string]any, show func(m map[string]any, change string)) {
	var visit func(container any, at *problem.Path)
	visit = func(container any, at *problem.Path) {
		switch c := container.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(c)) {
				// The metadata of raw objects is for Kubernetes to judge.
				raw := root["apiVersion"] == rawVersion
				if key == "kind" || key == "apiVersion" || key == "namespace" && c["name"] != nil || key == "metadata" && raw && at == nil {
					continue
				}
				old := c[key]
				visit(old, at.Field(key))
				for _, v := range vocabulary {
					c[key] = v
					show(root, fmt.Sprintf("%s = %#v", at.Field(key), v))
				}
				delete(c, key)
				show(root, "without "+at.Field(key).String())
				c[key] = old
			}
		case []any:
			for i, old := range c {
				visit(old, at.Item(i))
				for _, v := range vocabulary {
					c[i] = v
					show(root, fmt.Sprintf("%s = %#v", at.Item(i), v))
				}
				c[i] = old
			}
		}
	}
	show(root, "unchanged")
	visit(root, nil)
}

// randomMutants are objects with several changes, the same ones every time.
func randomMutants(from []map[string]any, n int) []map[string]any {
	random := rand.New(rand.NewPCG(1, 2))
	var out []map[string]any
	for range n {
		m := crd.Copy(from[random.IntN(len(from))])
		for range 1 + random.IntN(2) {
			if spec, ok := m["spec"].(map[string]any); ok {
				changeSomewhere(random, spec)
			}
		}
		out = append(out, m)
	}
	return out
}

// changeSomewhere walks down from a container by chance and gives the field where it stops another value.
func changeSomewhere(random *rand.Rand, container any) {
	// A copy, for it may be changed in turn.
	value := crd.Copy(map[string]any{"": vocabulary[random.IntN(len(vocabulary))]})[""]
	deeper := func(child any, set func(any)) {
		_, isMap := child.(map[string]any)
		_, isList := child.([]any)
		if (isMap || isList) && random.IntN(8) > 0 {
			changeSomewhere(random, child)
			return
		}
		set(value)
	}
	switch c := container.(type) {
	case map[string]any:
		if len(c) > 0 {
			keys := slices.Sorted(maps.Keys(c))
			key := keys[random.IntN(len(keys))]
			deeper(c[key], func(v any) { c[key] = v })
		}
	case []any:
		if len(c) > 0 {
			i := random.IntN(len(c))
			deeper(c[i], func(v any) { c[i] = v })
		}
	}
}

func describe(object map[string]any) string {
	text, err := json.Marshal(object)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// calicoVerdict is a line of the program's answer.
type calicoVerdict struct {
	Accepted bool
	Error    string
}

func askCalico(t *testing.T, program string, objects []map[string]any) []calicoVerdict {
	t.Helper()
	dir := t.TempDir()
	for i, object := range objects {
		text, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%06d.json", i)), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var stderr bytes.Buffer
	command := exec.Command(program, "--validate", "--policies", dir)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %.2000s", err, stderr.String())
	}
	var verdicts []calicoVerdict
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		var v calicoVerdict
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		verdicts = append(verdicts, v)
	}
	if len(verdicts) != len(objects) {
		t.Fatalf("%d answers to %d objects: %.2000s", len(verdicts), len(objects), strings.TrimSpace(stderr.String()))
	}
	return verdicts
}
