package calico

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Facts is the spec of a ClusterFacts document: what kubectl cannot show. Of it, this engine uses the
// address ranges and the calico section.
type Facts struct {
	PodCIDRs     []netip.Prefix  `json:"podCIDRs"`
	ServiceCIDRs []netip.Prefix  `json:"serviceCIDRs"`
	NodeCIDRs    []netip.Prefix  `json:"nodeCIDRs"`
	APIServers   []string        `json:"apiServers"`
	Complete     bool            `json:"complete"`
	Cilium       json.RawMessage `json:"cilium"`
	Calico       CalicoFacts     `json:"calico"`
}

// CalicoFacts are the settings of Calico that change verdicts. An absent one is taken from the
// FelixConfiguration objects of the cluster, and then from Felix's defaults where it has one that every
// installation shares.
type CalicoFacts struct {
	Version                     string    `json:"version"`
	Dataplane                   string    `json:"dataplane"`
	DefaultEndpointToHostAction string    `json:"defaultEndpointToHostAction"`
	ApplicationLayerPolicy      *bool     `json:"applicationLayerPolicy"`
	FailsafeInboundHostPorts    *[]string `json:"failsafeInboundHostPorts"`
	FailsafeOutboundHostPorts   *[]string `json:"failsafeOutboundHostPorts"`
	AutoHostEndpoints           *bool     `json:"autoHostEndpoints"`
}

func (f *Facts) read(d *document) error {
	var object struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              Facts `json:"spec"`
	}
	if err := decodeStrict(d, &object); err != nil {
		return fmt.Errorf("%s: ClusterFacts: %w", d.origin, err)
	}
	if err := object.Spec.Calico.check(); err != nil {
		return fmt.Errorf("%s: ClusterFacts: spec.calico.%w", d.origin, err)
	}
	*f = object.Spec
	return nil
}

func (c *CalicoFacts) check() error {
	switch c.Dataplane {
	case "", dataplaneIptables, dataplaneNftables, dataplaneEBPF, dataplaneWindows:
	default:
		return fmt.Errorf("dataplane: %q is none of iptables, nftables, ebpf, windows", c.Dataplane)
	}
	switch c.DefaultEndpointToHostAction {
	case "", "Drop", "Return", "Accept":
	default:
		return fmt.Errorf("defaultEndpointToHostAction: %q is none of Drop, Return, Accept", c.DefaultEndpointToHostAction)
	}
	if _, err := readFailsafes(c.FailsafeInboundHostPorts); err != nil {
		return fmt.Errorf("failsafeInboundHostPorts: %w", err)
	}
	if _, err := readFailsafes(c.FailsafeOutboundHostPorts); err != nil {
		return fmt.Errorf("failsafeOutboundHostPorts: %w", err)
	}
	return nil
}

// A failsafe is a port of the host that its policy cannot close.
type failsafe struct {
	protocol uint8
	port     uint16
	net      netip.Prefix // the other end lies in it; invalid: any
}

// readFailsafes reads "tcp/22".
func readFailsafes(texts *[]string) ([]failsafe, error) {
	if texts == nil {
		return nil, nil
	}
	ports := []failsafe{}
	for _, text := range *texts {
		name, number, _ := strings.Cut(text, "/")
		protocol, err := protocolNumber(name)
		if err != nil {
			return nil, err
		}
		port, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("%q is not written like tcp/22", text)
		}
		ports = append(ports, failsafe{protocol: protocol, port: uint16(port)})
	}
	return ports, nil
}
