package lint

import (
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

const standardPolicy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], egress: [{}]}
`

// TestWhoReadsStandardPolicies looks at whose word is reported for rules that policyTypes does not list: Calico
// ignores them, and Cilium enforces them.
func TestWhoReadsStandardPolicies(t *testing.T) {
	const calico, cilium = "so these rules are not enforced", "Cilium enforces the section all the same"
	const apart = "under Calico, policyTypes does not list Egress, so"
	calicoPolicy := "---\n" + calicoHead + "  types: [Ingress]\n"
	ciliumPolicy := "---\n" + head + "  ingress: [{fromEntities: [cluster]}]\n"
	tests := []struct {
		name, text string
		cni        compat.CNI
		want       []string
	}{
		{"alone", standardPolicy, "", []string{calico, cilium}},
		{"beside Calico's", standardPolicy + calicoPolicy, "", []string{calico}},
		{"beside Cilium's", standardPolicy + ciliumPolicy, "", []string{cilium}},
		{"beside both", standardPolicy + calicoPolicy + ciliumPolicy, "", []string{calico, cilium}},
		{"as said", standardPolicy + calicoPolicy + ciliumPolicy, compat.Cilium, []string{cilium}},
	}
	for _, tc := range tests {
		all := ""
		for _, f := range lintText(t, "policy.yaml", tc.text, Options{CNI: tc.cni}).Findings {
			all += f.Message + "\n"
		}
		if strings.Contains(all, apart) != (len(tc.want) == 2) {
			t.Errorf("%s: it is not told apart who reads it how:\n%s", tc.name, all)
		}
		for _, word := range []string{calico, cilium} {
			if strings.Contains(all, word) != slices.Contains(tc.want, word) {
				t.Errorf("%s: %q is told: %v", tc.name, word, strings.Contains(all, word))
			}
		}
	}
}

// TestOrderOfDocuments gives the same documents in two orders.
func TestOrderOfDocuments(t *testing.T) {
	text := standardPolicy + "---\n" + calicoHead + "  order: 1\n  types: [Ingress]\n  ingress: [{action: Deny}]\n---\n" +
		strings.Replace(calicoHead, "name: web", "name: late", 1) + "  order: 2\n  types: [Ingress]\n  ingress: [{action: Allow}]\n---\n" +
		head + "  egress: [{toFQDNs: [{matchName: a.example.com}]}, {toCIDR: [10.0.0.0/8]}]\n"
	docs, problems := source.ReadBytes("policy.yaml", []byte(text), source.Options{})
	opt := Options{PortableTo: []Target{ToCalico, ToCilium, ToKubernetes}, Reading: problems}
	told := func(docs []*source.Document) string {
		r, err := Run(docs, opt)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, f := range r.Findings {
			out.WriteString(f.String() + "\n" + f.Hint + "\n")
		}
		return out.String()
	}
	one := told(docs)
	slices.Reverse(docs)
	if two := told(docs); one != two || one == "" {
		t.Errorf("one order says\n%s\nthe other says\n%s", one, two)
	}
}

// TestDuplicates: two versions of one object are told once, a copy and two files without namespace are not.
func TestDuplicates(t *testing.T) {
	other := strings.Replace(standardPolicy, "policyTypes: [Ingress], egress: [{}]", "policyTypes: [Egress]", 1)
	tests := []struct {
		name string
		one  string
		two  string
		want int
	}{
		{"two versions", standardPolicy, other, 1},
		{"a copy", standardPolicy, standardPolicy, 0},
		{"without namespace", strings.Replace(standardPolicy, ", namespace: shop", "", 1), strings.Replace(other, ", namespace: shop", "", 1), 0},
	}
	for _, tc := range tests {
		set, problems := source.ReadInputs([]source.Input{{Name: "a.yaml", Data: []byte(tc.one)}, {Name: "b.yaml", Data: []byte(tc.two)}}, source.Options{})
		r, err := Run(set.Documents, Options{Reading: problems})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, f := range r.Findings {
			if f.Code == diag.DuplicateObject {
				n++
			}
		}
		if n != tc.want {
			t.Errorf("%s: %d findings, want %d", tc.name, n, tc.want)
		}
	}
}

// TestKindsNearlyNamed: a kind that is nearly a policy is an error, any other kind is passed over.
func TestKindsNearlyNamed(t *testing.T) {
	for kind, want := range map[string]bool{"CiliumNetworkPolcy": true, "CiliumEndpoint": false} {
		r := lintText(t, "policy.yaml", strings.Replace(head, "CiliumNetworkPolicy", kind, 1), Options{})
		got := len(r.Findings) == 1 && r.Findings[0].Severity == diag.Error && strings.Contains(r.Findings[0].Hint, `"CiliumNetworkPolicy"`)
		if got != want {
			t.Errorf("%s: %+v", kind, r.Findings)
		}
	}
}

// TestUnknownFields: the hint is the near name, the place where the field belongs, or the fields that there are.
func TestUnknownFields(t *testing.T) {
	for field, want := range map[string]string{
		"  ingress: [{fromEndpoint: [{}]}]\n":                                         `did you mean "fromEndpoints"?`,
		"  egress: [{toPorts: [{toPorts: []}]}]\n":                                    "toPorts is a field of spec.egress[]",
		"  egress: [{toPorts: [{toServices: []}]}]\n":                                 "toServices is a field of spec.egress[]",
		"  ingress: [{fromEntities: [all], toPorts: [{ports: [{wholly: \"1\"}]}]}]\n": "its fields are endPort, port, protocol",
	} {
		r := lintText(t, "policy.yaml", head+field, Options{})
		if len(r.Findings) == 0 || !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == diag.UnknownField && f.Hint == want }) {
			t.Errorf("%s: %+v, want the hint %q", field, r.Findings, want)
		}
	}
}

// TestUnknownSettings: what a setting that is not known would make good is a warning, and silent once it is known.
func TestUnknownSettings(t *testing.T) {
	policy := head + "  ingress: [{fromNodes: [{}]}]\n"
	r := lintText(t, "policy.yaml", policy, Options{})
	if len(r.Findings) == 0 || r.Findings[0].Code != diag.NotEnforced || r.Findings[0].Severity != diag.Warning {
		t.Errorf("unknown: %+v", r.Findings)
	}
	for setting, severity := range map[string]diag.Severity{"true": diag.Note, "false": diag.Error} {
		facts, _ := source.ReadBytes("facts.yaml", []byte("apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nmetadata: {name: a}\nspec: {cilium: {nodeSelectorLabels: "+setting+"}}\n"), source.Options{})
		f, found := worst(lintText(t, "policy.yaml", policy, Options{Cluster: facts}))
		if found != (severity == diag.Error) || found && f.Severity != severity {
			t.Errorf("%s: %v", setting, f)
		}
	}
}

// TestLeavesSoon: what the release reads and the next one does not is a note; what the release does not read is not.
func TestLeavesSoon(t *testing.T) {
	requires := head + "  ingress: [{fromEndpoints: [{}], fromRequires: [{matchLabels: {a: b}}]}]\n"
	kafka := head + "  ingress: [{toPorts: [{ports: [{port: \"9092\", protocol: TCP}], rules: {kafka: [{topic: a}]}}]}]\n"
	tests := []struct {
		text, cilium string
		want         string // the path, or empty
	}{
		{requires, "1.18", "spec.ingress[0].fromRequires"},
		{requires, "1.20", ""},
		{kafka, "1.19", "spec.ingress[0].toPorts[0].rules.kafka"},
		{kafka, "1.20", ""},
	}
	for _, tc := range tests {
		got := ""
		for _, f := range lintText(t, "policy.yaml", tc.text, Options{CiliumVersion: tc.cilium}).Findings {
			if f.Code == diag.LeavesSoon {
				got = f.Path
			}
		}
		if got != tc.want {
			t.Errorf("Cilium %s: %q, want %q", tc.cilium, got, tc.want)
		}
	}
}

// TestReleases: a version is taken from the options, else from the facts; one that is too old is refused.
func TestReleases(t *testing.T) {
	facts, _ := source.ReadBytes("facts.yaml", []byte("apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nmetadata: {name: a}\nspec: {cilium: {version: 1.18.2}}\n"), source.Options{})
	policy := head + "  ingress: [{fromEntities: [cluster]}]\n"
	for want, opt := range map[string]Options{
		"Cilium 1.18.2": {Cluster: facts},
		"Cilium 1.17.0": {Cluster: facts, CiliumVersion: "1.17"},
	} {
		r := lintText(t, "policy.yaml", policy, opt)
		if len(r.Releases) != 1 || r.Releases[0].String() != want {
			t.Errorf("got %v, want %s", r.Releases, want)
		}
	}
	docs, _ := source.ReadBytes("policy.yaml", []byte(policy), source.Options{})
	for _, version := range []string{"1.2", "new"} {
		if _, err := Run(docs, Options{CiliumVersion: version}); err == nil {
			t.Errorf("version %s is taken", version)
		}
	}
}
