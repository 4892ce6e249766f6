package calico

import (
	"reflect"
	"slices"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// policy is a NetworkPolicy or GlobalNetworkPolicy as it was read.
type policy struct {
	doc *source.Document
	identity
	// namespace is empty for a GlobalNetworkPolicy.
	namespace string
	tier      string
	// spec is that of either kind; a NetworkPolicy leaves empty what only the other has.
	spec apiv3.GlobalNetworkPolicySpec
	// types per direction.
	types [2]bool
}

// readPolicy reads one policy; nil if it cannot be used or is Calico's own copy of a Kubernetes policy.
func (l *lowering) readPolicy(doc *source.Document) *policy {
	p := &policy{doc: doc}
	if doc.Object.Kind == apiv3.KindNetworkPolicy {
		p.namespace = l.namespaceOf(doc)
	}
	if isKubernetesCopy(doc) {
		l.reportObject(doc, diag.KubernetesCopy, "translate the Kubernetes NetworkPolicy itself",
			"this is Calico's own copy of a Kubernetes policy, which is translated from the original")
		return nil
	}
	meta, ok := p.decode(l)
	if !ok {
		return nil
	}
	if p.identity, ok = l.identify(doc, meta); !ok {
		return nil
	}
	l.env.Ledger(doc).Metadata()
	p.tier = l.tierOf(p)
	l.readTypes(p)
	ledger := l.env.Ledger(doc)
	for _, f := range []string{"tier", "order", "selector", "namespaceSelector", "serviceAccountSelector"} {
		ledger.Carried("spec." + f)
	}
	ledger.NoMeaning("spec.performanceHints", "hints for Felix change no verdict")
	if l.isCopy(p) {
		return nil
	}
	return p
}

// isCopy reports a policy that stands among the documents under another name already: once as the API shows it and
// once as the datastore keeps it, or, up to 3.31, with and without the tier "default" in front.
func (l *lowering) isCopy(p *policy) bool {
	name := p.name
	if !l.env.Source.Version.AtLeast(3, 32) && !strings.Contains(name, ".") {
		name = "default." + name
	}
	key := p.namespace + "/" + name
	first := l.named[key]
	if first == nil {
		l.named[key] = p
		return false
	}
	code, what := diag.PassedOver, "a copy of the same policy is passed over"
	if a, b := p.spec, first.spec; p.types != first.types || p.tier != first.tier || !sameSpec(a, b) {
		code, what = diag.DuplicateObject, "another document names the same policy and says something else"
	}
	l.env.Findings.Add(code.At(p.doc.Position("metadata.name"), p.doc.Object, "metadata.name", "%s", what).
		WithHint("give only the one that the cluster holds").WithRelated(first.doc.Pos, "the policy is here"))
	for _, path := range []string{"spec", "metadata"} {
		l.env.Ledger(p.doc).Reported(path, code.ID)
	}
	return true
}

// sameSpec compares what two forms of a policy say, leaving out what is compared resolved.
func sameSpec(a, b apiv3.GlobalNetworkPolicySpec) bool {
	a.Types, b.Types, a.Tier, b.Tier = nil, nil, "", ""
	return reflect.DeepEqual(a, b)
}

// readTypes finds the directions that the policy polices. The API fills in types that are missing from the rules
// that are there (libcalico-go/lib/clientv3/globalnetworkpolicy.go); a raw custom resource is stored as it is, and
// Felix takes no types as both (felix/calc/policy_sorter.go, ExtractPolicyMetadata).
func (l *lowering) readTypes(p *policy) {
	types := p.spec.Types
	ingress, egress := len(p.spec.Ingress) > 0, len(p.spec.Egress) > 0
	switch {
	case len(types) > 0:
		p.types = [2]bool{slices.Contains(types, apiv3.PolicyTypeIngress), slices.Contains(types, apiv3.PolicyTypeEgress)}
	case isRaw(p.doc):
		p.types = [2]bool{true, true}
		if !ingress || !egress {
			l.env.Note(p.doc, diag.RawTypes, "spec", "state spec.types, or export the policy with calicoctl",
				"a raw custom resource without types polices both directions, also the one that it has no rules for")
		}
	default:
		p.types = [2]bool{ingress || !egress, egress}
	}
	l.env.Ledger(p.doc).Carried("spec.types")
}

// policy lowers a policy: to one for pods, and one for hosts if there are host endpoints that it selects.
func (l *lowering) policy(p *policy) []*model.Policy {
	subject, err := p.subject()
	if err != nil {
		l.env.Report(p.doc, diag.WrongValue, "spec", "correct the selector", "the policy cannot be used: %s", err)
		return nil
	}
	for _, f := range []string{"doNotTrack", "preDNAT", "applyOnForward"} {
		l.env.Ledger(p.doc).Carried("spec." + f)
	}
	hosts := l.hostPolicies(p, subject)
	if p.hostOnly() {
		return nil
	}
	pods := subject.pods()
	if pods.IsNone() && len(hosts) == 0 {
		l.env.Note(p.doc, diag.SelectsNothing, "spec.selector", "", "no pod can match the selector, and no host endpoint that is known does")
	}
	return append([]*model.Policy{l.podPolicy(p, pods)}, hosts...)
}

func (l *lowering) podPolicy(p *policy, subject selector.Selector) *model.Policy {
	out := l.newPolicy(p, model.PodSubjects)
	out.Subject = subject
	if subject.TooComplex() {
		out.Subject, out.MaybeSubject = selector.None(), selector.All()
		l.env.Note(p.doc, diag.SubjectUnsure, "spec.selector", "split the policy into several with simpler selectors",
			"the selector has too many alternatives to be followed, so every pod is treated as if it might be selected")
	}
	l.sections(p, out)
	return out
}

func (l *lowering) newPolicy(p *policy, class model.Class) *model.Policy {
	out := &model.Policy{Doc: p.doc, Class: class, SourceOrder: p.spec.Order}
	out.Origin = model.Origin{Object: p.doc.Object, Pos: p.doc.Pos}
	out.Origin.Object.Name, out.Origin.Object.Namespace = p.name, p.namespace
	return out
}

// sections lowers the rules of both directions.
func (l *lowering) sections(p *policy, out *model.Policy) {
	for _, d := range []model.Direction{model.Ingress, model.Egress} {
		path, rules := "spec."+d.String(), p.spec.Ingress
		if d == model.Egress {
			rules = p.spec.Egress
		}
		if !p.types[d] {
			if len(rules) > 0 {
				l.env.Report(p.doc, diag.InertRules, path, "add the direction to spec.types, or delete the rules",
					"types does not list %s, so Calico does not enforce these rules", map[model.Direction]string{model.Ingress: "Ingress", model.Egress: "Egress"}[d])
			}
			l.env.Ledger(p.doc).Carried(path)
			continue
		}
		section := &model.Section{Isolates: true}
		for i := range rules {
			r := ruleLowering{lowering: l, policy: p, class: out.Class, rule: &rules[i], path: source.Item(path, i), direction: d, object: out.Origin.Object}
			if rule := r.lower(); rule != nil {
				section.Rules = append(section.Rules, rule)
			}
		}
		if len(rules) == 0 {
			l.env.Ledger(p.doc).Carried(path)
		}
		out.Sections[d] = section
	}
}
