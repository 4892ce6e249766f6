package calico

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// surroundings is the environment of a test: Calico 3.31 and what is known of the cluster.
func surroundings(facts *cluster.Facts) *env.Env {
	if facts == nil {
		facts = &cluster.Facts{}
	}
	return &env.Env{
		Facts: facts, Relied: &cluster.Relied{}, Findings: &diag.List{}, DefaultNamespace: "default",
		Source: compat.Newest(compat.Calico), Target: compat.Newest(compat.Cilium),
	}
}

func read(t *testing.T, text string) []*source.Document {
	t.Helper()
	docs, problems := source.ReadBytes("in.yaml", []byte(text), source.Options{})
	for _, p := range problems.All() {
		t.Fatalf("input: %s", p.String())
	}
	return docs
}

// lowerText lowers the documents and fails if a field was forgotten.
func lowerText(t *testing.T, text string, e *env.Env) *model.Set {
	t.Helper()
	docs := read(t, text)
	set := Lower(docs, nil, e)
	for _, doc := range docs {
		if left := e.Ledger(doc).Left(); len(left) > 0 && !refused(e, doc) {
			t.Errorf("%s: fields left over: %v", doc.Object, left)
		}
	}
	return set
}

func refused(e *env.Env, doc *source.Document) bool {
	for _, f := range e.Findings.All() {
		if f.Object == doc.Object && f.Code.Severity == diag.Error {
			return true
		}
	}
	return false
}

// dump writes a set as text, one line a box.
func dump(set *model.Set) string {
	var b strings.Builder
	for _, t := range set.Tiers {
		fmt.Fprintf(&b, "tier %s default %s\n", t.Name, t.Default)
		for _, p := range t.Policies {
			class := "pods"
			if p.Class == model.HostSubjects {
				class = "hosts"
			}
			fmt.Fprintf(&b, "  %s on %s %s\n", p.Object, class, p.Subject)
			for d, s := range p.Sections {
				if s == nil {
					continue
				}
				fmt.Fprintf(&b, "    %s\n", model.Direction(d))
				for _, r := range s.Rules {
					for _, box := range r.Matches {
						fmt.Fprintf(&b, "      %s %s\n", r.Action, box)
					}
					for _, doubt := range r.Doubts {
						fmt.Fprintf(&b, "      %s? %s %s\n", r.Action, doubt.Code.ID, doubt.Box)
					}
				}
			}
		}
	}
	return b.String()
}

func codes(e *env.Env) string {
	var out []string
	for _, f := range e.Findings.Sorted() {
		out = append(out, f.Code.ID+" "+f.Path)
	}
	return strings.Join(out, "\n")
}

// known is a cluster with IPv4 pods in 10.244.0.0/16 and two nodes in 192.168.10.0/24.
func known() *cluster.Facts {
	addr := netip.MustParseAddr
	return &cluster.Facts{
		PodCIDRs:  []netip.Prefix{netip.MustParsePrefix("10.244.0.0/16")},
		NodeCIDRs: []netip.Prefix{netip.MustParsePrefix("192.168.10.1/32"), netip.MustParsePrefix("192.168.10.2/32")},
		Nodes: map[string]*cluster.Node{
			"n1": {Name: "n1", Labels: map[string]string{"role": "worker"}, Addresses: []netip.Addr{addr("192.168.10.1")}},
			"n2": {Name: "n2", Addresses: []netip.Addr{addr("192.168.10.2")}},
		},
		Namespaces: map[string]*cluster.Namespace{
			"shop": {Name: "shop", Labels: map[string]string{"team": "a"}},
			"pay":  {Name: "pay", Labels: map[string]string{"team": "b"}},
		},
	}
}

// policyText is a policy of namespace shop around its spec.
func policyText(spec string) string {
	return "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec:\n" + indent(spec)
}

func globalText(spec string) string {
	return "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: g}\nspec:\n" + indent(spec)
}

func indent(s string) string {
	s = strings.Trim(s, "\n")
	first := len(s) - len(strings.TrimLeft(s, "\t "))
	var out []string
	for _, line := range strings.Split(s, "\n") {
		out = append(out, "  "+line[min(first, len(line)):])
	}
	return strings.Join(out, "\n") + "\n"
}

// ruleBoxes lowers one ingress and egress section and returns the lines of its boxes.
func ruleBoxes(set *model.Set) string {
	var out []string
	for _, line := range strings.Split(dump(set), "\n") {
		if strings.HasPrefix(line, "      ") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return strings.Join(out, "\n")
}

func TestEverydayPolicies(t *testing.T) {
	set := lowerText(t, `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: deny-all, annotations: {owner: me}}
spec:
  order: 2000
  namespaceSelector: kubernetes.io/metadata.name not in {'kube-system'}
  types: [Ingress, Egress]
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  order: 100
  selector: app == 'db' && tier in {'a', "b"}
  ingress:
    - action: Allow
      protocol: TCP
      source: {selector: app == 'web'}
      destination: {ports: [5432, "8000:8010"]}
      metadata: {annotations: {why: because}}
    - action: Log
    - action: Deny
---
apiVersion: crd.projectcalico.org/v1
kind: NetworkPolicy
metadata: {name: default.raw, namespace: pay, annotations: {projectcalico.org/metadata: '{"labels":{"a":"b"}}'}}
spec:
  selector: all()
  egress:
    - action: Allow
      protocol: UDP
      destination:
        namespaceSelector: projectcalico.org/name == 'kube-system'
        selector: k8s-app == 'kube-dns'
        ports: [53]
`, surroundings(nil))
	want := `tier default default deny
  NetworkPolicy shop/db on pods label app {db} && label tier {a,b} && namespace name {shop}
    ingress
      allow all | pods (label app {web} && namespace name {shop}) | TCP 5432,8000-8010
      deny all | pods (all), nodes (all), outside 0.0.0.0/0, ::/0, ingress proxy, health, init, unmanaged, mesh pods | all traffic
  GlobalNetworkPolicy deny-all on pods namespace name !{kube-system}
    ingress
    egress
  NetworkPolicy pay/raw on pods namespace name {pay}
    ingress
    egress
      allow all | pods (label k8s-app {kube-dns} && namespace name {kube-system}) | UDP 53
`
	if got := dump(set); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func number(n int) string { return fmt.Sprint(n) }
