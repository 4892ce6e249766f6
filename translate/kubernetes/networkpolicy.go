package kubernetes

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// LowerNetworkPolicy reads one NetworkPolicy; nil if the document cannot be decoded, which is then reported.
func LowerNetworkPolicy(doc *source.Document, reading Reading, e *env.Env) *model.Policy {
	var np networkingv1.NetworkPolicy
	if problems := doc.Decode(&np); problems.Len() > 0 {
		e.Findings.Append(problems)
		return nil
	}
	r := &reader{doc: doc, env: e, reading: reading, ns: namespaceOf(doc, e)}
	p := &model.Policy{Origin: r.origin("spec"), Doc: doc}
	p.Subject = inNamespace(r.ns).And(podLabels(&np.Spec.PodSelector))
	l := e.Ledger(doc)
	l.Carried("spec.podSelector")
	l.Carried("spec.policyTypes")
	types := policyTypes(&np.Spec)
	for _, d := range []model.Direction{model.Ingress, model.Egress} {
		if s := r.section(&np.Spec, d, slices.Contains(types, typeOf(d))); s != nil {
			p.Sections[d] = s
		}
	}
	return p
}

func namespaceOf(doc *source.Document, e *env.Env) string {
	if doc.Object.Namespace != "" {
		return doc.Object.Namespace
	}
	return e.DefaultNamespace
}

func typeOf(d model.Direction) networkingv1.PolicyType {
	if d == model.Egress {
		return networkingv1.PolicyTypeEgress
	}
	return networkingv1.PolicyTypeIngress
}

// policyTypes applies the API server's default: Ingress always, Egress if there are egress rules
// (k8s.io/kubernetes, pkg/apis/networking/v1/defaults.go).
func policyTypes(spec *networkingv1.NetworkPolicySpec) []networkingv1.PolicyType {
	if len(spec.PolicyTypes) > 0 {
		return spec.PolicyTypes
	}
	out := []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	if len(spec.Egress) > 0 {
		out = append(out, networkingv1.PolicyTypeEgress)
	}
	return out
}

// section lowers one direction. Rules of a direction that policyTypes does not list are ignored by the API and by
// Calico; Cilium enforces them all the same (pkg/k8s/network_policy.go loops over the rules without looking at
// policyTypes).
func (r *reader) section(spec *networkingv1.NetworkPolicySpec, d model.Direction, listed bool) *model.Section {
	path, n := "spec.ingress", len(spec.Ingress)
	if d == model.Egress {
		path, n = "spec.egress", len(spec.Egress)
	}
	if !listed {
		if n == 0 || r.reading.CNI == compat.Calico {
			if n > 0 {
				r.env.Report(r.doc, diag.InertRules, path, fmt.Sprintf("add %s to policyTypes, or delete the section", typeOf(d)),
					"policyTypes does not list %s, so these rules are not enforced", typeOf(d))
			} else {
				r.env.Ledger(r.doc).Carried(path)
			}
			return nil
		}
		r.remark(diag.InertRules, path, fmt.Sprintf("add %s to policyTypes, or delete the section", typeOf(d)),
			"policyTypes does not list %s, and Cilium enforces the section all the same; the output does as well", typeOf(d))
	}
	r.env.Ledger(r.doc).Carried(path)
	s := &model.Section{Isolates: true}
	for i := range n {
		p := fmt.Sprintf("%s[%d]", path, i)
		var peers []networkingv1.NetworkPolicyPeer
		var ports []networkingv1.NetworkPolicyPort
		peerField := "from"
		if d == model.Ingress {
			peers, ports = spec.Ingress[i].From, spec.Ingress[i].Ports
		} else {
			peers, ports, peerField = spec.Egress[i].To, spec.Egress[i].Ports, "to"
		}
		s.Rules = append(s.Rules, r.rule(p, peerField, d, peers, ports))
	}
	return s
}

func (r *reader) rule(path, field string, d model.Direction, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) *model.Rule {
	rule := &model.Rule{Origin: r.origin(path), Action: model.Allow}
	f := r.heard(r.portsOf(path, ports), path)
	add := func(peer model.Peer) {
		rule.Matches = append(rule.Matches, f.boxes(model.Box{Subject: selector.All(), Peer: peer})...)
	}
	if len(peers) == 0 {
		add(model.Anyone())
	}
	for i, p := range peers {
		where := fmt.Sprintf("%s.%s[%d]", path, field, i)
		if p.IPBlock == nil {
			add(r.podPeer(where, p))
			continue
		}
		sure, doubts := r.ipBlock(where+".ipBlock", p.IPBlock, d)
		for _, peer := range sure {
			add(peer)
		}
		for _, doubt := range doubts {
			for _, b := range f.boxes(model.Box{Subject: selector.All(), Peer: doubt.Peer}) {
				rule.Doubts = append(rule.Doubts, model.Doubt{Box: b, Code: doubt.Code})
			}
		}
	}
	return rule
}

// podPeer is a peer without ipBlock: pods of the policy's own namespace unless there is a namespaceSelector.
func (r *reader) podPeer(path string, p networkingv1.NetworkPolicyPeer) model.Peer {
	out := inNamespace(r.ns)
	if p.NamespaceSelector != nil {
		out = r.reading.namespaceLabels(p.NamespaceSelector)
	}
	if p.PodSelector != nil {
		out = out.And(podLabels(p.PodSelector))
	}
	if p.NamespaceSelector != nil && onlyExcludes(p.NamespaceSelector, p.PodSelector) && r.reading.OnlyExcluding != nil {
		return r.reading.OnlyExcluding(r.doc, path, out, true)
	}
	return model.Pods(out)
}

func (r *reader) ipBlock(path string, b *networkingv1.IPBlock, d model.Direction) ([]model.Peer, []Doubtful) {
	set, err := cidr.Parse(b.CIDR)
	if err != nil {
		r.env.Report(r.doc, diag.WrongValue, path+".cidr", "write a prefix such as 10.0.0.0/8", "%q is not a CIDR", b.CIDR)
		return nil, nil
	}
	for i, text := range b.Except {
		hole, err := cidr.Parse(text)
		if err != nil {
			where := fmt.Sprintf("%s.except[%d]", path, i)
			r.env.Report(r.doc, diag.WrongValue, where, "write a prefix such as 10.0.0.0/8", "%q is not a CIDR, so the whole block is left out", text)
			return nil, nil
		}
		set = set.Subtract(hole)
	}
	return r.addresses(path, b.CIDR, set, d, model.Allow)
}
