package lint

import "github.com/policyferry/policyferry/translate/diag"

// impliedIsolation finds NetworkPolicies without policyTypes that say nothing about ingress, or an empty list of
// egress. The API server fills in Ingress always and Egress only if there are egress rules
// (k8s.io/kubernetes, pkg/apis/networking/v1/defaults.go), so that ingress is closed and egress stays open.
var impliedIsolation = rule{code: diag.ImpliedIsolation, policy: func(_ *set, p *policy, r *reporter) {
	spec := root(p.doc).get("spec")
	if p.form != kubernetesForm || !spec.get("policyTypes").empty() {
		return
	}
	ingress, egress := spec.get("ingress"), spec.get("egress")
	switch {
	case egress.emptyList():
		r.report(egress, "state policyTypes: [Egress], or [Ingress, Egress] to close both",
			"policyTypes is missing, so the policy closes ingress, and this empty list does not close egress")
	case egress.present() && !ingress.present():
		r.report(egress, "state policyTypes: [Egress], or [Ingress, Egress] if ingress is to be closed",
			"policyTypes is missing, so the policy closes ingress as well, for which it has no rules")
	}
}}
