package lint

import (
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// unknownTier finds policies of a tier that no document defines while others are defined. The API server refuses such a
// policy; what reaches Felix all the same is evaluated behind every other tier
// (felix/calc/policy_resolver.go), where it hardly ever decides. Where no tier is given at all they lie elsewhere.
var unknownTier = rule{code: diag.UnknownTier, policy: func(s *set, p *policy, r *reporter) {
	tier := root(p.doc).at("spec", "tier")
	if s.release.CNI != compat.Calico || p.form != calicoForm || tier.empty() || len(s.tiers) == 0 || s.tiers[tier.text()] || builtinTiers[tier.text()] {
		return
	}
	hint := "define the tier, or lint this policy together with the document that does"
	if near := source.Nearest(tier.text(), sortedKeys(s.tiers)); near != "" {
		hint = didYouMean + ` "` + near + `"?`
	}
	r.report(tier, hint, "there is no tier %s here, only %s: the API server refuses the policy, and Felix puts it behind all others", tier.text(), strings.Join(sortedKeys(s.tiers), ", "))
}}

// builtinTiers are those that Calico of some release (libcalico-go/lib/clientv3/client.go) or its operator makes.
var builtinTiers = map[string]bool{
	"calico-system": true, "allow-tigera": true,
	"default": true, "adminnetworkpolicy": true, "baselineadminnetworkpolicy": true, "kube-admin": true, "kube-baseline": true,
}
