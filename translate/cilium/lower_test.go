package cilium

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// read reads documents.
func read(t *testing.T, text string) []*source.Document {
	t.Helper()
	docs, problems := source.ReadBytes("in.yaml", []byte(text), source.Options{})
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	return docs
}

// outline is a set as text: whom each policy selects, and what its rules match.
func outline(set *model.Set) string {
	var b strings.Builder
	for _, tier := range set.Tiers {
		for _, p := range tier.Policies {
			class := "for"
			if p.Class == model.HostSubjects {
				class = "for nodes"
			}
			fmt.Fprintf(&b, "%s %s\n", class, p.Subject)
			for d, s := range p.Sections {
				if s == nil {
					continue
				}
				mode := "isolates"
				if !s.Isolates {
					mode = "adds to"
				}
				fmt.Fprintf(&b, "%s %s\n", mode, model.Direction(d))
				for _, r := range s.Rules {
					for _, box := range r.Matches {
						fmt.Fprintf(&b, "  %s %s\n", r.Action, boxText(box))
					}
					for _, doubt := range r.Doubts {
						fmt.Fprintf(&b, "  %s? %s %s\n", r.Action, doubt.Code.Name, boxText(doubt.Box))
					}
				}
			}
		}
	}
	return strings.TrimSpace(b.String())
}

func boxText(b model.Box) string {
	out := b.Peer.String() + " | " + b.Traffic.String()
	for _, n := range b.Named {
		out += " " + n.Name
	}
	for _, h := range b.HTTP {
		out += fmt.Sprintf(" [%s %s%s]", h.Method, h.Path, h.PathPrefix)
		if h.PathPrefix != "" {
			out = strings.TrimSuffix(out, "]") + "...]"
		}
	}
	return out
}

// leftOver lists the fields that no ledger knows about.
func leftOver(e *env.Env, docs []*source.Document) []string {
	var out []string
	for _, d := range docs {
		out = append(out, e.Ledger(d).Left()...)
	}
	return out
}

const cnpHead = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
`

const ccnpHead = `
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: web}
`

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

type lowerTest struct {
	name     string
	in       string
	facts    *cluster.Facts
	want     string
	findings string
}

func (tt lowerTest) run(t *testing.T) {
	docs := read(t, tt.in)
	e := newEnv(compat.Calico, tt.facts)
	set := Lower(docs, nil, e)
	if got := outline(set); got != strings.TrimSpace(tt.want) {
		t.Errorf("got\n%s\nwant\n%s", got, strings.TrimSpace(tt.want))
	}
	if got := codesOf(e); got != tt.findings {
		t.Errorf("findings %q, want %q", got, tt.findings)
	}
	if left := leftOver(e, docs); len(left) > 0 {
		t.Errorf("fields left over: %v", left)
	}
}

func TestLowerEmptyForms(t *testing.T) {
	tests := []lowerTest{
		{"nothing but an empty list", cnpHead + `spec: {endpointSelector: {}, ingress: []}`, nil, ``, "not-enforced inert"},
		{"default deny", cnpHead + `spec: {endpointSelector: {}, ingress: [{}]}`, nil, `
for namespace name {shop}
isolates ingress`, ""},
		{"empty list beside rules", cnpHead + `spec: {endpointSelector: {}, ingress: [], egress: [{}]}`, nil, `
for namespace name {shop}
isolates egress`, "empty-form exact"},
		{"no endpoints", cnpHead + `spec: {endpointSelector: {}, ingress: [{fromEndpoints: [], toPorts: [{ports: [{port: "80", protocol: TCP}]}]}]}`, nil, `
for namespace name {shop}
isolates ingress`, "empty-form exact"},
		{"own namespace", cnpHead + `spec: {endpointSelector: {}, ingress: [{fromEndpoints: [{}]}]}`, nil, `
for namespace name {shop}
isolates ingress
  allow pods (namespace name {shop}) | all traffic`, ""},
		{"all pods", ccnpHead + `spec: {endpointSelector: {matchLabels: {app: web}}, ingress: [{fromEndpoints: [{}]}]}`, nil, `
for label app {web}
isolates ingress
  allow pods (all) | all traffic`, ""},
		{"ports alone", cnpHead + `spec: {endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: "80"}]}]}]}`, nil, `
for namespace name {shop}
isolates ingress
  allow anyone | TCP 80, UDP 80, SCTP 80`, ""},
		{"no ports", cnpHead + `spec: {endpointSelector: {}, ingress: [{fromEndpoints: [{}], toPorts: [{}]}]}`, nil, `
for namespace name {shop}
isolates ingress`, "selects-nothing inert"},
		{"no port restriction", cnpHead + `spec: {endpointSelector: {}, ingress: [{fromEndpoints: [{}], toPorts: []}]}`, nil, `
for namespace name {shop}
isolates ingress
  allow pods (namespace name {shop}) | all traffic`, ""},
		{"port zero", cnpHead + `spec: {endpointSelector: {}, ingress: [{fromEntities: [world], toPorts: [{ports: [{port: "0", protocol: ANY}]}]}]}`, nil, `
for namespace name {shop}
isolates ingress
  allow outside 0.0.0.0/0, ::/0 | TCP, UDP, SCTP`, ""},
		{"port missing", cnpHead + `spec: {endpointSelector: {}, ingress: [{toPorts: [{ports: [{protocol: TCP}]}]}]}`,
			&cluster.Facts{Cilium: cluster.CiliumSettings{ExtendedProtocols: no()}}, ``, "not-enforced inert"},
		{"inverted range", cnpHead + `spec: {endpointSelector: {}, ingress: [{fromEntities: [world], toPorts: [{ports: [{port: "90", endPort: 70, protocol: TCP}]}]}]}`, nil, `
for namespace name {shop}
isolates ingress
  allow outside 0.0.0.0/0, ::/0 | TCP 90`, "empty-form exact"},
		{"ICMP type zero", cnpHead + `spec: {endpointSelector: {}, ingress: [{fromEntities: [world], icmps: [{fields: [{type: 0}]}]}]}`, nil, `
for namespace name {shop}
isolates ingress
  allow outside 0.0.0.0/0, ::/0 | ICMP`, "icmp-type-zero exact"},
		{"deny alone", cnpHead + `spec: {endpointSelector: {}, ingressDeny: [{fromEntities: [world]}]}`, nil, `
for namespace name {shop}
isolates ingress
  deny outside 0.0.0.0/0, ::/0 | all traffic`, ""},
		{"deny without isolation", cnpHead + `spec: {endpointSelector: {}, enableDefaultDeny: {ingress: false}, ingressDeny: [{fromEntities: [world]}]}`, nil, `
for namespace name {shop}
adds to ingress
  deny outside 0.0.0.0/0, ::/0 | all traffic`, ""},
		{"isolation of a direction without rules", cnpHead + `spec: {endpointSelector: {}, enableDefaultDeny: {ingress: true}, egress: [{}]}`, nil, `
for namespace name {shop}
isolates egress`, "empty-form exact"},
		{"nobody", cnpHead + `spec: {endpointSelector: {}, egress: [{toEntities: [none]}]}`, nil, `
for namespace name {shop}
isolates egress`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestLowerPolicies(t *testing.T) {
	tests := []lowerTest{
		{"spec and specs", cnpHead + `
spec: {endpointSelector: {matchLabels: {app: web}}, ingress: [{}], description: text, labels: [{key: a, value: b}]}
specs:
- {endpointSelector: {matchLabels: {app: db}}, egress: [{}], log: {value: x}}`, nil, `
for label app {web} && namespace name {shop}
isolates ingress
for label app {db} && namespace name {shop}
isolates egress`, ""},
		{"one bad rule rejects all", cnpHead + `
spec: {endpointSelector: {}, ingress: [{}]}
specs: [{endpointSelector: {}, ingress: [{fromCIDR: [10.0.0.0/8], fromEntities: [world]}]}]`, nil, ``, "not-enforced inert"},
		{"foreign namespace under k8s", cnpHead + `
spec: {endpointSelector: {matchLabels: {"k8s:io.kubernetes.pod.namespace": pay}}, ingress: [{}]}`, nil, `
for namespace name {shop}
isolates ingress`, ""},
		{"foreign namespace in an expression", cnpHead + `
spec: {endpointSelector: {matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: In, values: [pay]}]}, ingress: [{}]}`, nil, `
for none
isolates ingress`, "selects-nothing inert"},
		{"foreign namespace without source", cnpHead + `
spec: {endpointSelector: {matchLabels: {io.kubernetes.pod.namespace: pay}}, ingress: [{}]}`, nil, `
for none
isolates ingress`, "selects-nothing inert"},
		{"cluster-wide baseline", ccnpHead + `
spec:
  endpointSelector: {}
  ingress: [{}]
  egress:
  - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system, k8s-app: kube-dns}}]
    toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "*"}]}}]`, nil, `
for all
isolates ingress
isolates egress
  allow pods (label k8s-app {kube-dns} && namespace name {kube-system}) | UDP 53`, "no-counterpart inert, layer-7 exact"},
		{"namespace labels", cnpHead + `
spec:
  endpointSelector: {}
  ingress:
  - fromEndpoints:
    - matchLabels: {"k8s:io.cilium.k8s.namespace.labels.env": prod}
    - matchLabels: {io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name: pay, app: x}`, nil, `
for namespace name {shop}
isolates ingress
  allow pods (label app {x} && namespace name {pay} || namespace label env {prod}) | all traffic`, ""},
		{"service account and cluster", ccnpHead + `
spec:
  endpointSelector: {matchLabels: {io.cilium.k8s.policy.serviceaccount: web}}
  ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.cluster: default}}]}]`, nil, `
for service account name {web}
isolates ingress
  allow pods (all) | all traffic`, ""},
		{"other cluster", ccnpHead + `
spec:
  endpointSelector: {matchLabels: {a: b}}
  ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.cluster: west}}]}]`, nil, `
for label a {b}
isolates ingress
  allow? cluster-mesh mesh pods | all traffic`, "cluster-mesh narrows"},
		{"filtered label", cnpHead + `
spec:
  endpointSelector: {}
  ingress:
  - fromEndpoints: [{matchLabels: {pod-template-hash: abc}}]
  - fromEndpoints: [{matchExpressions: [{key: pod-template-hash, operator: NotIn, values: [abc]}]}]`, nil, `
for namespace name {shop}
isolates ingress
  allow pods (namespace name {shop}) | all traffic`, "filtered-label exact"},
		{"host policy with firewall", ccnpHead + `
spec: {nodeSelector: {matchLabels: {tier: edge}}, ingress: [{fromEntities: [cluster]}]}`,
			&cluster.Facts{Cilium: cluster.CiliumSettings{HostFirewall: yes()}, APIServers: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:6443")}}, `
for nodes node label tier {edge}
isolates ingress
  allow pods (all), own node (all), nodes (all), outside 192.0.2.1/32, ingress proxy, health, init, unmanaged | all traffic`, ""},
		{"host policy without firewall", ccnpHead + `
spec: {nodeSelector: {matchLabels: {tier: edge}}, ingress: [{fromEntities: [cluster]}]}`, nil, ``, "not-enforced inert"},
		{"enforcement never", cnpHead + `spec: {endpointSelector: {}, ingress: [{}]}`,
			&cluster.Facts{Cilium: cluster.CiliumSettings{EnforcementMode: "never"}}, ``, "not-enforced inert"},
		{"enforcement always", cnpHead + `spec: {endpointSelector: {}, ingress: [{}]}`,
			&cluster.Facts{Cilium: cluster.CiliumSettings{EnforcementMode: "always"}}, `
for all
isolates ingress
isolates egress
for namespace name {shop}
isolates ingress`, "local-host opens, default-deny-added exact"},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestLowerPeers(t *testing.T) {
	group := `
---
apiVersion: cilium.io/v2
kind: CiliumCIDRGroup
metadata: {name: office, labels: {site: a}}
spec: {externalCIDRs: [192.0.2.0/24, 198.51.100.7]}
---
apiVersion: cilium.io/v2alpha1
kind: CiliumCIDRGroup
metadata: {name: lab, labels: {kind: lab}}
spec: {externalCIDRs: [192.0.2.128/25]}
`
	egress := func(element string) string {
		return cnpHead + "spec:\n  endpointSelector: {}\n  egress:\n  - " + strings.ReplaceAll(element, "\n", "\n    ")
	}
	head := "for namespace name {shop}\nisolates egress\n  "
	tests := []lowerTest{
		{"world", egress(`toEntities: [world]`), nil, head + "allow outside 0.0.0.0/0, ::/0 | all traffic", ""},
		{"all", egress(`toEntities: [all]`), nil, head + "allow anyone | all traffic", ""},
		{"nodes", egress(`toEntities: [host, remote-node]`), nil, head + "allow own node (all), nodes (all) | all traffic", ""},
		{"apiserver", egress(`toEntities: [kube-apiserver]`), nil, head + "allow kube-apiserver | all traffic", ""},
		{"cluster", egress(`toEntities: [cluster]`), nil, head + `allow pods (all), own node (all), nodes (all), ingress proxy, health, init, unmanaged | all traffic
  allow? api-server kube-apiserver | all traffic`, "api-server narrows"},
		{"CIDR", egress(`toCIDR: [10.0.0.0/8, 192.0.2.1]`), nil, head + "allow outside 10.0.0.0/8, 192.0.2.1/32 | all traffic", ""},
		{"CIDR with exception", egress(`toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.128.0.0/9]}]`), nil, head + "allow outside 10.0.0.0/9 | all traffic", ""},
		{"CIDR group", egress(`toCIDRSet: [{cidrGroupRef: office}]`) + group, nil, head + "allow outside 192.0.2.0/24 | all traffic", "selects-nothing inert"},
		{"CIDR group missing", egress(`toCIDRSet: [{cidrGroupRef: office}]`), nil, head + "allow? needs-fact outside 0.0.0.0/0, ::/0 | all traffic", "needs-fact narrows"},
		{"CIDR group selector", egress(`toCIDRSet: [{cidrGroupSelector: {matchLabels: {site: a}, matchExpressions: [{key: kind, operator: DoesNotExist}]}}]`) + group, nil,
			head + "allow outside 192.0.2.0/25 | all traffic", "selects-nothing inert"},
		{"CIDR that matches pods", egress(`toCIDR: [10.0.0.0/8]`),
			&cluster.Facts{PodCIDRs: []netip.Prefix{netip.MustParsePrefix("10.244.0.0/16")},
				Cilium: cluster.CiliumSettings{CIDRMatchMode: []string{"pods"}, CIDRMatchModeKnown: true}},
			head + "allow pods (all), outside 10.0.0.0/8 | all traffic", ""},
		{"DNS names", egress(`toFQDNs: [{matchName: a.example}, {matchPattern: "*.b.example"}]`), nil, head + "allow *.b.example, a.example | all traffic", ""},
		{"groups", egress(`toGroups: [{aws: {securityGroupsIds: [sg-1]}}]`), nil, head + "allow? cloud-groups outside 0.0.0.0/0, ::/0 | all traffic", "cloud-groups narrows"},
		{"reserved label", egress(`toEndpoints: [{matchLabels: {"reserved:host": ""}}]`), nil, head + "allow own node (all) | all traffic", ""},
		{"negative only", egress(`toEndpoints: [{matchExpressions: [{key: "reserved:host", operator: DoesNotExist}]}]`), nil,
			head + "allow pods (all), nodes (all), outside 0.0.0.0/0, ::/0, ingress proxy, health, init, unmanaged, mesh pods | all traffic", "selector-form exact"},
		{"reserved ingress", egress(`toEndpoints: [{matchExpressions: [{key: "reserved:ingress", operator: Exists}]}]`), nil, head + "allow ingress proxy | all traffic", ""},
		{"any namespace", egress(`toEndpoints: [{matchExpressions: [{key: io.kubernetes.pod.namespace, operator: Exists}]}]`), nil, head + "allow pods (all) | all traffic", ""},
		{"other nodes by label", egress(`toNodes: [{matchLabels: {zone: a}}]`), &cluster.Facts{Cilium: cluster.CiliumSettings{NodeSelectorLabels: yes()}},
			head + "allow nodes (node label zone {a}) | all traffic", ""},
		{"other nodes by label, setting unknown", egress(`toNodes: [{matchLabels: {zone: a}}]`), nil,
			head + "allow? needs-fact nodes (node label zone {a}) | all traffic", "needs-fact narrows"},
		{"service with selector", egress("toServices: [{k8sService: {serviceName: db}}]\ntoPorts: [{ports: [{port: \"5432\", protocol: TCP}]}]"),
			&cluster.Facts{Services: map[string]*cluster.Service{"pay/db": {Namespace: "pay", Name: "db", Selector: map[string]string{"app": "db"}}}},
			head + "allow pods (label app {db} && namespace name {pay}) | TCP 5432", "service-match exact"},
		{"service unresolved", egress("toServices: [{k8sService: {serviceName: db}}]\ntoPorts: [{ports: [{port: \"5432\", protocol: TCP}]}]"),
			&cluster.Facts{Services: map[string]*cluster.Service{}}, head + "allow? unresolved-service anyone | TCP 5432", "unresolved-service narrows"},
		{"service unresolved for certain", egress("toServices: [{k8sService: {serviceName: db}}]\ntoPorts: [{ports: [{port: \"5432\", protocol: TCP}]}]"),
			&cluster.Facts{Complete: true, Services: map[string]*cluster.Service{}}, head + "allow anyone | TCP 5432", "unresolved-service exact"},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestLowerLayer7(t *testing.T) {
	ingress := func(port string) string {
		return cnpHead + "spec: {endpointSelector: {}, ingress: [{fromEntities: [world], toPorts: [{ports: [{port: \"80\", protocol: TCP}], " + port + "}]}]}"
	}
	head := "for namespace name {shop}\nisolates ingress\n  "
	world := "outside 0.0.0.0/0, ::/0 | TCP 80"
	tests := []lowerTest{
		{"empty rules", ingress(`rules: {http: []}`), nil, head + "allow " + world, ""},
		{"any request", ingress(`rules: {http: [{}]}`), nil, head + "allow " + world, "layer-7 exact"},
		{"method and prefix", ingress(`rules: {http: [{method: GET, path: "/api/.*"}]}`), nil, head + "allow " + world + " [GET /api/...]", ""},
		{"exact path", ingress(`rules: {http: [{path: '/a\.html([?#].*)?'}]}`), nil, head + "allow " + world + " [ /a.html]", ""},
		{"bare literal", ingress(`rules: {http: [{path: "/a"}]}`), nil, head + "allow? layer-7 " + world, "layer-7 narrows"},
		{"expression", ingress(`rules: {http: [{method: "GET|PUT"}, {method: POST}]}`), nil,
			head + "allow " + world + " [POST ]\n  allow? layer-7 " + world, "layer-7 narrows"},
		{"headers", ingress(`rules: {http: [{headers: [X-A]}]}`), nil, head + "allow? layer-7 " + world, "layer-7 narrows"},
		{"server names", ingress(`serverNames: [a.example]`), nil, head + "allow? tls " + world, "tls narrows"},
		{"authentication", cnpHead + `spec: {endpointSelector: {}, ingress: [{fromEntities: [world], authentication: {mode: required}}]}`, nil,
			head + "allow? authentication outside 0.0.0.0/0, ::/0 | all traffic", "authentication narrows"},
		{"some names", cnpHead + `spec: {endpointSelector: {}, egress: [{toEntities: [world], toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchName: a.example}]}}]}]}`, nil,
			"for namespace name {shop}\nisolates egress\n  allow? layer-7 outside 0.0.0.0/0, ::/0 | TCP 53, UDP 53, SCTP 53", "layer-7 narrows"},
		{"named port", cnpHead + `spec: {endpointSelector: {}, ingress: [{fromEntities: [world], toPorts: [{ports: [{port: Web, protocol: TCP}, {port: "443", protocol: TCP}]}]}]}`, nil,
			head + "allow outside 0.0.0.0/0, ::/0 | TCP 443\n  allow outside 0.0.0.0/0, ::/0 | TCP web", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestLowerRejects(t *testing.T) {
	bad := []string{
		`spec: {ingress: [{}]}`,
		`spec: {endpointSelector: {}, nodeSelector: {}, ingress: [{}]}`,
		`spec: {nodeSelector: {}, ingress: [{}]}`,
		`spec: {endpointSelector: {matchLabels: {"a b": c}}, ingress: [{}]}`,
		`spec: {endpointSelector: {}, ingress: [{fromEndpoints: [{matchExpressions: [{key: a, operator: In}]}]}]}`,
		`spec: {endpointSelector: {}, ingress: [{fromEntities: [everyone]}]}`,
		`spec: {endpointSelector: {}, ingress: [{fromCIDR: [nowhere]}]}`,
		`spec: {endpointSelector: {}, ingress: [{fromCIDRSet: [{cidr: 192.0.2.1}]}]}`,
		`spec: {endpointSelector: {}, ingress: [{fromCIDRSet: [{cidr: 192.0.2.0/24, except: [198.51.100.0/24]}]}]}`,
		`spec: {endpointSelector: {}, ingress: [{fromEntities: [world], icmps: [{fields: [{type: 8}]}], toPorts: [{ports: [{port: "1"}]}]}]}`,
		`spec: {endpointSelector: {}, ingress: [{icmps: [{fields: [{family: IPv6, type: Echo}]}]}]}`,
		`spec: {endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: "70000"}]}]}]}`,
		`spec: {endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: "80", protocol: ICMP}]}]}]}`,
		`spec: {endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "*"}]}}]}]}`,
		`spec: {endpointSelector: {}, egress: [{toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {http: [{}]}}]}]}`,
		`spec: {endpointSelector: {}, egress: [{toFQDNs: [{matchName: "api partner"}]}]}`,
		`spec: {endpointSelector: {}, egress: [{toFQDNs: [{}]}]}`,
		`spec: {endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{path: "("}]}}]}]}`,
		`{}`,
	}
	for _, spec := range bad {
		text := cnpHead + spec
		if spec == "{}" {
			text = cnpHead
		}
		docs := read(t, text)
		e := newEnv(compat.Calico, nil)
		set := Lower(docs, nil, e)
		if got := outline(set); got != "" || codesOf(e) != "not-enforced inert" {
			t.Errorf("%s\ngot %q, findings %q", spec, got, codesOf(e))
		}
		if left := leftOver(e, docs); len(left) > 0 {
			t.Errorf("%s: left over %v", spec, left)
		}
	}
}

func TestLowerAdminTiers(t *testing.T) {
	policy := func(name string, priority float64, tier string, actions ...model.Action) *model.Policy {
		docs := read(t, fmt.Sprintf("apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: %s}\nspec: {tier: %s}\n", name, tier))
		p := &model.Policy{Origin: model.Origin{Object: docs[0].Object}, Doc: docs[0], Subject: all, SourceOrder: &priority}
		s := &model.Section{}
		for i, a := range actions {
			s.Rules = append(s.Rules, &model.Rule{Origin: model.Origin{Path: fmt.Sprintf("%s%d", name, i)}, Action: a, Matches: []model.Box{model.Everything()}})
		}
		p.Sections[model.Ingress] = s
		return p
	}
	kube := []*model.Policy{
		policy("late", 20, "Admin", model.Allow),
		policy("z1", 10, "Admin", model.Allow, model.Deny),
		policy("z2", 10, "Admin", model.Deny),
		policy("base", 0, "Baseline", model.Deny),
	}
	e := newEnv(compat.Calico, nil)
	set := Lower(nil, kube, e)
	var got []string
	for _, tier := range set.Tiers {
		for _, p := range tier.Policies {
			for _, r := range p.Sections[model.Ingress].Rules {
				got = append(got, tier.Name+" "+r.Path)
			}
		}
	}
	want := []string{"admin z20", "admin z10", "admin z11", "admin late0", "baseline base0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if codes := codesOf(e); codes != "equal-order exact" {
		t.Errorf("findings %q", codes)
	}
}

func TestLowerRequires(t *testing.T) {
	docs := read(t, cnpHead+`spec: {endpointSelector: {}, ingress: [{fromRequires: [{matchLabels: {env: prod}}]}]}`)
	for minor, want := range map[int]string{18: "selector-form refused", 20: "not-enforced inert"} {
		e := newEnv(compat.Calico, nil)
		e.Source.Version = compat.Version{Major: 1, Minor: minor}
		if got := outline(Lower(docs, nil, e)); got != "" {
			t.Errorf("1.%d: got %s", minor, got)
		}
		if got := codesOf(e); got != want {
			t.Errorf("1.%d: findings %q, want %q", minor, got, want)
		}
		if left := leftOver(e, docs); len(left) > 0 {
			t.Errorf("1.%d: left over %v", minor, left)
		}
	}
}

func TestLowerNamedPortsBeforePerIdentityResolution(t *testing.T) {
	docs := read(t, cnpHead+`spec: {endpointSelector: {}, egress: [{toEndpoints: [{}], toPorts: [{ports: [{port: http, protocol: TCP}]}]}]}`)
	head := "for namespace name {shop}\nisolates egress\n  "
	for minor, want := range map[int]string{
		19: head + "allow? needs-fact pods (namespace name {shop}) | TCP",
		20: head + "allow pods (namespace name {shop}) | TCP http",
	} {
		e := newEnv(compat.Calico, nil)
		e.Source.Version = compat.Version{Major: 1, Minor: minor}
		if got := outline(Lower(docs, nil, e)); got != want {
			t.Errorf("1.%d: got %s", minor, got)
		}
	}
}
