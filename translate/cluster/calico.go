package cluster

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/source"
)

func (l *loader) ipPool(doc *source.Document) {
	var p apiv3.IPPool
	if !l.decode(doc, &p) {
		return
	}
	prefix, ok := l.prefix(doc, "spec.cidr", p.Spec.CIDR)
	if !ok {
		return
	}
	// A pool without allowedUses serves workloads and tunnels (api/pkg/apis/projectcalico/v3/ippool.go).
	workloads := len(p.Spec.AllowedUses) == 0 || slices.Contains(p.Spec.AllowedUses, apiv3.IPPoolAllowedUseWorkload)
	l.pools = append(l.pools, pool{prefix: prefix, inUse: workloads && !p.Spec.Disabled})
}

func (l *loader) hostEndpoint(doc *source.Document) {
	var h apiv3.HostEndpoint
	if !l.decode(doc, &h) {
		return
	}
	labels, err := calicoLabels(doc, h.Labels, h.Annotations)
	if err != nil {
		l.bad(doc, "metadata.annotations", "%s", err)
		return
	}
	out := &HostEndpoint{
		Name: h.Name, Node: h.Spec.Node, InterfaceName: h.Spec.InterfaceName, Labels: labels,
		ExpectedIPs: l.addresses(doc, "spec.expectedIPs", h.Spec.ExpectedIPs), Profiles: h.Spec.Profiles,
	}
	for _, p := range h.Spec.Ports {
		out.Ports = append(out.Ports, NamedPort{Name: p.Name, Protocol: strings.ToUpper(p.Protocol.String()), Port: p.Port})
	}
	l.addHostEndpoint(out)
}

func (l *loader) addHostEndpoint(h *HostEndpoint) {
	if l.facts.HostEndpoints == nil {
		l.facts.HostEndpoints = map[string]*HostEndpoint{}
	}
	l.facts.HostEndpoints[h.Name] = h
}

// calicoLabels returns the labels that Calico sees. An object of crd.projectcalico.org keeps them as JSON in an
// annotation (libcalico-go/lib/backend/k8s/resources/resources.go, ConvertK8sResourceToCalicoResource).
func calicoLabels(doc *source.Document, labels, annotations map[string]string) (map[string]string, error) {
	out := copyLabels(labels)
	text, ok := annotations["projectcalico.org/metadata"]
	if !ok || !strings.HasPrefix(doc.Object.APIVersion, "crd.projectcalico.org/") {
		return out, nil
	}
	var meta struct {
		Labels map[string]string `json:"labels"`
	}
	if err := json.Unmarshal([]byte(text), &meta); err != nil {
		return nil, fmt.Errorf("the annotation projectcalico.org/metadata is not the JSON that Calico writes")
	}
	for k, v := range meta.Labels {
		out[k] = v
	}
	return out, nil
}

func (l *loader) kubeControllers(doc *source.Document) {
	var k apiv3.KubeControllersConfiguration
	if !l.decode(doc, &k) {
		return
	}
	if k.Name != "default" {
		return // Calico reads no other
	}
	on := false
	if n := k.Spec.Controllers.Node; n != nil && n.HostEndpoint != nil {
		on = n.HostEndpoint.AutoCreate == "Enabled" && n.HostEndpoint.CreateDefaultHostEndpoint != apiv3.DefaultHostEndpointsDisabled
	}
	l.facts.Calico.AutoHostEndpoints = &on
}

// hostEndpoints adds the automatic host endpoint of every node that was not exported with the others, as
// kube-controllers would make it (kube-controllers/pkg/controllers/node/hostendpoints.go).
func (l *loader) hostEndpoints() {
	if auto := l.facts.Calico.AutoHostEndpoints; auto == nil || !*auto {
		return
	}
	for _, root := range l.nodeRoots {
		name := root.node.Name + "-auto-hep"
		if l.facts.HostEndpoints[name] != nil {
			continue
		}
		labels := copyLabels(root.node.Labels)
		labels["projectcalico.org/created-by"] = "calico-kube-controllers"
		l.addHostEndpoint(&HostEndpoint{
			Name: name, Node: root.node.Name, InterfaceName: "*", Labels: labels,
			ExpectedIPs: slices.Clone(root.calico), Profiles: []string{"projectcalico-default-allow"},
		})
	}
}

// clusterInformation tells the version; Calico writes it itself.
func (l *loader) clusterInformation(doc *source.Document) {
	var c apiv3.ClusterInformation
	if !l.decode(doc, &c) {
		return
	}
	if v, ok := parseVersion(c.Spec.CalicoVersion); ok {
		l.facts.Calico.Version = v
	}
}

// Failsafe is a host port that Calico keeps open whatever policy says.
type Failsafe struct {
	// Protocol is tcp, udp or sctp.
	Protocol string
	Port     uint16
	// Net limits it to one range of addresses at the other end; invalid means no limit.
	Net netip.Prefix
}

// String returns protocol/port, and @CIDR when it is limited.
func (f Failsafe) String() string {
	s := fmt.Sprintf("%s/%d", f.Protocol, f.Port)
	if f.Net.IsValid() {
		s += "@" + f.Net.String()
	}
	return s
}
