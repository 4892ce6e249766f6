package cilium

import (
	"fmt"
	"strconv"
	"strings"
)

// configMap is the part of a ConfigMap that is read; Cilium's slim types have none.
type configMap struct {
	Data map[string]string `json:"data"`
}

// isCiliumConfig recognises the ConfigMap that the agent takes its settings from, in whatever namespace
// Cilium was installed.
func isCiliumConfig(doc Document) bool {
	return doc.group() == "" && doc.Kind == "ConfigMap" && doc.Name == "cilium-config"
}

// decodeConfig reads cilium-config over the defaults. The agent mounts it whole, so a key that it lacks has
// the agent's own default.
func (s *Settings) decodeConfig(doc Document) error {
	var object configMap
	if err := doc.decode(&object); err != nil {
		return err
	}
	text := map[string]*string{
		"cluster-name":  &s.ClusterName,
		"enable-policy": &s.PolicyEnforcementMode,
		"labels":        &s.Labels,
		"node-labels":   &s.nodeLabels,
	}
	for key, into := range text {
		if value := object.Data[key]; value != "" {
			*into = value
		}
	}
	s.PolicyEnforcementMode = strings.ToLower(s.PolicyEnforcementMode)
	s.PolicyCIDRMatchMode = splitList(object.Data["policy-cidr-match-mode"])
	if value := object.Data["bpf-policy-map-max"]; value != "" {
		entries, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("%s: cilium-config has bpf-policy-map-max: %q, which is no number", doc.Place, value)
		}
		s.mapEntries = entries
	}
	return s.decodeFlags(doc, object.Data)
}

// decodeFlags reads the settings that are on or off.
func (s *Settings) decodeFlags(doc Document, data map[string]string) error {
	flags := map[string]*bool{
		"enable-host-firewall":                     &s.HostFirewall,
		"enable-k8s-cluster-network-policy":        &s.ClusterNetworkPolicy,
		"enable-node-selector-labels":              &s.NodeSelectorLabels,
		"policy-default-local-cluster":             &s.DefaultLocalCluster,
		"enable-sctp":                              &s.SCTP,
		"enable-extended-ip-protocols":             &s.ExtendedProtocols,
		"enable-l7-proxy":                          &s.L7Proxy,
		"enable-icmp-rules":                        &s.icmpRules,
		"allow-icmp-frag-needed":                   &s.fragmentationNeeded,
		"enable-non-default-deny-policies":         &s.nonDefaultDeny,
		"enable-k8s-networkpolicy":                 &s.networkPolicy,
		"enable-cilium-network-policy":             &s.ciliumNetworkPolicy,
		"enable-cilium-clusterwide-network-policy": &s.clusterwideNetworkPolicy,
	}
	for key, into := range map[string]**bool{"enable-ipv4": &s.ipv4, "enable-ipv6": &s.ipv6} {
		if data[key] != "" {
			*into = new(bool)
			flags[key] = *into
		}
	}
	for key, into := range flags {
		value := strings.TrimSpace(data[key])
		if value == "" {
			continue
		}
		parsed, err := strconv.ParseBool(strings.ToLower(value))
		if err != nil {
			return fmt.Errorf("%s: cilium-config has %s: %q, which is not true or false", doc.Place, key, value)
		}
		*into = parsed
	}
	return nil
}

// splitList splits a list as the agent does, at blanks and commas.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\n", r) })
}
