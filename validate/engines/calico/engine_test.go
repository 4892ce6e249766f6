package calico

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
)

func worldEngine(t *testing.T) *Engine {
	t.Helper()
	e, err := New([]string{"testdata/world.yaml"}, []string{"testdata/world.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestUnanswerable: a question that this cluster cannot be asked is an error, not a verdict.
func TestUnanswerable(t *testing.T) {
	e := worldEngine(t)
	tooBig := 256
	for want, c := range map[string]Connection{
		`pod "shop/nobody" is not in the cluster`:    {From: "shop/nobody", To: "shop/db", Protocol: "tcp", Port: 1},
		`node "nowhere" is not in the cluster`:       {From: "shop/web", To: "node:nowhere", Protocol: "tcp", Port: 1},
		`neither NAMESPACE/POD, node:NAME nor an IP`: {From: "shop/web", To: "example.org", Protocol: "tcp", Port: 1},
		`protocol tcp needs a port`:                  {From: "shop/web", To: "shop/db", Protocol: "tcp"},
		`protocol "http" is neither`:                 {From: "shop/web", To: "shop/db", Protocol: "http", Port: 1},
		`protocol 0 is not`:                          {From: "shop/web", To: "shop/db", Protocol: "0"},
		`out of range`:                               {From: "shop/web", To: "shop/db", Protocol: "tcp", Port: 70000},
		`icmpType 256`:                               {From: "shop/web", To: "shop/db", Protocol: "icmp", ICMPType: &tooBig},
		`ipVersion 5`:                                {From: "shop/web", To: "shop/db", Protocol: "tcp", Port: 1, IPVersion: 5},
	} {
		if verdict, err := e.Judge(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %+v, error %v, want %q", c, verdict, err, want)
		}
	}
}

// TestNoCommonFamily: two ends without addresses of one family cannot meet, and no verdict is made up.
func TestNoCommonFamily(t *testing.T) {
	verdict, err := worldEngine(t).Judge(Connection{From: "8.8.8.8", To: "2001:db8::1", Protocol: "tcp", Port: 1})
	if err != nil || verdict.Egress != Unknown || verdict.Ingress != Unknown {
		t.Errorf("%+v, %v", verdict, err)
	}
}

// TestConnectionReadsBothSpellings of a protocol number.
func TestConnectionReadsBothSpellings(t *testing.T) {
	for _, text := range []string{`{"protocol":47}`, `{"protocol":"47"}`} {
		var c Connection
		if err := json.Unmarshal([]byte(text), &c); err != nil || c.Protocol != "47" {
			t.Errorf("%s: %q, %v", text, c.Protocol, err)
		}
	}
	var c Connection
	if err := json.Unmarshal([]byte(`{"protocol":[]}`), &c); err == nil {
		t.Error("a list is no protocol")
	}
}

// TestOrderOfDocuments: same objects, same answers, whatever their order (every scenario, shuffled).
func TestOrderOfDocuments(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, s := range scenarios(t) {
		want := answers(t, s)
		for range 2 {
			random.Shuffle(len(s.documents), func(i, j int) {
				s.documents[i], s.documents[j] = s.documents[j], s.documents[i]
			})
			if got := answers(t, s); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v, in another order %v", s.name, want, got)
			}
		}
	}
}

func answers(t *testing.T, s scenario) []any {
	t.Helper()
	e, err := build(append([]document{}, s.documents...), options{})
	if err != nil {
		return []any{strings.Split(err.Error(), ":")[0]} // the places named follow the order
	}
	list := []any{e.Rejections, e.Warnings}
	for _, a := range s.connections {
		verdict, err := e.Judge(a.connection)
		list = append(list, verdict, err)
	}
	return list
}

// TestWarnings: what Calico left out of a policy, and a release that is not the one linked here.
func TestWarnings(t *testing.T) {
	documents := parse(t, "warnings.yaml", []byte(`
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: nodes}
spec:
  priority: 1
  subject: {namespaces: {}}
  egress: [{action: Deny, to: [{nodes: {}}]}]
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: later}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: knp.default.copy, namespace: shop}
---
apiVersion: policyferry.io/v1alpha1
kind: ClusterFacts
spec: {calico: {version: 3.32.1}}
`))
	e, err := build(documents, options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Warnings) != 3 {
		t.Errorf("%d warnings, want 3: %q", len(e.Warnings), e.Warnings)
	}
	warnings := strings.Join(e.Warnings, "\n")
	for _, want := range []string{"AdminNetworkPolicy nodes: calico cannot convert every rule", "the cluster runs Calico 3.32.1", "ClusterNetworkPolicy later: Calico v3.31.0 does not read"} {
		if !strings.Contains(warnings, want) {
			t.Errorf("%q lacks %q", warnings, want)
		}
	}
}

// TestReadPaths: directories are read recursively, other files passed over, one file counts once.
func TestReadPaths(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir+"/sub", 0o700); err != nil {
		t.Fatal(err)
	}
	write("a.yaml", "kind: Namespace\napiVersion: v1\nmetadata: {name: a}\n---\n# nothing\n---\nkind: Namespace\napiVersion: v1\nmetadata: {name: b}\n")
	write("sub/c.json", `{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"c"}}`)
	write("sub/d.yml", "kind: NamespaceList\napiVersion: v1\nitems: [{metadata: {name: d}}]\n")
	write("notes.txt", "kind: Namespace\n")
	documents, err := readPaths([]string{dir, dir + "/a.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range documents {
		names = append(names, d.kind+" "+d.name)
	}
	if got, want := strings.Join(names, ", "), "Namespace a, Namespace b, Namespace c, Namespace d"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	write("broken.yaml", "a: [")
	if _, err := readPaths([]string{dir}); err == nil || !strings.Contains(err.Error(), "broken.yaml, document 1") {
		t.Errorf("broken YAML: %v", err)
	}
	if _, err := readPaths([]string{dir + "/missing"}); err == nil {
		t.Error("a missing path is no error")
	}
}
