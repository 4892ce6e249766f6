package lint

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/schema"
)

// enforced judges the documents of a set by the schema and the CNI's own validation, and keeps as its policies those
// that are enforced.
func (l *linter) enforced(s *set) {
	type verdict struct {
		findings []diag.Finding
		enforced bool
	}
	for i, v := range parallel.Map(len(s.docs), func(i int) verdict {
		findings, ok := l.judge(s, s.docs[i])
		return verdict{findings, ok}
	}) {
		l.addOf(s, Enforcement, v.findings...)
		if v.enforced {
			s.policies = append(s.policies, newPolicy(s.docs[i], s.namespace))
		}
	}
}

// judge says what speaks against a document, and whether it is enforced all the same.
func (l *linter) judge(s *set, d *source.Document) (findings []diag.Finding, enforced bool) {
	enforced = true
	switch d.Object.Kind {
	case "Profile": // made up by Calico's API server from namespaces and service accounts
		return nil, true
	case "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy":
		if !compat.ReadsAdminPolicy(s.release, d.Object.Kind, s.facts.Cilium.ClusterNetworkPolicy) {
			if l.readByAnother(s, d) {
				return nil, false
			}
			enforced = false
			findings = append(findings, statedOff(diag.NotReadBySource.At(d.Position("kind"), d.Object, "kind",
				"%s does not read %s, so nothing enforces it", s.release, d.Object.Kind).
				WithHint("%s", readHint(s.release, d.Object.Kind)), s.facts))
		}
	}
	text, err := d.JSON()
	if err != nil {
		return []diag.Finding{diag.WrongValue.At(d.Pos, d.Object, "", "the object cannot be read: %v", err)}, false
	}
	problems := schema.ValidateJSON(text, schema.Target{Release: s.release, Cilium: s.facts.Cilium})
	if len(problems) == 0 {
		return findings, enforced
	}
	lenient := problems
	if s.release.CNI == compat.Cilium {
		lenient = schema.ValidateJSON(text, schema.Target{Release: s.release, Cilium: permissive(s.facts.Cilium)})
	}
	for _, p := range problems {
		findings = append(findings, problemFinding(s, d, p, slices.Contains(lenient, p)))
		enforced = enforced && p.Cause == schema.PartIgnored
	}
	return findings, enforced
}

// readHint says under which release or setting a kind would be read.
func readHint(r compat.Release, kind string) string {
	return strings.ReplaceAll(compat.AdminPolicyHint(r, kind), "--source-version", "--calico-version")
}

// readByAnother reports whether the set of another CNI has the document too and reads it.
func (l *linter) readByAnother(s *set, d *source.Document) bool {
	for _, other := range l.sets {
		if other != s && slices.Contains(other.docs, d) {
			// Where neither reads it, the first set says so.
			return compat.ReadsAdminPolicy(other.release, d.Object.Kind, l.facts.Cilium.ClusterNetworkPolicy) || other == l.sets[0]
		}
	}
	return false
}

// permissive turns on every setting that is not known.
func permissive(settings cluster.CiliumSettings) cluster.CiliumSettings {
	on := true
	for _, setting := range []**bool{&settings.NodeSelectorLabels, &settings.L7Proxy, &settings.ExtendedProtocols, &settings.NonDefaultDeny} {
		if *setting == nil {
			*setting = &on
		}
	}
	return settings
}

// problemFinding puts a problem into words. Certain says that no setting which is not known could make it go away.
func problemFinding(s *set, d *source.Document, p schema.Problem, certain bool) diag.Finding {
	where := d.Object.String()
	if p.Path != "" {
		where = p.Path
	}
	var f diag.Finding
	switch {
	case p.Cause == schema.UnknownField && enterpriseOnly(d, p.Path):
		f = diag.EnterpriseOnly.At(d.Position(p.Path), d.Object, p.Path, "%s exists only in Calico Enterprise and Calico Cloud; an API server drops it or refuses the object", where).
			WithHint("name the addresses instead, or keep the policy for Calico Enterprise")
	case p.Cause == schema.UnknownField:
		f = diag.UnknownField.At(d.Position(p.Path), d.Object, p.Path, "%s: %s", where, p.Message).WithHint("%s", meant(d.Object, p.Path, p.Hint))
	case p.Cause == schema.WrongValue:
		f = diag.WrongValue.At(d.Position(p.Path), d.Object, p.Path, "%s: %s", where, p.Message)
		if strings.Contains(p.Message, "ports need the protocol") {
			f = f.WithHint("state protocol: TCP, UDP or SCTP in the rule")
		}
		if strings.Contains(p.Message, portName) {
			f = f.WithHint("write a number without quotes; in quotes it is the name of a port")
		}
		if strings.HasPrefix(p.Message, "null is no value") && groupOf(d.Object) == "networking.k8s.io" {
			f = f.WithHint(storedEmpty)
		}
	case p.Cause == schema.PartIgnored:
		f = diag.NotEnforced.At(d.Position(p.Path), d.Object, p.Path, "%s: %s", where, p.Message).
			WithHint("the rest of the object is enforced; correct this part")
	default:
		f = diag.NotEnforced.At(d.Position(p.Path), d.Object, p.Path, "%s rejects the object, so nothing enforces it: %s", s.release, p.Message).
			WithHint("correct the object; the API server takes it as it is, and the agent does not")
		if strings.Contains(p.Message, noRules) {
			f = f.WithHint("an empty list is no rule; to deny everything write ingress: [{}]")
		}
	}
	if !certain {
		f = f.WithHint("if the cluster has the setting that this needs, state spec.cilium of it in the cluster facts; policyferry explain %s says more", f.Code.ID)
	}
	return f
}

// storedEmpty is what becomes of a label of a NetworkPolicy that is null: it is decoded into text, and the policy is
// enforced.
const storedEmpty = "the API server takes it for the empty text"

// noRules is how Cilium rejects an object without rules, which is mostly meant to deny everything
// (pkg/policy/api/rule_validation.go).
const noRules = "must have at least one of Ingress"

// enterpriseOnly reports whether the field is one that only Calico Enterprise and Cloud have.
func enterpriseOnly(d *source.Document, path string) bool {
	return groupOf(d.Object) == "projectcalico.org" && (strings.HasSuffix(path, ".domains") || path == "spec.allowedEgressDomains")
}
