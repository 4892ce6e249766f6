package cilium

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
)

// Facts are what kubectl cannot show of a cluster, from its ClusterFacts document.
type Facts struct {
	PodCIDRs     []string        `json:"podCIDRs"`
	ServiceCIDRs []string        `json:"serviceCIDRs"`
	NodeCIDRs    []string        `json:"nodeCIDRs"`
	APIServers   []string        `json:"apiServers"`
	RawSettings  json.RawMessage `json:"cilium"`

	// Settings is RawSettings decoded over the defaults.
	Settings Settings `json:"-"`
}

// Settings are Cilium's, by the names that Helm gives them.
type Settings struct {
	Version               string   `json:"version"`
	ClusterName           string   `json:"clusterName"`
	PolicyEnforcementMode string   `json:"policyEnforcementMode"`
	PolicyCIDRMatchMode   []string `json:"policyCIDRMatchMode"`
	HostFirewall          bool     `json:"hostFirewall"`
	ClusterNetworkPolicy  bool     `json:"clusterNetworkPolicy"`
	NodeSelectorLabels    bool     `json:"nodeSelectorLabels"`
	DefaultLocalCluster   bool     `json:"defaultLocalCluster"`
	Labels                string   `json:"labels"`
	SCTP                  bool     `json:"sctp"`
	ExtendedProtocols     bool     `json:"extendedProtocols"`
	L7Proxy               bool     `json:"l7Proxy"`

	// What follows only cilium-config tells.
	ipv4, ipv6               *bool
	nodeLabels               string
	mapEntries               int
	icmpRules                bool
	fragmentationNeeded      bool
	nonDefaultDeny           bool
	networkPolicy            bool
	ciliumNetworkPolicy      bool
	clusterwideNetworkPolicy bool
}

// defaultSettings are the agent's own (pkg/defaults/defaults.go).
func defaultSettings() Settings {
	return Settings{
		ClusterName:           "default",
		PolicyEnforcementMode: "default",
		DefaultLocalCluster:   true,
		L7Proxy:               true,

		mapEntries:               16384,
		icmpRules:                true,
		fragmentationNeeded:      true,
		nonDefaultDeny:           true,
		networkPolicy:            true,
		ciliumNetworkPolicy:      true,
		clusterwideNetworkPolicy: true,
	}
}

// decodeFacts finds the one ClusterFacts document and cilium-config. What the facts state wins.
func decodeFacts(docs []Document) (Facts, error) {
	facts := Facts{Settings: defaultSettings()}
	var stated, config *Document
	for i, doc := range docs {
		switch {
		case doc.Kind == "ClusterFacts" && doc.group() == "policyferry.io":
			if stated != nil {
				return facts, fmt.Errorf("%s: a second ClusterFacts, the first is in %s", doc.Place, stated.Place)
			}
			stated = &docs[i]
		case isCiliumConfig(doc):
			if config != nil {
				return facts, fmt.Errorf("%s: a second cilium-config, the first is in %s", doc.Place, config.Place)
			}
			config = &docs[i]
		}
	}
	place := ""
	if config != nil {
		place = config.Place
		if err := facts.Settings.decodeConfig(*config); err != nil {
			return facts, err
		}
	}
	if stated != nil {
		place = stated.Place
		object := struct {
			Spec Facts `json:"spec"`
		}{facts}
		if err := stated.decode(&object); err != nil {
			return facts, err
		}
		facts = object.Spec
		if err := facts.Settings.decode(facts.RawSettings); err != nil {
			return facts, fmt.Errorf("%s: ClusterFacts spec.cilium: %w", place, err)
		}
	}
	if err := facts.Settings.check(); err != nil {
		return facts, fmt.Errorf("%s: %w", place, err)
	}
	return facts, nil
}

// decode reads settings over the defaults. A setting that is misspelt would silently keep its default, so
// unknown ones are errors.
func (s *Settings) decode(raw json.RawMessage) error {
	if len(raw) > 0 && !bytes.Equal(raw, []byte("null")) {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.DisallowUnknownFields()
		return decoder.Decode(s)
	}
	return nil
}

// check refuses values that the agent refuses when it starts.
func (s *Settings) check() error {
	switch s.PolicyEnforcementMode {
	case "default", "always", "never":
	default:
		return fmt.Errorf("policyEnforcementMode %q is none of default, always, never", s.PolicyEnforcementMode)
	}
	for _, mode := range s.PolicyCIDRMatchMode {
		if mode != "pods" && mode != "nodes" {
			return fmt.Errorf("policyCIDRMatchMode %q is none of pods, nodes", mode)
		}
	}
	return nil
}

// apiServerAddresses are the hosts of APIServers, which are written address:port or address.
func (f Facts) apiServerAddresses() ([]netip.Addr, error) {
	var addresses []netip.Addr
	for _, text := range f.APIServers {
		if withPort, err := netip.ParseAddrPort(text); err == nil {
			addresses = append(addresses, withPort.Addr().Unmap())
			continue
		}
		address, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("ClusterFacts spec.apiServers: %q is not address:port", text)
		}
		addresses = append(addresses, address.Unmap())
	}
	return addresses, nil
}

// hasIPv6 tells whether any CIDR of the cluster is an IPv6 one.
func (f Facts) hasIPv6() (bool, error) {
	for _, text := range slices.Concat(f.PodCIDRs, f.ServiceCIDRs, f.NodeCIDRs) {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return false, fmt.Errorf("ClusterFacts: %q is not a CIDR", text)
		}
		if prefix.Addr().Is6() {
			return true, nil
		}
	}
	return false, nil
}
