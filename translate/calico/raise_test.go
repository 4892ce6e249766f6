package calico

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/emit"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// outbound is the environment of a test that writes Calico policy.
func outbound(facts *cluster.Facts) *env.Env {
	e := surroundings(facts)
	e.Source, e.Target = compat.Newest(compat.Cilium), compat.Newest(compat.Calico)
	return e
}

// written raises the set and returns its objects as YAML.
func written(t *testing.T, set *model.Set, e *env.Env) string {
	t.Helper()
	Fit(set, e)
	var texts [][]byte
	for _, o := range Raise(set, e) {
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	out, err := emit.YAML(texts)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Selectors of the tests.
func podLabel(key string, v selector.Values) selector.Selector {
	return selector.Where(selector.Key{Kind: selector.PodLabel, Name: key}, v)
}

func inNamespace(names ...string) selector.Selector {
	return selector.Where(selector.Key{Kind: selector.NamespaceName}, selector.In(names...))
}

func namespaceLabelled(key string, v selector.Values) selector.Selector {
	return selector.Where(selector.Key{Kind: selector.NamespaceLabel, Name: key}, v)
}

func tcp(ports ...uint16) traffic.Set {
	var ranges []traffic.Range
	for _, p := range ports {
		ranges = append(ranges, traffic.Range{First: p, Last: p})
	}
	return traffic.PortsOfProtocol(traffic.ProtoTCP, traffic.PortsOf(ranges...))
}

// ciliumPolicy is a policy as Cilium's reader makes them.
func ciliumPolicy(namespace, name string, subject selector.Selector) *model.Policy {
	kind := "CiliumNetworkPolicy"
	if namespace == "" {
		kind = "CiliumClusterwideNetworkPolicy"
	} else {
		subject = subject.And(inNamespace(namespace))
	}
	return &model.Policy{Subject: subject, Origin: model.Origin{
		Object: diag.Object{APIVersion: "cilium.io/v2", Kind: kind, Namespace: namespace, Name: name},
		Pos:    diag.Position{File: "in.yaml", Line: 3},
	}}
}

func rule(action model.Action, boxes ...model.Box) *model.Rule {
	return &model.Rule{Action: action, Matches: boxes}
}

func box(p model.Peer, t traffic.Set) model.Box {
	return model.Box{Subject: selector.All(), Peer: p, Traffic: t}
}

func unorderedSet(policies ...*model.Policy) *model.Set {
	return &model.Set{Tiers: []*model.Tier{{Name: "cilium", Default: model.Deny, Unordered: true, Policies: policies}}}
}

func TestRaiseEverydayPolicy(t *testing.T) {
	p := ciliumPolicy("shop", "web", podLabel("app", selector.In("web")))
	p.Sections[model.Ingress] = &model.Section{Isolates: true, Rules: []*model.Rule{
		rule(model.Allow, box(model.Pods(inNamespace("shop").And(podLabel("app", selector.In("front", "back")))), tcp(80, 443))),
		rule(model.Deny, box(model.Pods(namespaceLabelled("team", selector.NotIn("a"))), traffic.All())),
	}}
	p.Sections[model.Egress] = &model.Section{Isolates: true, Rules: []*model.Rule{
		rule(model.Allow, box(model.World(cidr.MustParse("0.0.0.0/0", "::/0")), tcp(443))),
		rule(model.Allow, box(model.Peer{Host: selector.All(), Nodes: selector.All()}, traffic.Protocol(traffic.ProtoTCP))),
	}}
	e := outbound(known())
	want := `apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata:
  name: policyferry-nodes
  labels:
    policyferry.io/set: nodes
spec:
  nets:
    - 192.168.10.1/32
    - 192.168.10.2/32
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata:
  name: web-deny
  namespace: shop
  annotations:
    policyferry.io/position: in.yaml:3
    policyferry.io/source: CiliumNetworkPolicy shop/web
spec:
  order: 100
  selector: app == 'web'
  types:
    - Ingress
  ingress:
    - action: Deny
      source:
        namespaceSelector: has(projectcalico.org/name) && team != 'a'
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
  annotations:
    policyferry.io/position: in.yaml:3
    policyferry.io/source: CiliumNetworkPolicy shop/web
spec:
  order: 1000
  selector: app == 'web'
  types:
    - Ingress
    - Egress
  ingress:
    - action: Allow
      protocol: TCP
      source:
        selector: app in {'back', 'front'}
      destination:
        ports:
          - 80
          - 443
  egress:
    - action: Allow
      protocol: TCP
      destination:
        nets:
          - 0.0.0.0/0
        notNets:
          - 10.244.0.0/16
          - 192.168.10.1/32
          - 192.168.10.2/32
        ports:
          - 443
    - action: Allow
      protocol: TCP
      destination:
        nets:
          - ::/0
        ports:
          - 443
    - action: Allow
      protocol: TCP
      destination:
        selector: policyferry.io/set == 'nodes'
        namespaceSelector: global()
`
	if got := written(t, unorderedSet(p), e); got != want {
		t.Errorf("got\n%s", firstDifference(got, want))
	}
	if e.Findings.Len() > 0 {
		t.Errorf("findings: %s", codes(e))
	}
}

// firstDifference shows where two texts part.
func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return strings.Join(a[max(0, i-5):min(len(a), i+15)], "\n")
		}
	}
	return got
}
