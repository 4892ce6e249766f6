package lint

import (
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
)

// leavesSoon finds what the cluster's release still reads and a later one does not. What the release itself does not
// read is not enforced, and is reported as that.
var leavesSoon = rule{code: diag.LeavesSoon, policy: func(s *set, p *policy, r *reporter) {
	if gone, ok := compat.KindGone(s.release, p.doc.Object.APIVersion, p.doc.Object.Kind); ok {
		r.reportAt(p.doc, "kind", gone.Instead, "%s no longer reads %s of %s", gone.Since, p.doc.Object.Kind, p.doc.Object.APIVersion)
	}
	eachCiliumRule(p, func(section section, rule field) {
		fields := []field{rule.get(section.peers() + "Requires")}
		for _, ports := range rule.get("toPorts").items() {
			rules := ports.get("rules")
			fields = append(fields, rules.get("kafka"), rules.get("l7"), rules.get("l7proto"))
		}
		for _, at := range fields {
			if !at.present() {
				continue
			}
			_, name := splitPath(at.path)
			if gone, ok := compat.FieldGone(s.release, name); ok {
				r.report(at, gone.Instead, "%s no longer has the field %s", gone.Since, name)
			}
		}
	})
}}
