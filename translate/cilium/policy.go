package cilium

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// specRule is a Rule and the field that holds it.
type specRule struct {
	path string
	*rule
}

// specRules lists the Rules of an object: every one is independent of the others.
func (o *readObject) specRules() []specRule {
	var out []specRule
	if o.Spec != nil {
		out = append(out, specRule{"spec", o.Spec})
	}
	for i, s := range o.Specs {
		if s != nil {
			out = append(out, specRule{source.Item("specs", i), s})
		}
	}
	return out
}

// decodedPolicy is a policy on its way from the document. Decoding needs nothing but the document, so it is done side by
// side.
type decodedPolicy struct {
	readObject
	problems diag.List
}

func decodePolicy(doc *source.Document) *decodedPolicy {
	if doc.Object.Kind == "CiliumCIDRGroup" {
		return nil
	}
	o := &decodedPolicy{}
	o.problems = doc.Decode(&o.readObject)
	return o
}

// policies lowers one CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy.
func (l *lowerer) policies(doc *source.Document, o *decodedPolicy) []*model.Policy {
	if o.problems.Len() > 0 {
		l.env.Findings.Append(o.problems)
		return nil
	}
	rules := o.specRules()
	if !l.takes(doc, rules) {
		return nil
	}
	l.env.Ledger(doc).Metadata()
	var out []*model.Policy
	for _, in := range rules {
		r := &ruleReader{lowerer: l, doc: doc, path: in.path, namespace: l.namespaceOfDoc(doc)}
		if p := r.policy(in.rule); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// takes reports whether the agent enforces an object and the model can hold it. One Rule that is rejected rejects the
// object.
func (l *lowerer) takes(doc *source.Document, rules []specRule) bool {
	if len(rules) == 0 {
		l.passOver(doc, diag.NotEnforced, "", "write a spec", "the API server rejects a policy without spec and specs")
		return false
	}
	for _, r := range rules {
		if at, why := l.rejected(r.rule, r.path, doc.Object.Kind); why != "" {
			l.passOver(doc, diag.NotEnforced, at, "correct the policy; as it stands the cluster runs without it",
				"Cilium's agent rejects the whole policy, so nothing enforces it: %s", why)
			return false
		}
	}
	for _, r := range rules {
		if at := r.requires(r.path); at != "" {
			l.passOver(doc, diag.SelectorForm, at, "add the requirement to the selectors of every policy for these pods, and leave the field out",
				"the field restricts what all policies together allow, which cannot be said without it")
			findings := l.env.Findings.All()
			findings[len(findings)-1].Override = diag.Refused
			return false
		}
	}
	return true
}

// requires is the first fromRequires or toRequires of a Rule; empty if it has none.
func (in *rule) requires(path string) string {
	for _, d := range []model.Direction{model.Ingress, model.Egress} {
		allows, denies := in.elements(d, path)
		for _, e := range append(allows, denies...) {
			if len(e.requires) > 0 {
				return e.field("Requires")
			}
		}
	}
	return ""
}

func (l *lowerer) namespaceOfDoc(doc *source.Document) string {
	switch {
	case doc.Object.Kind != "CiliumNetworkPolicy":
		return ""
	case doc.Object.Namespace != "":
		return doc.Object.Namespace
	case l.env.DefaultNamespace != "":
		return l.env.DefaultNamespace
	}
	return "default"
}

// ruleReader lowers one Rule.
type ruleReader struct {
	*lowerer
	doc  *source.Document
	path string
	// namespace is that of a CiliumNetworkPolicy, empty for a cluster-wide one.
	namespace string
	// host says that the subjects are nodes.
	host bool
	// init says that the subject selector names reserved:init, which turns off an injection.
	init bool
}

func (r *ruleReader) origin(path string) model.Origin {
	return model.Origin{Object: r.doc.Object, Pos: r.doc.Position(path), Path: path}
}

// report adds a finding and discharges the field.
func (r *ruleReader) report(code *diag.Code, path, hint, format string, args ...any) {
	r.env.Report(r.doc, code, path, hint, format, args...)
}

// remark adds a finding about a field that is carried all the same.
func (r *ruleReader) remark(code *diag.Code, effect diag.Effect, path, hint, format string, args ...any) {
	f := code.At(r.doc.Position(path), r.doc.Object, path, format, args...)
	f.Hint, f.Override = hint, effect
	r.env.Findings.Add(f)
}

func (r *ruleReader) carried(path string) { r.env.Ledger(r.doc).Carried(path) }

func (r *ruleReader) at(field string) string { return source.Field(r.path, field) }

func (r *ruleReader) policy(in *rule) *model.Policy {
	books := r.env.Ledger(r.doc)
	books.NoMeaning(r.at("description"), "free text")
	books.NoMeaning(r.at("labels"), "labels of a rule have no part in matching")
	books.NoMeaning(r.at("log"), "a text for Hubble's flow log")
	p := &model.Policy{Origin: r.origin(r.path), Doc: r.doc}
	if !r.subject(p, in) {
		return nil
	}
	p.Sections[model.Ingress] = r.section(in, model.Ingress)
	p.Sections[model.Egress] = r.section(in, model.Egress)
	r.carried(r.at("enableDefaultDeny"))
	return p
}

// subject lowers the selector of the policed endpoints; false if the Rule does nothing.
func (r *ruleReader) subject(p *model.Policy, in *rule) bool {
	if in.NodeSelector != nil {
		if !r.hostFirewall() {
			r.report(diag.NotEnforced, r.path, "if the host firewall is on, state spec.cilium.hostFirewall: true in the cluster facts",
				"Cilium enforces policy for nodes only while its host firewall is on")
			return false
		}
		r.host = true
		p.Class, p.Subject = model.HostSubjects, r.nodeSubject(in.NodeSelector, r.at("nodeSelector"))
		return true
	}
	path := r.at("endpointSelector")
	reqs := requirementsOf(in.EndpointSelector)
	r.init = mentionsKey(reqs, "reserved", "init")
	found := r.subjectOf(reqs, path)
	p.Subject = found.pods
	r.carried(path)
	switch {
	case found.special != 0 && p.Subject.IsNone():
		hint := ""
		if model.Special(found.special)&model.IngressProxy != 0 {
			hint = "police the pods of the ingress controller that takes the place of Cilium's"
		}
		r.remark(diag.NoCounterpart, "", path, hint, "the policy is for Cilium's own endpoints (%s), which the target does not have", found.special.names())
	case found.special != 0:
		r.remark(diag.NoCounterpart, "", path, "add io.kubernetes.pod.namespace Exists to keep the policy to pods",
			"the selector also matches Cilium's own endpoints (%s), which the target does not have", found.special.names())
	case p.Subject.IsNone():
		r.remark(diag.SelectsNothing, "", path, "", "the selector matches no pod, so the policy has no say in any verdict")
	}
	return true
}

// section lowers one direction; nil if the Rule says nothing about it.
func (r *ruleReader) section(in *rule, d model.Direction) *model.Section {
	elements, denies := in.elements(d, r.path)
	field := d.String()
	if len(elements)+len(denies) == 0 {
		r.emptySection(in, d, field)
		return nil
	}
	r.emptyBeside(field, elements)
	r.emptyBeside(field+"Deny", denies)
	s := &model.Section{Isolates: r.isolates(in, d)}
	for _, e := range append(denies, elements...) {
		rule := r.rule(e)
		s.Rules = append(s.Rules, rule)
		if drops := r.proxyDrops(e, rule); drops != nil && !s.Isolates {
			s.Rules = append(s.Rules, drops)
		}
	}
	return s
}

// emptyBeside passes over a list without rules beside one with rules.
func (r *ruleReader) emptyBeside(name string, list []*readElement) {
	if path := r.at(name); len(list) == 0 && r.doc.Node(path) != nil {
		r.env.Ledger(r.doc).NoMeaning(path, "an empty list beside one with rules adds nothing")
	}
}

// emptySection explains forms that look as if they isolated and do not.
func (r *ruleReader) emptySection(in *rule, d model.Direction, field string) {
	for _, name := range []string{field, field + "Deny"} {
		// Null is no list at all, and just as easily taken for an empty one that isolates.
		if path := r.at(name); r.doc.Node(path) != nil {
			r.carried(path)
			r.remark(diag.EmptyForm, "", path, "to deny everything write "+field+": [{}]",
				"an empty %s list does not isolate: the direction stays as it is", name)
		}
	}
	if flag := in.defaultDeny(d); flag != nil && *flag {
		r.remark(diag.EmptyForm, "", source.Field(r.at("enableDefaultDeny"), field), "to deny everything write "+field+": [{}]",
			"enableDefaultDeny has no effect on a direction without rules")
	}
}

// isolates reports whether the rules of a direction put their subjects into default deny: unless
// enableDefaultDeny says no (pkg/policy/api/rule_validation.go). Before 1.16 there is no such field, and
// enable-non-default-deny-policies can turn it off.
func (r *ruleReader) isolates(in *rule, d model.Direction) bool {
	flag := in.defaultDeny(d)
	if flag == nil || *flag {
		return true
	}
	if r.hasDefaultDeny() {
		return false
	}
	r.remark(diag.Setting, diag.Exact, source.Field(r.at("enableDefaultDeny"), d.String()), "",
		"this Cilium does not read enableDefaultDeny, so the policy isolates")
	return true
}

func (in *rule) defaultDeny(d model.Direction) *bool {
	switch {
	case in.EnableDefaultDeny == nil:
		return nil
	case d == model.Ingress:
		return in.EnableDefaultDeny.Ingress
	}
	return in.EnableDefaultDeny.Egress
}

// nodeSubject lowers a nodeSelector. It is matched against node labels after the identity filter
// (pkg/endpoint/endpoint.go), which drops kubernetes.io/hostname and the like.
func (r *ruleReader) nodeSubject(s *labelSelector, path string) selector.Selector {
	out := all
	for _, q := range requirementsOf(s) {
		switch {
		case q.source != "any" && q.source != "k8s":
			out = out.And(constant(q.values))
		default:
			out = out.And(r.requirement(q, selector.Key{Kind: selector.NodeLabel, Name: q.key}, path))
		}
	}
	r.carried(path)
	return out
}
