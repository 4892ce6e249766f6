package lint

import (
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// form is the language in which a policy is written.
type form int

const (
	// notPolicy: a set, tier, host endpoint or CIDR group.
	notPolicy form = iota
	calicoForm
	ciliumForm
	kubernetesForm
	// adminForm: ClusterNetworkPolicy and the two kinds before it.
	adminForm
)

// policy is one object of a set as the rules see it.
type policy struct {
	doc  *source.Document
	form form
	// namespace is that of a namespaced policy, empty for a cluster-wide one.
	namespace string
	sections  []section
}

// section is a list of rules for one direction. A Cilium object may have several for one direction.
type section struct {
	// owner is what holds the list: spec, or an element of specs.
	owner field
	// name is that of the list: ingress, egress, ingressDeny, egressDeny.
	name  string
	list  field
	rules []field
}

// egress reports whether the section is about egress.
func (s section) egress() bool { return strings.HasPrefix(s.name, "egress") }

// deny reports whether the section is one of Cilium's lists of denies.
func (s section) deny() bool { return strings.HasSuffix(s.name, "Deny") }

// direction is ingress or egress.
func (s section) direction() string { return strings.TrimSuffix(s.name, "Deny") }

// peers are the fields of a rule that name its peers.
func (s section) peers() string {
	if s.egress() {
		return "to"
	}
	return "from"
}

func formOf(o diag.Object) form {
	switch {
	case groupOf(o) == "policy.networking.k8s.io":
		return adminForm
	case groupOf(o) == "networking.k8s.io", o.Kind == "StagedKubernetesNetworkPolicy":
		return kubernetesForm
	case groupOf(o) == "cilium.io" && strings.HasSuffix(o.Kind, "Policy"):
		return ciliumForm
	case groupOf(o) == "projectcalico.org" && strings.HasSuffix(o.Kind, "Policy"):
		return calicoForm
	}
	return notPolicy
}

// newPolicy looks at a document as a policy.
func newPolicy(doc *source.Document, defaultNamespace string) *policy {
	p := &policy{doc: doc, form: formOf(doc.Object)}
	if namespaced(doc.Object.Kind) {
		if p.namespace = doc.Object.Namespace; p.namespace == "" {
			p.namespace = defaultNamespace
		}
	}
	spec := root(doc).get("spec")
	switch p.form {
	case notPolicy:
		return p
	case ciliumForm:
		owners := root(doc).get("specs").items()
		if spec.present() {
			owners = append([]field{spec}, owners...)
		}
		for _, owner := range owners {
			p.addSections(owner, "ingress", "ingressDeny", "egress", "egressDeny")
		}
	default:
		p.addSections(spec, "ingress", "egress")
	}
	return p
}

func (p *policy) addSections(owner field, names ...string) {
	for _, name := range names {
		if list := owner.get(name); list.present() {
			p.sections = append(p.sections, section{owner, name, list, list.items()})
		}
	}
}

// rules is the number of rules in all sections.
func (p *policy) rules() int {
	n := 0
	for _, s := range p.sections {
		n += len(s.rules)
	}
	return n
}

// owners are what holds sections: spec, and the elements of specs.
func (p *policy) owners() []field {
	var out []field
	if spec := root(p.doc).get("spec"); spec.present() {
		out = append(out, spec)
	}
	if p.form == ciliumForm {
		out = append(out, root(p.doc).get("specs").items()...)
	}
	return out
}

// clusterwide reports whether the policy belongs to no namespace.
func (p *policy) clusterwide() bool { return p.namespace == "" }

// home names the policy's namespace, which kustomize or Helm may yet set.
func (p *policy) home() string {
	if p.doc.Object.Namespace == "" {
		return "the policy's own namespace"
	}
	return "namespace " + p.namespace
}
