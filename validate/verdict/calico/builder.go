package calico

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// builder reads documents into drafts of policies. What Calico would not accept it leaves out and remembers.
type builder struct {
	facts         *cluster.Facts
	version       version
	drafts        []*draft
	tiers         map[string]*tier
	sets          []networkSet
	hostEndpoints []*cluster.HostEndpoint
	rejected      []verdict.Rejection
	seen          map[string]any
}

// networkSet is a NetworkSet or, without namespace, a GlobalNetworkSet.
type networkSet struct {
	namespace string
	labels    map[string]string
	nets      cidr.Set
}

func newBuilder(facts *cluster.Facts) *builder {
	b := &builder{facts: facts, version: parseVersion(facts.Calico.Version), tiers: map[string]*tier{}, seen: map[string]any{}}
	for _, t := range builtinTiers(b.version) {
		b.tiers[t.name] = t
	}
	return b
}

// builtinTiers are the tiers that Calico makes itself (libcalico-go/lib/clientv3/client.go; from v3.32 under the
// names of ClusterNetworkPolicy).
func builtinTiers(v version) []*tier {
	out := []*tier{{name: "default", order: 1e6}}
	switch {
	case v.atLeast(3, 32):
		out = append(out, &tier{name: "kube-admin", order: 1e3, pass: true}, &tier{name: "kube-baseline", order: 1e7, pass: true})
	case v.atLeast(3, 29):
		out = append(out, &tier{name: "adminnetworkpolicy", order: 1e3, pass: true})
		if v.atLeast(3, 30) {
			out = append(out, &tier{name: "baselineadminnetworkpolicy", order: 1e7, pass: true})
		}
	}
	return out
}

// object is a document on its way to a draft.
type object struct {
	*source.Document
	// raw is set for crd.projectcalico.org: an object that nobody has validated or defaulted.
	raw bool
}

func (b *builder) read(docs []*source.Document) error {
	b.hostEndpoints = slices.Collect(maps.Values(b.facts.HostEndpoints))
	// Tiers come first: a policy of a tier that does not exist is refused.
	for _, tiersOnly := range []bool{true, false} {
		for _, doc := range docs {
			if (doc.Object.Kind == "Tier") == tiersOnly {
				if err := b.object(object{doc, strings.HasPrefix(doc.Object.APIVersion, "crd.projectcalico.org/")}); err != nil {
					return err
				}
			}
		}
	}
	slices.SortFunc(b.hostEndpoints, func(x, y *cluster.HostEndpoint) int { return strings.Compare(x.Name, y.Name) })
	return nil
}

func (b *builder) object(o object) error {
	switch o.Object.APIVersion + " " + o.Object.Kind {
	case "networking.k8s.io/v1 NetworkPolicy":
		return b.kubernetesPolicy(o)
	case "policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy":
		return b.adminPolicy(o)
	case "policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy":
		return b.baselinePolicy(o)
	case "policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy":
		return b.clusterPolicy(o)
	case "projectcalico.org/v3 NetworkPolicy", "crd.projectcalico.org/v1 NetworkPolicy":
		return b.networkPolicy(o)
	case "projectcalico.org/v3 GlobalNetworkPolicy", "crd.projectcalico.org/v1 GlobalNetworkPolicy":
		return b.globalPolicy(o)
	case "projectcalico.org/v3 NetworkSet", "crd.projectcalico.org/v1 NetworkSet":
		return b.networkSet(o)
	case "projectcalico.org/v3 GlobalNetworkSet", "crd.projectcalico.org/v1 GlobalNetworkSet":
		return b.globalSet(o)
	case "projectcalico.org/v3 Tier", "crd.projectcalico.org/v1 Tier":
		return b.tier(o)
	case "projectcalico.org/v3 HostEndpoint", "crd.projectcalico.org/v1 HostEndpoint":
		return b.hostEndpoint(o)
	}
	return nil
}

// decode reads an object and reports whether it counts. One that does not fit its kind is refused by every API
// server; one that is given twice counts once, and an error when the two differ.
func (b *builder) decode(o object, into any, key string) (bool, error) {
	findings := o.Decode(into)
	if findings.Len() > 0 {
		b.reject(o, "%s", first(findings))
		return false, nil
	}
	if problem := refusedMetadata(into.(metav1.Object)); problem != "" {
		b.reject(o, "%s", problem)
		return false, nil
	}
	key = o.Object.Kind + " " + key
	before, again := b.seen[key]
	if !again {
		b.seen[key] = into
		return true, nil
	}
	if !reflect.DeepEqual(before, into) {
		return false, fmt.Errorf("%s: a second %s; hint: leave one of the two out", o.Pos, key)
	}
	return false, nil
}

func first(findings diag.List) string {
	f := findings.Sorted()[0]
	return f.Path + ": " + f.Message
}

func (b *builder) reject(o object, format string, args ...any) {
	b.rejected = append(b.rejected, verdict.Rejection{Object: o.by(), Reason: fmt.Sprintf(format, args...)})
}

func (o object) namespace() string {
	if o.Object.Namespace == "" {
		return "default"
	}
	return o.Object.Namespace
}

// by is how verdicts name the policy.
func (o object) by() string {
	name := o.Object
	name.Namespace = ""
	if name.Kind == "NetworkPolicy" || name.Kind == "NetworkSet" {
		name.Namespace = o.namespace()
	}
	return name.String()
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
		if err != nil {
			b.reject(o, "spec.nets: %s", err)
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
		b.hostEndpoints = slices.DeleteFunc(b.hostEndpoints, func(known *cluster.HostEndpoint) bool { return known.Name == h.Name })
		b.hostEndpoints = append(b.hostEndpoints, h)
	}
	return nil
}

// compile puts the policies into their tiers. Felix treats one with a selector that it cannot read as absent.
func (b *builder) compile(w *world) []*tier {
	c := &compiler{world: w, dataplane: b.facts.Calico.Dataplane, version: b.version}
	for _, d := range b.drafts {
		p, err := d.finish(c)
		if err != nil {
			b.rejected = append(b.rejected, verdict.Rejection{Object: d.object, Reason: err.Error()})
			continue
		}
		if b.tiers[p.tier] == nil {
			b.tiers[p.tier] = &tier{name: p.tier, missing: true}
		}
		b.tiers[p.tier].policies = append(b.tiers[p.tier].policies, p)
	}
	slices.SortFunc(b.rejected, func(x, y verdict.Rejection) int { return strings.Compare(x.Object+x.Reason, y.Object+y.Reason) })
	tiers := slices.Collect(maps.Values(b.tiers))
	sortTiers(tiers)
	return tiers
}
