package calico

import (
	"fmt"
	"net/netip"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	felixconfig "github.com/projectcalico/calico/felix/config"
)

const kindFelixConfiguration = "FelixConfiguration"

// The dataplanes of ClusterFacts.
const (
	dataplaneIptables = "iptables"
	dataplaneNftables = "nftables"
	dataplaneEBPF     = "ebpf"
	dataplaneWindows  = "windows"
)

// settings are what one node's Felix runs with, as far as verdicts depend on it.
type settings struct {
	dataplane         string
	endpointToHost    string // Drop, Return, Accept, or "" when nobody says
	appLayerPolicy    bool
	failsafeInbound   []failsafe
	failsafeOutbound  []failsafe
	vxlanPort         uint16
	allowVXLANFromPod bool
	allowIPIPFromPod  bool
}

// felixConfigurations are the FelixConfiguration specs of the cluster by name: default, node.NAME.
type felixConfigurations map[string]*apiv3.FelixConfigurationSpec

func (f felixConfigurations) read(d *document) error {
	object := apiv3.NewFelixConfiguration()
	if err := decodeLoose(d, object); err != nil {
		return err
	}
	f[d.name] = &object.Spec
	return nil
}

// settingsOf merges, field by field and in rising precedence: Felix's defaults, the FelixConfiguration
// named default, the one of the node, ClusterFacts. Environment variables of the calico-node pods stand
// above both FelixConfigurations (felix/config/config_params.go), which is why an absent
// defaultEndpointToHostAction stays unknown: manifests set it there, and differently from the default.
func settingsOf(facts CalicoFacts, felix felixConfigurations, node string) (settings, error) {
	built := felixconfig.New()
	s := settings{dataplane: dataplaneIptables, vxlanPort: uint16(built.VXLANPort)}
	var err error
	if s.failsafeInbound, err = felixFailsafes(built.FailsafeInboundHostPorts); err != nil {
		return s, err
	}
	if s.failsafeOutbound, err = felixFailsafes(built.FailsafeOutboundHostPorts); err != nil {
		return s, err
	}
	for _, name := range []string{"default", "node." + node} {
		if spec := felix[name]; spec != nil {
			if err := s.mergeFelix(spec); err != nil {
				return s, fmt.Errorf("FelixConfiguration %s: %w", name, err)
			}
		}
	}
	s.mergeFacts(facts)
	return s, nil
}

func (s *settings) mergeFelix(spec *apiv3.FelixConfigurationSpec) error {
	if action := spec.DefaultEndpointToHostAction; action != "" {
		s.endpointToHost = strings.ToUpper(action[:1]) + strings.ToLower(action[1:])
	}
	if spec.NFTablesMode != nil && *spec.NFTablesMode == apiv3.NFTablesModeEnabled {
		s.dataplane = dataplaneNftables
	}
	if spec.BPFEnabled != nil && *spec.BPFEnabled {
		s.dataplane = dataplaneEBPF
	}
	if spec.VXLANPort != nil {
		s.vxlanPort = uint16(*spec.VXLANPort)
	}
	if spec.AllowVXLANPacketsFromWorkloads != nil {
		s.allowVXLANFromPod = *spec.AllowVXLANPacketsFromWorkloads
	}
	if spec.AllowIPIPPacketsFromWorkloads != nil {
		s.allowIPIPFromPod = *spec.AllowIPIPPacketsFromWorkloads
	}
	if ports := spec.FailsafeInboundHostPorts; ports != nil {
		var err error
		if s.failsafeInbound, err = felixFailsafes(*ports); err != nil {
			return fmt.Errorf("spec.failsafeInboundHostPorts: %w", err)
		}
	}
	if ports := spec.FailsafeOutboundHostPorts; ports != nil {
		var err error
		if s.failsafeOutbound, err = felixFailsafes(*ports); err != nil {
			return fmt.Errorf("spec.failsafeOutboundHostPorts: %w", err)
		}
	}
	return nil
}

// mergeFacts takes what ClusterFacts says; its lists were checked when they were read.
func (s *settings) mergeFacts(facts CalicoFacts) {
	if facts.Dataplane != "" {
		s.dataplane = facts.Dataplane
	}
	if facts.DefaultEndpointToHostAction != "" {
		s.endpointToHost = facts.DefaultEndpointToHostAction
	}
	if facts.ApplicationLayerPolicy != nil {
		s.appLayerPolicy = *facts.ApplicationLayerPolicy
	}
	if facts.FailsafeInboundHostPorts != nil {
		s.failsafeInbound, _ = readFailsafes(facts.FailsafeInboundHostPorts)
	}
	if facts.FailsafeOutboundHostPorts != nil {
		s.failsafeOutbound, _ = readFailsafes(facts.FailsafeOutboundHostPorts)
	}
}

func felixFailsafes(ports []felixconfig.ProtoPort) ([]failsafe, error) {
	list := []failsafe{}
	for _, port := range ports {
		protocol, err := protocolNumber(port.Protocol)
		if err != nil {
			return nil, err
		}
		entry := failsafe{protocol: protocol, port: port.Port}
		if port.Net != "" {
			if entry.net, err = netip.ParsePrefix(port.Net); err != nil {
				return nil, err
			}
		}
		list = append(list, entry)
	}
	return list, nil
}

// opens says whether one of the failsafe ports lets a packet of that protocol and port pass
// (felix/rules/static.go, failsafeInChain and failsafeOutChain). other is the address at the far end.
func opens(ports []failsafe, protocol uint8, number uint16, other netip.Addr) bool {
	for _, port := range ports {
		if port.protocol != protocol || port.port != number {
			continue
		}
		if !port.net.IsValid() || port.net.Contains(other) {
			return true
		}
	}
	return false
}
