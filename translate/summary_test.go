package translate_test

import (
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/schema"
)

// TestSummaryTellsPartsFromWholes: an object is without effect only if nothing of it has one. If a part has none and the
// rest is carried, it counts as what the rest is.
func TestSummaryTellsPartsFromWholes(t *testing.T) {
	const calico = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: web, namespace: shop}\n"
	const cilium = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: web, namespace: shop}\n"
	for _, c := range []struct {
		name, text string
		to         compat.CNI
		want       translate.Summary
	}{
		{"rules in a direction that is not policed",
			calico + "spec: {selector: app == 'web', types: [Ingress], ingress: [{action: Allow}], egress: [{action: Deny}]}\n",
			compat.Cilium, translate.Summary{Read: 1, Exact: 1, PartlyInert: 1, Written: 1}},
		{"the same in a namespace that is not stated",
			"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\nspec: {podSelector: {}, policyTypes: [Ingress], egress: [{}]}\n",
			compat.Cilium, translate.Summary{Read: 1, Exact: 1, PartlyInert: 1, Written: 1}},
		{"staged", "apiVersion: projectcalico.org/v3\nkind: StagedNetworkPolicy\nmetadata: {name: web, namespace: shop}\nspec: {selector: all(), types: [Ingress]}\n",
			compat.Cilium, translate.Summary{Read: 1, Inert: 1}},
		{"a policy that selects nobody",
			cilium + "spec: {endpointSelector: {matchLabels: {io.kubernetes.pod.namespace: dev}}, ingress: [{}]}\n",
			compat.Calico, translate.Summary{Read: 1, Inert: 1}},
		{"a rule without ports",
			cilium + "spec: {endpointSelector: {matchLabels: {app: web}}, ingress: [{toPorts: [{}]}, {fromEndpoints: [{matchLabels: {app: cart}}]}]}\n",
			compat.Calico, translate.Summary{Read: 1, Exact: 1, PartlyInert: 1, Written: 1}},
		{"a narrowed one with a rule without ports",
			cilium + "spec: {endpointSelector: {matchLabels: {app: web}}, ingress: [{toPorts: [{}]}, {fromEndpoints: [{matchLabels: {app: cart}}], toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: {http: [{method: GET}]}}]}]}\n",
			compat.Calico, translate.Summary{Read: 1, Narrowed: 1, Written: 1}},
		{"a group of which one range is none, and one of which all are",
			"apiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: {name: good}\nspec: {externalCIDRs: [10.0.0.0/8, 192.0.2.1]}\n---\n" +
				"apiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: {name: bad}\nspec: {externalCIDRs: [192.0.2.1]}\n---\n" +
				cilium + "spec: {endpointSelector: {matchLabels: {app: web}}, ingress: [{fromCIDRSet: [{cidrGroupRef: good}, {cidrGroupRef: bad}]}]}\n",
			compat.Calico, translate.Summary{Read: 3, Exact: 1, PartlyInert: 1, Narrowed: 1, Inert: 1, Written: 1}},
	} {
		docs, problems := source.ReadBytes("in.yaml", []byte(c.text), source.Options{})
		if problems.Len() > 0 {
			t.Fatal(problems.All())
		}
		opt := translate.Options{To: c.to, Enforced: schema.Enforced, Accepts: schema.Accepts}
		if strings.Contains(c.text, "CiliumCIDRGroup") {
			opt.Enforced = nil // which would refuse the groups before they are read
		}
		r, err := translate.Translate(docs, opt)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Summary(); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
			for _, f := range r.Findings {
				t.Log(f.String())
			}
			for _, o := range r.Outputs {
				t.Log(o.Object, o.From)
			}
		}
		for _, o := range r.Objects {
			if s := r.Summary(); o.Effect == diag.Inert && s.Inert == 0 {
				t.Errorf("%s: %s is reported as without effect", c.name, o.Object)
			}
		}
	}
}
