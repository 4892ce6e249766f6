package calico

import (
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"

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
	crash         string
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
	if o.raw {
		at, err := o.nullItem()
		if err != nil {
			return false, err
		}
		if at != "" {
			b.reject(o, "%s is null", at)
			return false, nil
		}
	}
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
	if strings.HasPrefix(o.Object.APIVersion, "networking.k8s.io/") {
		key = "Kubernetes " + key // Calico has a kind of the same name
	}
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

// compile puts the policies into their tiers. Felix treats one with a selector that it cannot read as absent.
func (b *builder) compile(w *world) (sorted []*tier, serviceAddrs []netip.Addr) {
	c := &compiler{world: w, dataplane: b.facts.Calico.Dataplane, version: b.version, sets: map[string]*cidr.Set{}, names: map[portName]*targets{}}
	for _, d := range b.drafts {
		p, err := d.finish(c)
		if err != nil {
			b.rejected = append(b.rejected, verdict.Rejection{Object: d.object, Reason: err.Error()})
			continue
		}
		if why := p.crashes(); why != "" && b.crash == "" {
			b.crash = d.object + ": " + why
		}
		if b.tiers[p.tier] == nil {
			b.tiers[p.tier] = &tier{name: p.tier, missing: true}
		}
		b.tiers[p.tier].policies = append(b.tiers[p.tier].policies, p)
	}
	slices.SortFunc(b.rejected, func(x, y verdict.Rejection) int { return strings.Compare(x.Object+x.Reason, y.Object+y.Reason) })
	tiers := slices.Collect(maps.Values(b.tiers))
	sortTiers(tiers)
	return tiers, c.serviceAddrs
}
