package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
)

const head = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
`

const calicoHead = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  selector: app == 'web'
`

// TestClasses asks where one policy could go.
func TestClasses(t *testing.T) {
	tests := []struct {
		name, text string
		to         Target
		want       Class
		why        string // a code or fact
	}{
		{"labels", head + "  ingress: [{fromEndpoints: [{matchLabels: {app: proxy}}]}]\n", ToCalico, Exact, ""},
		{"a CIDR without facts", head + "  egress: [{toCIDR: [10.0.0.0/8]}]\n", ToCalico, NeedsFact, "podCIDRs"},
		{"names", head + "  egress: [{toFQDNs: [{matchName: a.example.com}]}]\n", ToCalico, CannotLeave, "PF2002"},
		{"requests", head + "  ingress: [{fromEntities: [cluster], toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: {http: [{host: a}]}}]}]\n", ToCalico, CannotLeave, "PF2001"},
		{"everyone", calicoHead + "  types: [Ingress]\n  ingress: [{action: Allow}]\n", ToCilium, Exact, ""},
		{"source ports", calicoHead + "  types: [Ingress]\n  ingress: [{action: Allow, protocol: TCP, source: {ports: [53]}}]\n", ToCilium, CannotLeave, "PF2003"},
		{"all but a protocol", calicoHead + "  types: [Ingress]\n  ingress: [{action: Allow, notProtocol: TCP}]\n", ToCilium, Narrows, "PF2008"},
		{"labels", head + "  ingress: [{fromEndpoints: [{matchLabels: {app: proxy}}]}]\n", ToKubernetes, Exact, ""},
		{"an entity", head + "  ingress: [{fromEntities: [host]}]\n", ToKubernetes, CannotLeave, "PF6015"},
	}
	for _, tc := range tests {
		t.Run(fmt.Sprintf("%s to %s", tc.name, tc.to), func(t *testing.T) {
			r := lintText(t, "policy.yaml", tc.text, Options{PortableTo: []Target{tc.to}})
			if len(r.Objects) != 1 || len(r.Objects[0].Leaves) != 1 {
				t.Fatalf("%+v", r.Objects)
			}
			leave := r.Objects[0].Leaves[0]
			why := leave.Codes
			for _, fact := range leave.Facts {
				why = append(why, string(fact))
			}
			if leave.Class != tc.want || tc.why != "" && !slices.Contains(why, tc.why) || leave.Rules[tc.want] != 1 {
				t.Errorf("got %s because of %v, rules %v; want %s because of %q", leave.Class, why, leave.Rules, tc.want, tc.why)
			}
			if s := r.Portability[0]; s.Policies[tc.want] != 1 || Total(s.Policies) != 1 || s.ByNamespace["shop"][tc.want] != 1 {
				t.Errorf("score %+v", s)
			}
		})
	}
}

// TestNotStandard asks for the fields that stand in the way of the standard APIs.
func TestNotStandard(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{head + "  ingress: [{fromEntities: [all, host]}]\n",
			[]string{"spec.ingress[0].fromEntities[1]"}},
		{head + "  ingress: [{icmps: [{fields: [{type: 8}]}]}]\n", []string{"spec.ingress[0].icmps"}},
		{head + "  ingressDeny: [{fromEndpoints: [{}]}]\n", []string{"spec.ingressDeny"}},
		{head + "  enableDefaultDeny: {ingress: false}\n  ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: a}}]}]\n",
			[]string{"spec.enableDefaultDeny.ingress", "spec.ingress[0].fromEndpoints[0].matchLabels[io.cilium.k8s.policy.serviceaccount]"}},
		{head + "  egress: [{toCIDRSet: [{cidrGroupRef: a}]}, {toServices: [{k8sService: {serviceName: a}}]}]\n",
			[]string{"spec.egress[0].toCIDRSet[0].cidrGroupRef", "spec.egress[1].toServices"}},
		{strings.Replace(strings.Replace(head, "NetworkPolicy", "ClusterwideNetworkPolicy", 1), ", namespace: shop", "", 1) + "  ingress: [{}]\n", []string{"kind"}},
		{calicoHead + "  types: [Ingress]\n  ingress: [{action: Allow, source: {selector: app == 'a' || app == 'b'}}, {action: Deny}]\n", nil},
		{calicoHead + "  types: [Ingress]\n  ingress: [{action: Deny, source: {selector: app == 'a'}}, {action: Allow}]\n", []string{"spec.ingress[0].action"}},
		{calicoHead + "  types: [Ingress]\n  ingress: [{action: Allow, source: {selector: \"app contains 'a'\"}}, {action: Allow, source: {selector: \"!(app == 'a' && has(b))\"}}]\n",
			[]string{"spec.ingress[0].source.selector", "spec.ingress[1].source.selector"}},
		{calicoHead + "  types: [Egress]\n  egress: [{action: Allow, protocol: ICMP}, {action: Allow, source: {nets: [10.0.0.0/8]}}, {action: Allow, destination: {nets: [10.0.0.0/8], selector: has(a)}}]\n",
			[]string{"spec.egress[0].protocol", "spec.egress[1].source.nets", "spec.egress[2].destination.nets"}},
		{strings.Replace(calicoHead, "name: web", "name: own.web", 1) + "  tier: own\n  order: 1\n  types: [Egress]\n", []string{"spec.tier"}},
		{standardPolicy, nil},
	}
	for _, tc := range tests {
		var got []string
		for _, f := range lintText(t, "policy.yaml", tc.text, Options{PortableTo: []Target{ToKubernetes}}).Findings {
			if f.Code.ID == "PF6015" {
				got = append(got, f.Path)
			}
			if f.Severity == diag.Error {
				t.Errorf("the test is wrong: %s", f.String())
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %q, want %q", tc.text, got, tc.want)
		}
	}
}
