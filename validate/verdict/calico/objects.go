package calico

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
)

// networkSet is a NetworkSet or, without namespace, a GlobalNetworkSet.
type networkSet struct {
	namespace string
	labels    map[string]string
	nets      cidr.Set
}

// metadata is what Calico reads out of a raw object: labels and the name that its user gave are JSON in an annotation
// (libcalico-go/lib/backend/k8s/resources/resources.go, ConvertK8sResourceToCalicoResource).
type metadata struct {
	name   string
	labels map[string]string
}

func (o object) metadata(meta *metav1.ObjectMeta) (metadata, error) {
	out := metadata{name: meta.Name, labels: maps.Clone(meta.Labels)}
	text, ok := meta.Annotations["projectcalico.org/metadata"]
	if !o.raw || !ok {
		return out, nil
	}
	var kept metav1.ObjectMeta
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return out, fmt.Errorf("the annotation projectcalico.org/metadata is not JSON")
	}
	if kept.Name != "" {
		out.name = kept.Name
	}
	for k, v := range kept.Labels {
		if out.labels == nil {
			out.labels = map[string]string{}
		}
		out.labels[k] = v
	}
	return out, nil
}

func (b *builder) networkSet(o object) error {
	var s apiv3.NetworkSet
	if ok, err := b.decode(o, &s, o.namespace()+"/"+o.Object.Name); !ok {
		return err
	}
	b.set(o, o.namespace(), &s.ObjectMeta, s.Spec.Nets)
	return nil
}

func (b *builder) globalSet(o object) error {
	var s apiv3.GlobalNetworkSet
	if ok, err := b.decode(o, &s, o.Object.Name); !ok {
		return err
	}
	b.set(o, "", &s.ObjectMeta, s.Spec.Nets)
	return nil
}

func (b *builder) set(o object, namespace string, meta *metav1.ObjectMeta, nets []string) {
	m, err := o.metadata(meta)
	if err != nil {
		b.reject(o, "%s", err)
		return
	}
	if _, own := m.labels[labelNamespace]; own && !o.raw {
		b.reject(o, "a network set must not carry the label %s", labelNamespace)
		return
	}
	var prefixes []netip.Prefix
	for _, text := range nets {
		p, err := cidr.ParsePrefix(text)
		switch {
		case err == nil:
		case !o.raw:
			b.reject(o, "spec.nets: %s", err)
			return
		case namespace == "": // passed over (updateprocessors/globalnetworksetprocessor.go)
			continue
		default: // dereferenced after it failed to parse (updateprocessors/networksetprocessor.go)
			b.crash = fmt.Sprintf("%s: Felix stops at a network set with the range %q", o.by(), text)
			return
		}
		prefixes = append(prefixes, p)
	}
	b.sets = append(b.sets, networkSet{namespace: namespace, labels: m.labels, nets: cidr.Of(prefixes...)})
}

func (b *builder) tier(o object) error {
	var t apiv3.Tier
	if ok, err := b.decode(o, &t, o.Object.Name); !ok {
		return err
	}
	out := &tier{name: t.Name, order: 1e6} // a tier without order ties with default (lib/resources/tier.go)
	if t.Spec.Order != nil {
		out.order = *t.Spec.Order
	}
	out.pass = t.Spec.DefaultAction != nil && *t.Spec.DefaultAction == apiv3.Pass
	builtin, exists := b.tiers[t.Name]
	switch {
	case o.raw:
	case !tierNameForm.MatchString(t.Name):
		b.reject(o, "the name of a tier has no dots")
		return nil
	case exists && out.order != builtin.order:
		b.reject(o, "the order of tier %s is fixed at %v", t.Name, builtin.order)
		return nil
	case t.Spec.DefaultAction != nil && *t.Spec.DefaultAction != apiv3.Pass && *t.Spec.DefaultAction != apiv3.Deny:
		b.reject(o, "the default action of a tier is Deny or Pass")
		return nil
	}
	if exists && t.Spec.DefaultAction == nil {
		out.pass = builtin.pass
	}
	if exists && !o.raw && b.version.atLeast(3, 32) && out.pass != builtin.pass {
		b.reject(o, "the default action of tier %s is fixed", t.Name)
		return nil
	}
	b.tiers[t.Name] = out
	return nil
}

func (b *builder) hostEndpoint(o object) error {
	b.hostEndpoints = slices.DeleteFunc(b.hostEndpoints, func(known *cluster.HostEndpoint) bool { return known.Name == o.Object.Name })
	var h apiv3.HostEndpoint
	if ok, err := b.decode(o, &h, o.Object.Name); !ok {
		return err
	}
	switch {
	case h.Spec.Node == "":
		b.reject(o, "a host endpoint names its node")
		return nil
	case h.Spec.InterfaceName == "" && len(h.Spec.ExpectedIPs) == 0:
		b.reject(o, "a host endpoint has an interface name or expected addresses")
		return nil
	case !nameForm.MatchString(h.Spec.Node) || h.Spec.InterfaceName != "" && !interfaceForm.MatchString(h.Spec.InterfaceName):
		b.reject(o, "the node %q or the interface %q has a form that Calico does not accept", h.Spec.Node, h.Spec.InterfaceName)
		return nil
	}
	facts, findings := cluster.Load([]*source.Document{o.Document})
	if findings.Len() > 0 {
		b.reject(o, "%s", first(findings))
		return nil
	}
	for _, h := range facts.HostEndpoints {
		b.hostEndpoints = append(b.hostEndpoints, h)
	}
	return nil
}
