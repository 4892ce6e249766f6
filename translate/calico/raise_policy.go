package calico

import (
	"fmt"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// The annotations that lead back to the source.
const (
	annotationSource   = "policyferry.io/source"
	annotationPosition = "policyferry.io/position"
)

// policyWriter writes one Calico policy: a source policy, or the part of it that belongs into one place.
type policyWriter struct {
	*raiser
	source    *model.Policy
	class     model.Class
	namespace string
	tier      string
	suffix    string
	order     float64
	types     [2]bool
	rules     [2][]policyRule
	// repeats says that the policy repeats another one for some endpoints.
	repeats bool
}

func (r *raiser) writer(p *model.Policy, tier, suffix string) *policyWriter {
	return &policyWriter{raiser: r, source: p, class: p.Class, namespace: namespaceOfPolicy(p), tier: tier, suffix: suffix}
}

// addRule writes a rule of the model. Denies go to another policy if one is given.
func (w *policyWriter) addRule(rule *model.Rule, d model.Direction, denies *policyWriter) {
	for _, s := range w.statements(rule) {
		to := w
		if s.action == model.Deny && denies != nil {
			to = denies
		}
		if s.action != model.Deny && !w.source.MaybeSubject.IsNone() {
			s.box.Subject = s.box.Subject.And(w.source.Subject)
		}
		rules := to.written(s, d)
		to.rules[d] = append(to.rules[d], rules...)
		if len(rules) > 0 {
			to.types[d] = true
		}
	}
}

// emit writes the policy, unless it says nothing. A subject that is too long for one selector makes several policies
// with the same rules.
func (w *policyWriter) emit(subject selector.Selector) {
	if subject.IsNone() || !w.types[model.Ingress] && !w.types[model.Egress] {
		return
	}
	if w.class == model.HostSubjects {
		w.object(subjectFields{selector: hostText(subject)})
		return
	}
	for _, part := range shortSubjects(subject, w.namespace) {
		w.object(podSubject(part, w.namespace))
	}
}

// object writes one policy.
func (w *policyWriter) object(fields subjectFields) {
	spec := policySpec{Order: &w.order, Ingress: w.rules[model.Ingress], Egress: w.rules[model.Egress]}
	if w.tier != tierDefault {
		spec.Tier = w.tier
	}
	for d, name := range []string{"Ingress", "Egress"} {
		if w.types[d] {
			spec.Types = append(spec.Types, name)
		}
	}
	spec.Selector, spec.NamespaceSelector, spec.ServiceAccountSelector = fields.selector, fields.namespaceSelector, fields.serviceAccountSelector
	o := &object{APIVersion: apiVersion, Kind: "GlobalNetworkPolicy", Spec: spec}
	if w.namespace != "" {
		o.Kind, o.Metadata.Namespace = "NetworkPolicy", w.namespace
	}
	o.Metadata.Name = w.freeName(o.Kind)
	o.Metadata.Labels = w.labels()
	o.Metadata.Annotations = w.annotations()
	w.objects = append(w.objects, o)
	if isKubernetes(w.source.Object) && !w.repeats {
		w.note(w.source.Origin, diag.KubernetesReplaced, "", "%s is replaced by %s %s, because %s",
			w.source.Object, o.Kind, o.Metadata.Name, w.whyReplaced())
	}
}

// whyReplaced says why a Kubernetes policy is not handed on.
func (w *policyWriter) whyReplaced() string {
	o := w.source.Object
	if o.Kind != "NetworkPolicy" && !compat.ReadsAdminPolicy(w.env.Target, o.Kind, nil) {
		return w.env.Target.String() + " does not read " + o.Kind
	}
	return "Calico would read it differently"
}

// hostText is the selector of host endpoints: automatic ones bear the labels of their nodes.
func hostText(s selector.Selector) string {
	key := selector.Key{Kind: selector.NodeLabel, Name: labelCreatedBy}
	out := s.And(selector.Where(key, selector.In(createdByControllers)))
	var texts []string
	for _, c := range out.Clauses() {
		texts = append(texts, clauseText(c, fieldLabel, podPart))
	}
	return anyOf(texts)
}

func (w *policyWriter) annotations() map[string]string {
	out := map[string]string{annotationSource: sourceText(w.source.Object)}
	if p := w.source.Pos; p.File != "" {
		out[annotationPosition] = p.File
		if p.Line > 0 {
			out[annotationPosition] = fmt.Sprintf("%s:%d", p.File, p.Line)
		}
	}
	return out
}

// labels is the labels that the source policy bears.
func (w *policyWriter) labels() map[string]string {
	if w.source.Doc == nil {
		return nil
	}
	var meta struct {
		Metadata struct {
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
	}
	if findings := w.source.Doc.DecodeKnown(&meta); findings.Len() > 0 {
		return nil
	}
	return meta.Metadata.Labels
}

// freeName keeps the source's name as far as Calico takes it. A policy of another tier than "default" bears the
// tier's name in front, which up to 3.31 is what puts it there (libcalico-go/lib/names/policy.go).
func (w *policyWriter) freeName(kind string) string {
	base := validLabel(w.source.Object.Name + w.suffix)
	prefix := ""
	if w.tier != tierDefault {
		prefix = w.tier + "."
	}
	name := prefix + base
	for n := 2; w.taken[kind+" "+w.namespace+"/"+name]; n++ {
		name = fmt.Sprintf("%s%s-%d", prefix, base, n)
	}
	w.taken[kind+" "+w.namespace+"/"+name] = true
	if name != prefix+w.source.Object.Name+w.suffix {
		w.note(w.source.Origin, diag.Renamed, "", "%s is written as %s %s", w.source.Object, kind, name)
	}
	return name
}

// validLabel makes a name without dots, which Calico takes for the end of the tier's name.
func validLabel(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			c = '-'
		}
		b.WriteRune(c)
	}
	out := strings.Trim(b.String(), "-")
	if len(out) > 200 {
		out = strings.TrimRight(out[:200], "-")
	}
	if out == "" {
		return "policy"
	}
	return out
}
