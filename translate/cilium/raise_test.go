package cilium

import (
	"testing"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

func tcp(ports ...uint16) traffic.Set {
	var out traffic.Set
	for _, p := range ports {
		out = out.Union(traffic.PortsOfProtocol(traffic.ProtoTCP, traffic.PortsOf(traffic.Range{First: p, Last: p})))
	}
	return out
}

// flatPolicy is a policy of Calico with one ingress part or more.
func flatPolicy(namespace string, isolated selector.Selector, parts ...model.Part) *model.FlatPolicy {
	kind := "GlobalNetworkPolicy"
	if namespace != "" {
		kind = "NetworkPolicy"
	}
	object := diag.Object{APIVersion: "projectcalico.org/v3", Kind: kind, Namespace: namespace, Name: "web"}
	p := &model.FlatPolicy{Source: &model.Policy{Origin: model.Origin{Object: object, Pos: diag.Position{File: "in.yaml", Line: 3, Column: 1}}}}
	p.Parts[model.Ingress] = parts
	p.Isolated[model.Ingress] = isolated
	return p
}

func part(a model.Action, subject selector.Selector, peer model.Peer, t traffic.Set) model.Part {
	return model.Part{Box: model.Box{Subject: subject, Peer: peer, Traffic: t}, Action: a, Rule: &model.Rule{Action: a}}
}

func podsNoHost() model.Peer {
	p := model.Anyone()
	p.Host = none
	return p
}

func TestRaise(t *testing.T) {
	shop := inNamespace("shop")
	web := shop.And(labelled("app", "web"))
	exists := selector.Where(podLabel("team"), selector.Exists())
	notDev := selector.Where(selector.Key{Kind: selector.NamespaceLabel, Name: "env"}, selector.NotIn("dev"))
	tests := []struct {
		name     string
		policy   *model.FlatPolicy
		want     string // spec, or specs when it is a list
		findings string
	}{
		{"default deny", flatPolicy("shop", shop), `
endpointSelector: {}
ingress: [{}]`, ""},
		{"default deny everywhere", flatPolicy("", all), `
endpointSelector:
  matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: Exists}]
ingress: [{}]`, ""},
		{"own namespace", flatPolicy("shop", web, part(model.Allow, web, model.Pods(shop.And(labelled("app", "front"))), tcp(80, 443))), `
endpointSelector: {matchLabels: {app: web}}
ingress:
- fromEndpoints: [{matchLabels: {app: front}}]
  toPorts: [{ports: [{port: "80", protocol: TCP}, {port: "443", protocol: TCP}]}]`, ""},
		{"other namespace", flatPolicy("shop", web, part(model.Allow, web, model.Pods(inNamespace("pay")), traffic.All())), `
endpointSelector: {matchLabels: {app: web}}
ingress:
- fromEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": pay}}]`, ""},
		{"any namespace", flatPolicy("shop", web, part(model.Allow, web, model.Pods(exists), traffic.All())), `
endpointSelector: {matchLabels: {app: web}}
ingress:
- fromEndpoints:
  - matchExpressions:
    - {key: "k8s:io.kubernetes.pod.namespace", operator: Exists}
    - {key: team, operator: Exists}`, ""},
		{"negative namespace label", flatPolicy("", web, part(model.Allow, web, model.Pods(notDev), traffic.All())), `
endpointSelector: {matchLabels: {app: web, "k8s:io.kubernetes.pod.namespace": shop}}
ingress:
- fromEndpoints:
  - matchExpressions:
    - {key: "k8s:io.kubernetes.pod.namespace", operator: Exists}
    - {key: "k8s:io.cilium.k8s.namespace.labels.env", operator: NotIn, values: [dev]}`, ""},
		{"anyone on a port", flatPolicy("shop", web, part(model.Allow, web, podsNoHost(), tcp(80))), `
endpointSelector: {matchLabels: {app: web}}
ingress:
- toPorts: [{ports: [{port: "80", protocol: TCP}]}]`, ""},
		{"anyone at all", flatPolicy("shop", web, part(model.Allow, web, model.Anyone(), traffic.All())), `
endpointSelector: {matchLabels: {app: web}}
ingress:
- fromEntities: [all]`, ""},
		{"deny of the world leaves the node alone", flatPolicy("shop", none, part(model.Deny, shop, model.World(cidr.All()), traffic.All())), `
endpointSelector: {}
enableDefaultDeny: {ingress: false}
ingressDeny:
- fromEntities: [world]`, ""},
		{"deny of all but the node", flatPolicy("shop", none, part(model.Deny, shop, podsNoHost(), tcp(22))), `
endpointSelector: {}
enableDefaultDeny: {ingress: false}
ingressDeny:
- fromEndpoints:
  - matchExpressions:
    - {key: "k8s:io.kubernetes.pod.namespace", operator: Exists}
    - {key: "k8s:io.cilium.k8s.policy.cluster", operator: Exists}
  toPorts: [{ports: [{port: "22", protocol: TCP}]}]
- fromEntities: [remote-node, world, ingress, health, init, unmanaged]
  toPorts: [{ports: [{port: "22", protocol: TCP}]}]`, ""},
		{"CIDR with exception", flatPolicy("shop", web, part(model.Allow, web,
			model.World(cidr.MustParse("10.0.0.0/8").Subtract(cidr.MustParse("10.96.0.0/12"))), traffic.All())), `
endpointSelector: {matchLabels: {app: web}}
ingress:
- fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.96.0.0/12]}]`, ""},
		{"CIDR list", flatPolicy("shop", web, part(model.Allow, web,
			model.World(cidr.MustParse("192.0.2.7", "2001:db8::/32", "198.51.100.0/24")), traffic.All())), `
endpointSelector: {matchLabels: {app: web}}
ingress:
- fromCIDR: [192.0.2.7/32, 198.51.100.0/24, "2001:db8::/32"]`, ""},
		{"ports of all three protocols", flatPolicy("shop", web, part(model.Allow, web, model.Pods(shop),
			traffic.PortsOfProtocol(traffic.ProtoTCP, traffic.PortsOf(traffic.Range{First: 8000, Last: 8010})).
				Union(traffic.PortsOfProtocol(traffic.ProtoUDP, traffic.PortsOf(traffic.Range{First: 8000, Last: 8010}))).
				Union(traffic.PortsOfProtocol(traffic.ProtoSCTP, traffic.PortsOf(traffic.Range{First: 8000, Last: 8010}))))), `
endpointSelector: {matchLabels: {app: web}}
ingress:
- fromEndpoints: [{}]
  toPorts: [{ports: [{port: "8000", endPort: 8010, protocol: ANY}]}]`, ""},
		{"protocol and ICMP", flatPolicy("shop", web, part(model.Allow, web, model.Pods(shop),
			traffic.Protocol(traffic.ProtoUDP, traffic.ProtoICMPv6).Union(traffic.ICMPMessages(4, traffic.ICMPType(8))))), `
endpointSelector: {matchLabels: {app: web}}
ingress:
- fromEndpoints: [{}]
  toPorts: [{ports: [{port: "0", protocol: UDP}]}]
- fromEndpoints: [{}]
  icmps: [{fields: [{family: IPv4, type: 8}, {family: IPv6, type: 0}]}]`, ""},
		{"all but one port", flatPolicy("shop", web, part(model.Allow, web, model.Pods(shop), traffic.All().Subtract(tcp(22)))), `
endpointSelector: {matchLabels: {app: web}}
ingress:
- fromEndpoints: [{}]
  toPorts:
  - ports:
    - {port: "1", endPort: 21, protocol: TCP}
    - {port: "23", endPort: 65535, protocol: TCP}
    - {port: "0", protocol: UDP}
    - {port: "0", protocol: SCTP}
- fromEndpoints: [{}]
  icmps: [{fields: [{family: IPv4, type: 0}, {family: IPv6, type: 0}]}]`, "protocol-complement narrows"},
		{"absent or one value", flatPolicy("shop", web, part(model.Allow, web,
			model.Pods(shop.And(selector.Where(podLabel("tier"), selector.In("a").Union(selector.Absent())))), traffic.All())), `
endpointSelector: {matchLabels: {app: web}}
ingress:
- fromEndpoints:
  - {matchLabels: {tier: a}}
  - {matchExpressions: [{key: tier, operator: DoesNotExist}]}`, ""},
		{"two subjects", flatPolicy("shop", shop, part(model.Allow, web.Or(shop.And(exists)), model.Pods(shop), traffic.All())), `
- endpointSelector: {matchLabels: {app: web}}
  ingress: [{fromEndpoints: [{}]}]
- endpointSelector: {matchExpressions: [{key: team, operator: Exists}]}
  ingress: [{fromEndpoints: [{}]}]
- endpointSelector: {}
  ingress: [{}]`, ""},
		{"pods named like an entity", flatPolicy("", inNamespace("shop").And(selector.Where(podLabel("ingress"), selector.Exists()))), `
endpointSelector:
  matchLabels: {"k8s:io.kubernetes.pod.namespace": shop}
  matchExpressions: [{key: "k8s:ingress", operator: Exists}]
ingress: [{}]`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnv(compat.Cilium, nil)
			got := Raise(&model.Flat{Policies: []*model.FlatPolicy{tt.policy}}, e)
			if len(got) != 1 {
				t.Fatalf("got %d objects", len(got))
			}
			o := got[0].(*object)
			var spec any = o.Spec
			if o.Spec == nil {
				spec = o.Specs
			}
			if got, want := canonical(t, spec), canonical(t, fromYAML(t, tt.want)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if got := codesOf(e); got != tt.findings {
				t.Errorf("findings %q, want %q", got, tt.findings)
			}
			sanitize(t, o)
		})
	}
}

func TestRaiseNamesItsSource(t *testing.T) {
	e := newEnv(compat.Cilium, nil)
	one, two := flatPolicy("shop", inNamespace("shop")), flatPolicy("shop", inNamespace("shop"))
	two.Source.Object = diag.Object{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Namespace: "shop", Name: "web"}
	two.Changed = true
	got := Raise(&model.Flat{Policies: []*model.FlatPolicy{one, two}}, e)
	want := `
- {name: web, namespace: shop, annotations: {policyferry.io/source: NetworkPolicy shop/web, policyferry.io/position: "in.yaml:3"}}
- {name: web-2, namespace: shop, annotations: {policyferry.io/source: NetworkPolicy shop/web, policyferry.io/position: "in.yaml:3"}}`
	metas := []metadata{got[0].(*object).Metadata, got[1].(*object).Metadata}
	if got, want := canonical(t, metas), canonical(t, fromYAML(t, want)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := codesOf(e); got != "renamed exact, kubernetes-replaced exact" {
		t.Errorf("findings %q", got)
	}
}

func TestRaiseWithoutDefaultDeny(t *testing.T) {
	e := newEnv(compat.Cilium, nil)
	e.Target.Version = compat.Version{Major: 1, Minor: 15}
	shop := inNamespace("shop")
	Raise(&model.Flat{Policies: []*model.FlatPolicy{flatPolicy("shop", none, part(model.Deny, shop, model.World(cidr.All()), traffic.All()))}}, e)
	if got := codesOf(e); got != "setting narrows" {
		t.Errorf("findings %q", got)
	}
}
