package lint

import "strings"

// notStandard reports what of a policy the standard APIs cannot say under the CNI that enforces it: a NetworkPolicy
// adds to what others allow, for pods of one namespace, by labels of pods and namespaces, by CIDRs, and by ports of
// TCP, UDP and SCTP. A ClusterNetworkPolicy also denies and passes, but never isolates.
//
// It looks at one policy at a time: an allow that stands before a deny of another policy goes only together with it.
func notStandard(p *policy, r *reporter) {
	switch p.form {
	case calicoForm:
		standardCalico(p, r)
	case ciliumForm:
		standardCilium(p, r)
	}
}

const noWord = "the standard APIs have no word for it"

// refuse reports each of the keys that the mapping has.
func refuse(at field, r *reporter, hint string, keys ...string) {
	for _, key := range keys {
		if v := at.get(key); v.present() && !v.empty() && v.text() != "false" {
			r.report(v, hint, "%s: %s", key, noWord)
		}
	}
}

// standardProtocol reports a protocol that a NetworkPolicy cannot name.
func standardProtocol(at field, r *reporter) {
	switch strings.ToUpper(at.text()) {
	case "", "ANY", "TCP", "UDP", "SCTP", "6", "17", "132":
	default:
		r.report(at, "", "protocol %s: the standard APIs know TCP, UDP and SCTP", at.text())
	}
}
