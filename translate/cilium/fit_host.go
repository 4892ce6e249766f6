package cilium

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
)

// fitHost decides whether a policy for nodes can be enforced, and for whom. Where it is in doubt which nodes are meant,
// the policy is left out and not widened: a node that is isolated by mistake is a node that nobody reaches any more.
func (d *dialect) fitHost(p *model.Policy) bool {
	subject := d.fitSelector(p.Subject, p.Class)
	unsure := subject.why
	if !p.MaybeSubject.IsNone() {
		unsure = append(unsure, reason{what: "the selector has too many alternatives to be followed", hint: "split the policy"})
	}
	switch {
	case !d.hostFirewall():
		subject.lower = none
		if isolates(p) {
			d.note(p.Origin, diag.HostPolicy,
				"turn on hostFirewall.enabled in the target and say so with spec.cilium.hostFirewall in the cluster facts",
				"policy for nodes is left out: Cilium accepts it and does nothing unless its host firewall is on")
		}
	case len(unsure) > 0 && isolates(p):
		subject.lower = none
		for _, why := range unsure {
			d.note(subjectOrigin(p), diag.HostPolicy, why.hint, "%s, so the policy is left out for nodes", why.what)
		}
	}
	p.Unchanged = p.Unchanged && len(unsure) == 0 && d.hostFirewall()
	p.Subject, p.MaybeSubject = subject.lower, none
	return !p.Subject.IsNone()
}

// isolates reports whether leaving the policy out could open something.
func isolates(p *model.Policy) bool {
	for _, s := range p.Sections {
		if s == nil {
			continue
		}
		if s.Isolates {
			return true
		}
		for _, r := range s.Rules {
			if r.Action == model.Deny {
				return true
			}
		}
	}
	return false
}
