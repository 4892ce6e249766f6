package cluster

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/source"
)

// felixConfiguration is one FelixConfiguration: default, or node.<name> for one node.
type felixConfiguration struct {
	doc  *source.Document
	spec apiv3.FelixConfigurationSpec
}

func (l *loader) felixConfiguration(doc *source.Document) {
	var f apiv3.FelixConfiguration
	if !l.decode(doc, &f) {
		return
	}
	if f.Name == "default" {
		l.felixDefault(doc, &f.Spec)
		return
	}
	l.felix = append(l.felix, felixConfiguration{doc, f.Spec})
}

func (l *loader) felixDefault(doc *source.Document, spec *apiv3.FelixConfigurationSpec) {
	c := &l.facts.Calico
	c.DefaultEndpointToHostAction = l.endpointToHost(doc, spec)
	c.Dataplane = dataplane(spec)
	if spec.VXLANPort != nil {
		c.VXLANPort = uint16(*spec.VXLANPort)
	}
	c.AllowVXLANFromPods = spec.AllowVXLANPacketsFromWorkloads != nil && *spec.AllowVXLANPacketsFromWorkloads
	c.AllowIPIPFromPods = spec.AllowIPIPPacketsFromWorkloads != nil && *spec.AllowIPIPPacketsFromWorkloads
	if spec.PolicySyncPathPrefix != "" {
		on := true
		c.ApplicationLayerPolicy = &on
	}
	c.FailsafeInbound = l.failsafes(doc, "spec.failsafeInboundHostPorts", spec.FailsafeInboundHostPorts)
	c.FailsafeOutbound = l.failsafes(doc, "spec.failsafeOutboundHostPorts", spec.FailsafeOutboundHostPorts)
}

// endpointToHost reads the action as Felix does, without case.
func (l *loader) endpointToHost(doc *source.Document, spec *apiv3.FelixConfigurationSpec) string {
	text := spec.DefaultEndpointToHostAction
	for _, known := range []string{"Drop", "Return", "Accept"} {
		if strings.EqualFold(text, known) {
			return known
		}
	}
	if text != "" {
		l.bad(doc, "spec.defaultEndpointToHostAction", "%q is none of Drop, Return, Accept", text)
	}
	return ""
}

// dataplane is known only where the configuration says it outright; Felix can be told by its environment as well.
func dataplane(spec *apiv3.FelixConfigurationSpec) string {
	switch {
	case spec.BPFEnabled == nil:
		return ""
	case *spec.BPFEnabled:
		return "ebpf"
	case spec.NFTablesMode != nil && *spec.NFTablesMode == apiv3.NFTablesModeEnabled:
		return "nftables"
	}
	return "iptables"
}

func (l *loader) failsafes(doc *source.Document, path string, ports *[]apiv3.ProtoPort) []string {
	if ports == nil {
		return nil
	}
	out := []string{}
	for i, p := range *ports {
		f := Failsafe{Protocol: strings.ToLower(p.Protocol), Port: p.Port}
		if f.Protocol == "" {
			f.Protocol = "tcp"
		}
		if p.Net != "" {
			n, ok := l.prefix(doc, source.Field(source.Item(path, i), "net"), p.Net)
			if !ok {
				continue
			}
			if n.Bits() > 0 {
				f.Net = n
			}
		}
		if _, err := ParseFailsafe(f.String()); err != nil {
			l.bad(doc, source.Item(path, i), "%s", err)
			continue
		}
		out = append(out, f.String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ParseFailsafe reads tcp/22, or tcp/22@10.0.0.0/8 for a port that is open only to one range.
func ParseFailsafe(text string) (Failsafe, error) {
	wrong := fmt.Errorf("%q is not a failsafe port; write it as tcp/22 or tcp/22@10.0.0.0/8", text)
	ports, limit, limited := strings.Cut(text, "@")
	protocol, number, _ := strings.Cut(ports, "/")
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil || port == 0 || !slices.Contains([]string{"tcp", "udp", "sctp"}, protocol) {
		return Failsafe{}, wrong
	}
	f := Failsafe{Protocol: protocol, Port: uint16(port)}
	if limited {
		if f.Net, err = cidr.ParsePrefix(limit); err != nil {
			return Failsafe{}, wrong
		}
	}
	return f, nil
}

// perNode reports settings that a node has for itself: facts hold one value for the whole cluster, so a setting
// that differs is usable only when ClusterFacts states it.
func (l *loader) perNode(stated map[Fact]bool) {
	c := &l.facts.Calico
	for _, f := range l.felix {
		own := l.endpointToHost(f.doc, &f.spec)
		if own != "" && own != c.DefaultEndpointToHostAction && !stated[FactEndpointToHost] {
			l.differs(f.doc, "spec.defaultEndpointToHostAction", FactEndpointToHost)
		}
		if own := dataplane(&f.spec); own != "" && own != c.Dataplane && !stated[FactDataplane] {
			l.differs(f.doc, "spec.bpfEnabled", FactDataplane)
		}
		in := l.failsafes(f.doc, "spec.failsafeInboundHostPorts", f.spec.FailsafeInboundHostPorts)
		if in != nil && !slices.Equal(in, c.FailsafeInbound) && !stated[FactFailsafeInbound] {
			l.differs(f.doc, "spec.failsafeInboundHostPorts", FactFailsafeInbound)
		}
		out := l.failsafes(f.doc, "spec.failsafeOutboundHostPorts", f.spec.FailsafeOutboundHostPorts)
		if out != nil && !slices.Equal(out, c.FailsafeOutbound) && !stated[FactFailsafeOutbound] {
			l.differs(f.doc, "spec.failsafeOutboundHostPorts", FactFailsafeOutbound)
		}
		l.tunnelsDiffer(f)
	}
}

// tunnelsDiffer reports tunnel settings of a node's own, which ClusterFacts has no key for.
func (l *loader) tunnelsDiffer(f felixConfiguration) {
	c := &l.facts.Calico
	for _, setting := range []struct {
		path    string
		differs bool
	}{
		{"spec.vxlanPort", f.spec.VXLANPort != nil && uint16(*f.spec.VXLANPort) != c.VXLANPort},
		{"spec.allowVXLANPacketsFromWorkloads", differ(f.spec.AllowVXLANPacketsFromWorkloads, c.AllowVXLANFromPods)},
		{"spec.allowIPIPPacketsFromWorkloads", differ(f.spec.AllowIPIPPacketsFromWorkloads, c.AllowIPIPFromPods)},
	} {
		if setting.differs {
			l.bad(f.doc, setting.path, "%s sets %s apart from the rest of the cluster, and a translation holds one value for all nodes",
				f.doc.Object, setting.path[len("spec."):]).
				hint("leave this object out, and the value of FelixConfiguration default is assumed for all nodes")
		}
	}
}

func differ(own *bool, common bool) bool { return own != nil && *own != common }

func (l *loader) differs(doc *source.Document, path string, fact Fact) {
	l.bad(doc, path, "%s sets %s apart from the rest of the cluster, and a translation holds one value for all nodes",
		doc.Object, path[len("spec."):]).
		hint("state spec.%s in a ClusterFacts document", fact)
}
