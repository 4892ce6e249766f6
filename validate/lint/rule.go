package lint

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/translate/source"
)

// rule is one thing that lint looks for: one code, one file. It looks at each policy alone, at the set, or both.
type rule struct {
	code   *diag.Code
	policy func(s *set, p *policy, r *reporter)
	set    func(s *set, r *reporter)
}

// all are the rules. Their order is of no consequence: findings are sorted.
var all = []*rule{
	&impliedIsolation, &allowsAll, &mootRules, &emptyRuleDenies, &ownNamespace, &denyOnly, &udpLeftOut, &anyProtocol,
	&anyWithoutICMP, &negativeOnly, &fqdnWithoutDNS, &serviceAddress, &matchesNoPod, &leavesSoon, &cidrMeetsPods,
	&cidrMeetsNodes, &unreachable, &unknownTier, &repeatedRule, &deniedAnyway,
}

// reporter takes in what one rule finds.
type reporter struct {
	code     *diag.Code
	findings []diag.Finding
}

// report adds a finding about a field.
func (r *reporter) report(at field, hint, format string, args ...any) *diag.Finding {
	return r.reportAt(at.doc, at.path, hint, format, args...)
}

// reportAt adds a finding about a path in a document, which need not have it.
func (r *reporter) reportAt(doc *source.Document, path, hint, format string, args ...any) *diag.Finding {
	f := r.code.At(doc.Position(path), doc.Object, path, format, args...)
	f.Hint = hint
	r.findings = append(r.findings, f)
	return &r.findings[len(r.findings)-1]
}

// rules runs all rules over a set, every core with policies of its own.
func (l *linter) rules(s *set) {
	for _, findings := range parallel.Map(len(s.policies), func(i int) []diag.Finding {
		var out []diag.Finding
		for _, rule := range all {
			if rule.policy != nil {
				r := &reporter{code: rule.code}
				rule.policy(s, s.policies[i], r)
				out = append(out, r.findings...)
			}
		}
		return out
	}) {
		l.addOf(s, Meaning, findings...)
	}
	for _, findings := range parallel.Map(len(all), func(i int) []diag.Finding {
		r := &reporter{code: all[i].code}
		if all[i].set != nil {
			all[i].set(s, r)
		}
		return r.findings
	}) {
		l.addOf(s, Meaning, findings...)
	}
}
