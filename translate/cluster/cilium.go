package cluster

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/policyferry/policyferry/translate/source"
)

// configMap reads cilium-config. Cilium's agent mounts it whole, so a key that it lacks has the agent's default;
// only policy-default-local-cluster has a default that depends on the version (pkg/clustermesh/types/option.go).
func (l *loader) configMap(doc *source.Document) {
	var m corev1.ConfigMap
	if !l.decode(doc, &m) {
		return
	}
	l.ciliumConfig = true
	r := configReader{l, doc, m.Data}
	c := &l.facts.Cilium
	c.ClusterName = m.Data["cluster-name"]
	c.EnforcementMode = r.word("enable-policy", "default", "default", "always", "never")
	c.EnforcementModeAt = doc.Position(source.Field("data", "enable-policy"))
	c.CIDRMatchMode, c.CIDRMatchModeKnown = r.words("policy-cidr-match-mode", "nodes", "pods"), true
	c.IdentityLabels = m.Data["labels"]
	c.HostFirewall = r.flag("enable-host-firewall", false)
	c.ClusterNetworkPolicy = r.flag("enable-k8s-cluster-network-policy", false)
	c.NodeSelectorLabels = r.flag("enable-node-selector-labels", false)
	c.SCTP = r.flag("enable-sctp", false)
	c.ExtendedProtocols = r.flag("enable-extended-ip-protocols", false)
	c.L7Proxy = r.flag("enable-l7-proxy", true)
	c.NonDefaultDeny = r.flag("enable-non-default-deny-policies", true)
	if _, given := m.Data["policy-default-local-cluster"]; given {
		c.DefaultLocalCluster = r.flag("policy-default-local-cluster", false)
	}
	for _, key := range []string{"cluster-pool-ipv4-cidr", "cluster-pool-ipv6-cidr"} {
		for _, text := range list(m.Data[key]) {
			if p, ok := l.prefix(doc, source.Field("data", key), text); ok {
				l.pools = append(l.pools, pool{prefix: p, inUse: m.Data["ipam"] == "cluster-pool" || m.Data["ipam"] == ""})
			}
		}
	}
}

// configReader reads the values of cilium-config, which are all text.
type configReader struct {
	l    *loader
	doc  *source.Document
	data map[string]string
}

func (r configReader) flag(key string, otherwise bool) *bool {
	value := otherwise
	switch text := strings.ToLower(strings.TrimSpace(r.data[key])); text {
	case "":
	case "true", "1", "t":
		value = true
	case "false", "0", "f":
		value = false
	default:
		r.wrong(key, "true or false")
		return nil
	}
	return &value
}

func (r configReader) word(key, otherwise string, known ...string) string {
	text := strings.ToLower(r.data[key])
	if text == "" {
		return otherwise
	}
	if !slices.Contains(known, text) {
		r.wrong(key, strings.Join(known, ", "))
		return ""
	}
	return text
}

func (r configReader) words(key string, known ...string) []string {
	out := []string{}
	for _, text := range list(r.data[key]) {
		if !slices.Contains(known, text) {
			r.wrong(key, "a list of "+strings.Join(known, " and "))
			continue
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r configReader) wrong(key, want string) {
	r.l.bad(r.doc, source.Field("data", key), "cilium-config has %s: %q, which is not %s", key, r.data[key], want)
}

// list splits a list as Cilium's configuration does, at blanks and commas.
func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' })
}

// ciliumPool reads a CiliumPodIPPool, of which only the ranges matter here.
func (l *loader) ciliumPool(doc *source.Document) {
	type family struct {
		CIDRs []string `json:"cidrs"`
	}
	var p struct {
		Spec struct {
			IPv4 family `json:"ipv4"`
			IPv6 family `json:"ipv6"`
		} `json:"spec"`
	}
	if !l.decode(doc, &p) {
		return
	}
	for _, f := range []struct {
		path  string
		texts []string
	}{{"spec.ipv4.cidrs", p.Spec.IPv4.CIDRs}, {"spec.ipv6.cidrs", p.Spec.IPv6.CIDRs}} {
		for i, text := range f.texts {
			if prefix, ok := l.prefix(doc, source.Item(f.path, i), text); ok {
				l.pools = append(l.pools, pool{prefix: prefix, inUse: true})
			}
		}
	}
}

// ciliumNode reads the addresses that only CiliumNode shows: cilium_host's, and the node's ranges of pod addresses.
func (l *loader) ciliumNode(doc *source.Document) {
	var n struct {
		Spec struct {
			Addresses []struct {
				Type string `json:"type"`
				IP   string `json:"ip"`
			} `json:"addresses"`
			IPAM struct {
				PodCIDRs []string `json:"podCIDRs"`
			} `json:"ipam"`
		} `json:"spec"`
	}
	if !l.decode(doc, &n) {
		return
	}
	node := l.nodeNamed(doc.Object.Name)
	for i, a := range n.Spec.Addresses {
		switch a.Type {
		case "InternalIP", "ExternalIP", "CiliumInternalIP":
			path := source.Field(source.Item("spec.addresses", i), "ip")
			node.Addresses = distinct(node.Addresses, l.addresses(doc, path, []string{a.IP}))
		}
	}
	for i, text := range n.Spec.IPAM.PodCIDRs {
		if p, ok := l.prefix(doc, source.Item("spec.ipam.podCIDRs", i), text); ok {
			l.pools = append(l.pools, pool{prefix: p, inUse: true})
		}
	}
}
