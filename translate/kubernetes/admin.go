package kubernetes

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// AdminPolicy is a ClusterNetworkPolicy, AdminNetworkPolicy or BaselineAdminNetworkPolicy, lowered.
type AdminPolicy struct {
	*model.Policy
	// Baseline says that it stands after NetworkPolicy; otherwise it stands before.
	Baseline bool
	// Priority orders the policies of one tier, lower first.
	Priority int32
}

// adminSpec is what the three kinds have in common.
type adminSpec struct {
	baseline bool
	priority int32
	subject  adminPeer
	rules    [2][]adminRule
}

type adminRule struct {
	path   string
	field  string
	action model.Action
	peers  []adminPeer
	ports  flows
	// nameless says that a port is given by name, and that the rule is therefore for all traffic.
	nameless bool
}

// adminPeer is one peer or the subject; exactly one field is set.
type adminPeer struct {
	namespaces *metav1.LabelSelector
	pods       *namespacedPod
	nodes      *metav1.LabelSelector
	networks   []string
	names      []string
}

type namespacedPod struct{ namespace, pod metav1.LabelSelector }

func (p adminPeer) selector(r Reading) selector.Selector {
	if p.pods != nil {
		return r.namespaceLabels(&p.pods.namespace).And(podLabels(&p.pods.pod))
	}
	if p.namespaces != nil {
		return r.namespaceLabels(p.namespaces)
	}
	return selector.None()
}

// LowerAdmin reads one of the three kinds; nil if the document cannot be decoded, which is then reported.
func LowerAdmin(doc *source.Document, reading Reading, e *env.Env) *AdminPolicy {
	spec, problems := decodeAdmin(doc)
	if problems.Len() > 0 {
		e.Findings.Append(problems)
		return nil
	}
	r := &reader{doc: doc, env: e, reading: reading}
	priority := float64(spec.priority)
	p := &model.Policy{Origin: r.origin("spec"), Doc: doc, SourceOrder: &priority}
	p.Subject = r.selector(spec.subject, "spec.subject")
	for _, field := range []string{"spec.tier", "spec.priority", "spec.subject", "spec.ingress", "spec.egress"} {
		e.Ledger(doc).Carried(field)
	}
	for d, rules := range spec.rules {
		if len(rules) == 0 {
			continue
		}
		// Neither CNI lets these kinds isolate: what no rule matches goes on to the next tier.
		s := &model.Section{}
		for _, rule := range rules {
			s.Rules = append(s.Rules, r.adminRule(rule, model.Direction(d)))
		}
		p.Sections[d] = s
	}
	return &AdminPolicy{Policy: p, Baseline: spec.baseline, Priority: spec.priority}
}

func (r *reader) adminRule(in adminRule, d model.Direction) *model.Rule {
	rule := &model.Rule{Origin: r.origin(in.path), Action: in.action}
	if in.nameless {
		r.remark(diag.NamedPort, in.path+".ports", "give the port by number", "Calico does not read the names of ports here, so the rule is for all traffic, and so is the output")
	}
	in.ports = r.heard(in.ports, in.path)
	for i, p := range in.peers {
		path := fmt.Sprintf("%s.%s[%d]", in.path, in.field, i)
		switch {
		case p.namespaces != nil && r.reading.Namespaces != nil:
			sure, doubts := r.reading.Namespaces(r.doc, path+".namespaces", p.namespaces, d, in.action)
			r.addPeers(rule, in.ports, sure, doubts)
		case p.namespaces != nil || p.pods != nil:
			rule.Matches = append(rule.Matches, in.ports.boxes(model.Box{Subject: selector.All(), Peer: r.adminPods(p, path)})...)
		case len(p.networks) > 0:
			r.networks(rule, in, path, p.networks, d)
		default:
			r.unsupported(rule, in, path, p)
			if r.reading.CNI == compat.Calico {
				return rule
			}
		}
	}
	return rule
}

// adminPods is a peer of namespaces or pods.
func (r *reader) adminPods(p adminPeer, path string) model.Peer {
	namespaces, pods := p.namespaces, (*metav1.LabelSelector)(nil)
	if p.pods != nil {
		namespaces, pods = &p.pods.namespace, &p.pods.pod
	}
	if r.reading.OnlyExcluding != nil && onlyExcludes(namespaces, pods) {
		return r.reading.OnlyExcluding(r.doc, path, p.selector(r.reading), p.pods != nil)
	}
	return model.Pods(r.selector(p, path))
}

// selector reads a selector, and reports one that nothing can match.
func (r *reader) selector(p adminPeer, path string) selector.Selector {
	s := p.selector(r.reading)
	if s.IsNone() {
		r.env.Note(r.doc, diag.SelectsNothing, path, "", "this can never match: no pod can have such labels")
	}
	return s
}

func (r *reader) networks(rule *model.Rule, in adminRule, path string, networks []string, d model.Direction) {
	set, err := cidr.Parse(networks...)
	if err != nil {
		r.env.Report(r.doc, diag.WrongValue, path+".networks", "write prefixes such as 10.0.0.0/8", "%v", err)
		return
	}
	if r.reading.WholeFamilies == nil {
		sure, doubts := r.reading.Addresses(r.doc, path+".networks", set, d, in.action)
		r.addPeers(rule, in.ports, sure, doubts)
		return
	}
	for _, text := range networks {
		if set, err := cidr.Parse(text); err == nil {
			sure, doubts := r.addresses(path+".networks", text, set, d, in.action)
			r.addPeers(rule, in.ports, sure, doubts)
		}
	}
}

func (r *reader) addPeers(rule *model.Rule, ports flows, sure []model.Peer, doubts []Doubtful) {
	for _, peer := range sure {
		rule.Matches = append(rule.Matches, ports.boxes(model.Box{Subject: selector.All(), Peer: peer})...)
	}
	for _, doubt := range doubts {
		for _, b := range ports.boxes(model.Box{Subject: selector.All(), Peer: doubt.Peer}) {
			rule.Doubts = append(rule.Doubts, model.Doubt{Box: b, Code: doubt.Code})
		}
	}
}

// unsupported handles the peers of the experimental channel. Calico cannot convert them and then replaces the whole
// rule: a Deny or Pass by a deny of everything in that direction, an Accept by nothing
// (libcalico-go/lib/backend/k8s/conversion, clusternetworkpolicy.go). Cilium reads nodes (with node selector labels
// on) and domain names (Accept only).
func (r *reader) unsupported(rule *model.Rule, in adminRule, path string, p adminPeer) {
	if r.reading.CNI == compat.Calico {
		rule.Matches, rule.Doubts = nil, nil
		effect := "so the whole rule does nothing"
		if in.action != model.Allow {
			rule.Action = model.Deny
			all := model.Everything()
			if in.field == "from" {
				all.Peer.Host = selector.None() // the own node always gets in
			}
			rule.Matches = []model.Box{all}
			effect = "so the whole rule denies everything in its direction"
		}
		r.env.Note(r.doc, diag.NodeLabels, path, "use networks, or a Calico GlobalNetworkPolicy", "Calico does not support this kind of peer, %s", effect)
		return
	}
	b := model.Box{Subject: selector.All()}
	if p.nodes != nil {
		s := labelSelector(p.nodes, func(k string) selector.Key { return selector.Key{Kind: selector.NodeLabel, Name: k} })
		b.Peer = model.Peer{Host: s, Nodes: s}
	} else {
		b.Peer = model.Peer{Names: domainNames(p.names)}
	}
	rule.Matches = append(rule.Matches, in.ports.boxes(b)...)
}

// domainNames are domain names as Cilium's own policies write them: a star in front means one label there, and any
// number of labels in a ClusterNetworkPolicy (pkg/k8s/cluster_network_policy.go, kcnpParseFQDNSelectors).
func domainNames(names []string) []string {
	var out []string
	for _, n := range names {
		if strings.HasPrefix(n, "*") && !strings.HasPrefix(n, "**") {
			n = "*" + n
		}
		out = append(out, n)
	}
	return out
}
