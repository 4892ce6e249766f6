package mend

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint"
)

// addsUp reports whether the policies of a set add up. Under Cilium, standard policies included, a connection passes at
// an end if no policy denies it, and some policy allows it or none isolates the end in that direction
// (pkg/policy/mapstate.go). What a policy contributes is then three answers: does it deny, does it allow, does it isolate.
// Alone it tells !deny && (allow || !isolate), beside one that isolates everyone !deny && allow, and beside one that
// allows everything !deny. If these are what they were, so is whatever the three make of any other policies, and the set
// need not be looked at. Order breaks that, so Calico's sets are compared as they are as well, and so are sets with a
// ClusterNetworkPolicy.
func addsUp(s lint.PolicySet) bool {
	return s.Release.CNI == compat.Cilium && !slices.ContainsFunc(s.Documents, func(d *source.Document) bool {
		return strings.HasPrefix(d.Object.APIVersion, "policy.networking.k8s.io/")
	})
}

// alone are, for each changed policy, the policy without the others: by itself, beside one that isolates everyone, and
// beside one that allows everything. What others allow today hides what a wrong fix closes, what the policy itself allows
// hides that it isolates no more, and what nobody allows hides that it denies no more.
func (m *mender) alone(s lint.PolicySet, after *edited) [][]*source.Document {
	var rest []*source.Document
	for _, d := range s.Documents {
		if !strings.HasSuffix(d.Object.Kind, "Policy") && after.docs[d] == nil {
			rest = append(rest, d)
		}
	}
	var out [][]*source.Document
	for _, d := range s.Documents {
		if after.docs[d] == nil {
			continue
		}
		one := append(slices.Clone(rest), d)
		out = append(out, one)
		for _, other := range besides[s.Release.CNI] {
			docs, _ := source.ReadBytes("beside", []byte(other), source.Options{})
			out = append(out, append(slices.Clone(one), docs...))
		}
	}
	return out
}

// besides are a policy that isolates every pod and one that allows everything, of each CNI. Calico's stand last.
var besides = map[compat.CNI][]string{
	compat.Cilium: {`apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: policyferry-closing}
spec: {endpointSelector: {}, ingress: [{}], egress: [{}]}
`, `apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: policyferry-opening}
spec: {endpointSelector: {}, ingress: [{fromEntities: [all]}], egress: [{toEntities: [all]}]}
`},
	compat.Calico: {`apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: zzz-policyferry-closing}
spec: {namespaceSelector: all(), types: [Ingress, Egress]}
`, `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: zzz-policyferry-opening}
spec: {namespaceSelector: all(), types: [Ingress, Egress], ingress: [{action: Allow}], egress: [{action: Allow}]}
`},
}
