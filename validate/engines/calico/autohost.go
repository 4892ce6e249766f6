package calico

import (
	"maps"
	"slices"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/model"
	calicoresources "github.com/projectcalico/calico/libcalico-go/lib/resources"
	core "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const kindKubeControllersConfiguration = "KubeControllersConfiguration"

// readKubeControllers reads whether every node gets a host endpoint. Calico reads the configuration named default and
// no other.
func (inv *inventory) readKubeControllers(d *document) error {
	object := apiv3.NewKubeControllersConfiguration()
	if err := decodeLoose(d, object); err != nil || d.name != "default" {
		return err
	}
	if n := object.Spec.Controllers.Node; n != nil && n.HostEndpoint != nil {
		inv.autoHosts = n.HostEndpoint.AutoCreate == "Enabled" &&
			n.HostEndpoint.CreateDefaultHostEndpoint != apiv3.DefaultHostEndpointsDisabled
	}
	return nil
}

// addAutomaticHostEndpoints adds the host endpoint that kube-controllers makes for every node, unless it is among the
// files (kube-controllers/pkg/controllers/node/hostendpoints.go, generateAutoHostEndpoint).
func (inv *inventory) addAutomaticHostEndpoints() {
	wanted := inv.autoHosts
	if stated := inv.facts.Calico.AutoHostEndpoints; stated != nil {
		wanted = *stated
	}
	if !wanted {
		return
	}
	for _, n := range inv.nodes {
		name := n.Name + "-auto-hep"
		exported := func(r *resource) bool { return r.document.kind == apiv3.KindHostEndpoint && r.document.name == name }
		if slices.ContainsFunc(inv.resources, exported) {
			continue
		}
		object := apiv3.NewHostEndpoint()
		object.ObjectMeta = metav1.ObjectMeta{Name: name, Labels: map[string]string{}}
		maps.Copy(object.Labels, n.Labels)
		object.Labels["projectcalico.org/created-by"] = "calico-kube-controllers"
		object.Spec = apiv3.HostEndpointSpec{
			Node: n.Name, InterfaceName: allInterfaces, ExpectedIPs: automaticAddresses(n),
			Profiles: []string{calicoresources.DefaultAllowProfileName},
		}
		inv.resources = append(inv.resources, &resource{
			document: &document{apiVersion: groupCalico, kind: apiv3.KindHostEndpoint, name: name, origin: "made for node " + n.Name},
			stored:   &model.KVPair{Key: model.ResourceKey{Kind: apiv3.KindHostEndpoint, Name: name}, Value: object},
		})
	}
}

// automaticAddresses are those that Calico gave to the node, then its internal ones.
func automaticAddresses(n *core.Node) []string {
	var out []string
	for _, addr := range otherNodeAddresses(n) {
		out = append(out, addr.String())
	}
	for _, a := range n.Status.Addresses {
		if a.Type == core.NodeInternalIP && !slices.Contains(out, a.Address) {
			out = append(out, a.Address)
		}
	}
	return out
}
