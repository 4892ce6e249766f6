package lint

import (
	"strings"

	"github.com/projectcalico/calico/libcalico-go/lib/selector/tokenizer"
)

// negatedExpression is what a NetworkPolicy says only of single labels.
const negatedExpression = "the negation of an expression"

func standardCalico(p *policy, r *reporter) {
	spec := root(p.doc).get("spec")
	if p.clusterwide() {
		r.reportAt(p.doc, "kind", "write a NetworkPolicy in each namespace; ClusterNetworkPolicy allows and denies, but never isolates",
			"a cluster-wide policy that isolates: %s", noWord)
	}
	if tier := spec.get("tier"); !tier.empty() && tier.text() != "default" {
		r.report(tier, "", "tiers of one's own: %s", noWord)
	}
	refuse(spec, r, "", "serviceAccountSelector", "doNotTrack", "preDNAT", "applyOnForward")
	standardSelector(spec.get("selector"), r)
	standardSelector(spec.get("namespaceSelector"), r)
	for _, s := range p.sections {
		for i, rule := range s.rules {
			standardCalicoRule(s, rule, i == len(s.rules)-1, r)
		}
	}
}

func standardCalicoRule(s section, rule field, last bool, r *reporter) {
	action := rule.get("action")
	switch strings.ToLower(action.text()) {
	case "allow", "log":
	case "deny":
		if last && rule.only("action", "metadata") {
			return // what every NetworkPolicy does at its end
		}
		fallthrough
	default:
		r.report(action, "write it as a ClusterNetworkPolicy, if it may hold for every namespace", "a NetworkPolicy only allows, and has no %s", action.text())
	}
	refuse(rule, r, "", "ipVersion", "icmp", "notICMP", "http")
	refuse(rule, r, "name the protocols that are meant", "notProtocol")
	standardProtocol(rule.get("protocol"), r)
	own, other := rule.get("destination"), rule.get("source")
	if s.egress() {
		own, other = other, own
		refuse(own, r, "", "ports", "notPorts")
	} else {
		refuse(other, r, "", "ports", "notPorts")
	}
	refuse(own, r, "put it into the selector of the policy", "nets", "notNets", "selector", "notSelector", "namespaceSelector", "serviceAccounts", "services")
	refuse(other, r, "", "serviceAccounts", "services")
	refuse(other, r, "say it with != or not in", "notSelector")
	if !other.get("nets").empty() && (!other.get("selector").empty() || !other.get("namespaceSelector").empty()) {
		r.report(other.get("nets"), "", "nets and a selector together: %s", noWord)
	}
	standardSelector(other.get("selector"), r)
	standardSelector(other.get("namespaceSelector"), r)
}

// standardSelector reports an expression that is no alternative of label requirements. Alternatives become peers, or
// policies, of their own.
func standardSelector(at field, r *reporter) {
	if at.empty() {
		return
	}
	tokens, err := tokenizer.Tokenize(at.text())
	if err != nil {
		return // such a policy is not enforced, and never comes here
	}
	for i, token := range tokens {
		switch token.Kind {
		case tokenizer.TokContains, tokenizer.TokStartsWith, tokenizer.TokEndsWith, tokenizer.TokGlobal:
			r.report(at, "give the pods a label of their own", "contains, starts with, ends with and global(): %s", noWord)
			return
		case tokenizer.TokNot:
			if i+1 < len(tokens) && tokens[i+1].Kind == tokenizer.TokLParen {
				r.report(at, "write it without the parentheses", "%s: %s", negatedExpression, noWord)
				return
			}
		}
	}
	for _, key := range []string{"projectcalico.org/orchestrator", "projectcalico.org/serviceaccount", "pcsa."} {
		if strings.Contains(at.text(), key) {
			r.report(at, "give the pods a label of their own", "label %s: %s", key, noWord)
			return
		}
	}
}
