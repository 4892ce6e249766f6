package rehearse

import (
	"io"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/replay"
)

// lineAt is the line that a place names, and the group of the object that it belongs to.
func lineAt(t *testing.T, e *Estate, at *Place) (line, group string) {
	t.Helper()
	if at == nil {
		t.Fatal("there is no place")
	}
	left := at.Line
	for _, text := range map[string][]Text{"source": e.Policies[at.Policy].Sources, "output": e.Policies[at.Policy].Outputs}[at.Side] {
		lines := strings.Split(strings.TrimSuffix(text.Text, "\n"), "\n")
		if 0 < left && left <= len(lines) {
			return strings.TrimSpace(lines[left-1]), text.Object.APIVersion
		}
		left -= len(lines)
	}
	t.Fatalf("%+v is in no text of %+v", at, e.Policies[at.Policy])
	return "", ""
}

// two are policies of one name and of two groups: the names that judges give them are the same.
const two = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  order: 10
  selector: app == 'web'
  types: [Ingress, Egress]
  ingress:
    - {action: Deny, protocol: TCP, source: {selector: app == 'db'}}
    - {action: Allow, protocol: TCP, source: {selector: app == 'cart', ports: [1024]}}
  egress:
    - {action: Allow}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
    - from: [{podSelector: {matchLabels: {app: db}}}]
    - from: [{podSelector: {matchLabels: {app: api}}}]
      ports: [{port: 8080}]
`

// TestRulesLeadToTheirLines: every rule that is named in a difference leads to the line in which it begins.
func TestRulesLeadToTheirLines(t *testing.T) {
	e := run(t, Options{}, inCast(t, "prod", two)).Estates[0]
	seen := 0
	for _, d := range e.Differences {
		for _, s := range d.Before.By {
			if s.Path == "spec.ingress[1]" {
				seen++
				if line, _ := lineAt(t, e, s.At); s.At.Side != "source" || line != "- action: Allow" {
					t.Errorf("%s %s leads to %q", s.Policy, s.Path, line)
				}
			}
			if s.Policy == "" && s.At != nil {
				t.Errorf("a default leads to %+v", s.At)
			}
		}
		for _, s := range d.After.By {
			if s.Policy != "" {
				lineAt(t, e, s.At)
			}
		}
	}
	if seen == 0 {
		t.Errorf("the rule is in no difference: %+v", e.Differences)
	}
}

// TestRulesOfOneNameLeadApart: two objects of one name are told apart by where the rule stands, also among the rules that
// no flow used.
func TestRulesOfOneNameLeadApart(t *testing.T) {
	s := inCast(t, "prod", two)
	const seen = "source,destination,protocol,port,verdict\nshop/web,shop/db,tcp,5432,allow\n"
	s.Flows = []replay.Input{{Name: "flows.csv", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(seen)), nil }}}
	e := run(t, Options{}, s).Estates[0]
	got := map[string]string{}
	for _, u := range e.Replay.Unused {
		line, group := lineAt(t, e, u.At)
		got[u.Where] = line + " of " + group
	}
	for where, want := range map[string]string{
		"prod.yaml:10:7": "- action: Deny of projectcalico.org/v3", "prod.yaml:11:7": "- action: Allow of projectcalico.org/v3",
		"prod.yaml:21:7": "- from: of networking.k8s.io/v1", "prod.yaml:22:7": "- from: of networking.k8s.io/v1",
	} {
		if got[where] != want {
			t.Errorf("the rule at %s leads to %q, want %q", where, got[where], want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

// TestExamples: where a proxy looks inside, a difference says of which request it is told, and what passes.
func TestExamples(t *testing.T) {
	const http = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  ingress:
    - fromEndpoints: [{matchLabels: {app: cart}}]
      toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{method: GET, path: /items}]}}]
`
	e := run(t, Options{To: compat.Calico}, inCast(t, "prod", http)).Estates[0]
	if len(e.Differences) == 0 {
		t.Fatal("there is no difference")
	}
	d := e.Differences[0]
	if d.Witness.Example != "GET /items" || d.Witness.String() != d.Witness.Text+", such as GET /items" {
		t.Errorf("the witness is %+v", d.Witness)
	}
	if c := d.Before.IngressWhen; d.Before.Ingress != "unknown" || c == nil || c.About != "HTTP requests" || strings.Join(c.AnyOf, " ") != "GET /items" {
		t.Errorf("before is %+v", d.Before)
	}
}
