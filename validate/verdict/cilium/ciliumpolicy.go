package cilium

import (
	"encoding/json"
	"fmt"

	"github.com/cilium/cilium/pkg/policy/api"

	"github.com/policyferry/policyferry/translate/source"
)

// ciliumPolicy reads a CiliumNetworkPolicy, or a CiliumClusterwideNetworkPolicy when namespace is empty. Spec and
// specs both count; if an agent rejects any of them, it enforces nothing of the object
// (pkg/k8s/apis/cilium.io/v2/cnp_types.go, Parse).
func (b *builder) ciliumPolicy(doc *source.Document, namespace string) ([]*rule, error) {
	var object struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
		Spec  json.RawMessage   `json:"spec"`
		Specs []json.RawMessage `json:"specs"`
	}
	if err := decode(doc, &object); err != nil {
		return nil, err
	}
	if object.Metadata.Name == "" {
		return nil, &rejected{"the policy has no name"}
	}
	specs, paths := object.Specs, []string{}
	if present(object.Spec) {
		specs, paths = append([]json.RawMessage{object.Spec}, specs...), []string{"spec"}
	}
	for i := range object.Specs {
		paths = append(paths, fmt.Sprintf("specs[%d]", i))
	}
	var rules []*rule
	for i, raw := range specs {
		spec, err := b.settings.read(raw, namespace == "")
		if err != nil {
			return nil, err
		}
		compiled, err := b.spec(spec, namespace, paths[i])
		if err != nil {
			return nil, err
		}
		rules = append(rules, compiled...)
	}
	return rules, nil
}

// scope is what the peers of one spec are completed with.
type scope struct {
	namespace string
	// matchesInit is set when the subject has the key reserved:init.
	matchesInit bool
}

// spec flattens one spec, which stands at the path, into rules.
func (b *builder) spec(w *policySpec, namespace, path string) ([]*rule, error) {
	subject, node := b.subject(w, namespace)
	in := scope{namespace: namespace}
	for _, r := range subject {
		in.matchesInit = in.matchesInit || !node && r.source == sourceReserved && r.key == "init"
	}
	var rules []*rule
	for _, section := range []struct {
		name        string
		elements    []element
		action      action
		ingress     bool
		defaultDeny *bool
	}{
		{"ingress", w.Ingress, actionAllow, true, w.EnableDefaultDeny.Ingress},
		{"ingressDeny", w.IngressDeny, actionDeny, true, w.EnableDefaultDeny.Ingress},
		{"egress", w.Egress, actionAllow, false, w.EnableDefaultDeny.Egress},
		{"egressDeny", w.EgressDeny, actionDeny, false, w.EnableDefaultDeny.Egress},
	} {
		for i := range section.elements {
			r := &rule{
				tier: tierNormal, action: section.action, ingress: section.ingress, subject: subject, node: node,
				defaultDeny: !b.settings.nonDefaultDeny || orBool(section.defaultDeny, true),
				path:        fmt.Sprintf("%s.%s[%d]", path, section.name, i),
			}
			if !node {
				r.namespace = namespace
			}
			if err := b.element(r, &section.elements[i], in); err != nil {
				return nil, err
			}
			rules = append(rules, r)
		}
	}
	return rules, nil
}

// subject is whom a spec polices. The namespace of the policy replaces a k8s: match on namespaces, and is added to
// every other form of it (pkg/k8s/apis/cilium.io/utils/utils.go, ParseToCiliumRule).
func (b *builder) subject(w *policySpec, namespace string) (s selector, node bool) {
	if w.NodeSelector != nil {
		return w.NodeSelector.compile(sourceAny), true
	}
	if namespace == "" {
		return w.EndpointSelector.compile(sourceAny), false
	}
	var written labelSelector
	if w.EndpointSelector != nil {
		written = *w.EndpointSelector
	}
	labels := written.MatchLabels
	written.MatchLabels = map[string]string{}
	for key, value := range labels {
		if key != sourceK8s+":"+keyNamespace {
			written.MatchLabels[key] = value
		}
	}
	return written.compile(sourceAny).with(sourceK8s, keyNamespace, opIn, namespace), false
}

// element fills a rule with one element of a rule list.
func (b *builder) element(r *rule, e *element, in scope) error {
	r.ports = b.elementPorts(r, e)
	if e.Authentication != nil && r.action == actionAllow {
		r.authentication = e.Authentication.Mode
	}
	p := e.peers(r.ingress)
	if p.requires {
		// Before 1.19 this was a condition on every other rule of the subject.
		r.unknown = "fromRequires and toRequires are not judged"
	}
	if r.peers.nobody = p.nobody(); r.peers.nobody {
		return nil
	}
	list := &r.peers.list
	for _, w := range p.endpoints {
		*list = append(*list, b.labelPeer(b.endpoints(w, in)))
	}
	for _, w := range p.nodes {
		s := w.compile(sourceAny).with(sourceReserved, "remote-node", opExists)
		*list = append(*list, b.labelPeer(b.confine(s)))
	}
	for _, name := range p.entities {
		*list = append(*list, entity(name, b.settings)...)
	}
	for _, text := range p.cidr {
		p.cidrSet = append(p.cidrSet, cidrRule{CIDR: text})
	}
	for _, w := range p.cidrSet {
		c, err := w.compile(b.settings)
		if err != nil {
			return err
		}
		*list = append(*list, c)
	}
	for _, raw := range p.groups {
		g, err := groupPeer(raw, b.settings)
		if err != nil {
			return err
		}
		*list = append(*list, g)
	}
	if !r.ingress && r.action == actionAllow {
		for _, name := range e.ToFQDNs {
			*list = append(*list, namePeer(name.MatchName+" "+name.MatchPattern))
		}
		// toServices of deny rules is never resolved (pkg/policy/k8s/service.go walks egress only).
		*list = append(*list, b.servicePeers(e.ToServices)...)
	}
	if len(*list) == 0 && len(e.ToPorts)+len(e.ICMPs) == 0 {
		// An element without peers and without ports matches nothing; with ports, it matches everyone. That is also
		// what becomes of toServices that means no Service (pkg/policy/l4.go, createL4Filter; cilium/cilium#20067).
		r.peers.nobody = true
	}
	return nil
}

// endpoints completes a selector of endpoints: with the policy's namespace, or with any namespace for a clusterwide
// policy, and with the local cluster. A selector with a reserved key stays as it is
// (pkg/k8s/apis/cilium.io/utils/utils.go, getEndpointSelector).
func (b *builder) endpoints(w *labelSelector, in scope) selector {
	s := w.compile(sourceAny)
	if s.hasSource(sourceReserved) {
		return s
	}
	if !s.hasKey(keyNamespace) {
		namespaceLabels := s.hasKeyPrefix(keyNamespaceLabels+".") && b.settings.release.since(1, 16)
		switch {
		case in.namespace == "" && !in.matchesInit:
			s = s.with(sourceK8s, keyNamespace, opExists)
		case in.namespace != "" && !namespaceLabels:
			s = s.with(sourceK8s, keyNamespace, opIn, in.namespace)
		}
	}
	return b.confine(s)
}

// elementPorts are the ways for traffic to match an element. A list that is not empty restricts, even to nothing.
func (b *builder) elementPorts(r *rule, e *element) []portMatch {
	if len(e.ToPorts)+len(e.ICMPs) == 0 {
		return everything
	}
	var out []portMatch
	for i := range e.ToPorts {
		p := &e.ToPorts[i]
		var proxy *layer7
		if r.action == actionAllow {
			proxy = p.layer7(b.settings.release)
		}
		for _, port := range p.Ports {
			for _, m := range port.compile(lowerCase) {
				if m.layer7 = proxy; proxy != nil && proxy.parser == parserHTTP && m.protocol != protocolTCP {
					m.layer7 = nil
				}
				out = append(out, m)
			}
		}
	}
	for _, icmp := range e.ICMPs {
		out = append(out, icmp.compile()...)
	}
	return out
}

// groupPeer is a cloud provider's group. An operator resolves it into a CIDR group with a label made from a hash;
// without that group it selects nothing (pkg/policy/api/groups.go).
func groupPeer(raw json.RawMessage, s *settings) (peer, error) {
	var group api.Groups
	if err := unmarshal(raw, &group); err != nil {
		return nil, err
	}
	return newLabelPeer(selector{}.with(sourceCIDRGroup, group.LabelKey(), opIn, ""), s.release), nil
}
