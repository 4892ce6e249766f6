package crossing

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
)

// rank is where an object stands in the order of applying.
type rank struct {
	// group: what others refer to, then policies.
	group int
	// tier and order are those in which the CNI reads policies.
	tier, order float64
}

// ordered sorts documents as a CNI reads them: what others refer to first, then what decides first. Whatever a prefix of
// that order decides, the whole set decides too; the rest is as open as it was, or falls to a default.
func ordered(docs []*source.Document, cni compat.CNI) []*source.Document {
	tiers := map[string]float64{}
	for _, d := range docs {
		if d.Object.Kind == "Tier" {
			tiers[d.Object.Name] = number(d, "spec.order", math.Inf(1))
		}
	}
	out := slices.Clone(docs)
	slices.SortStableFunc(out, func(a, b *source.Document) int {
		x, y := rankOf(a, cni, tiers), rankOf(b, cni, tiers)
		return cmp.Or(cmp.Compare(x.group, y.group), cmp.Compare(x.tier, y.tier), cmp.Compare(x.order, y.order), strings.Compare(key(a), key(b)))
	})
	return out
}

func rankOf(d *source.Document, cni compat.CNI, tiers map[string]float64) rank {
	switch d.Object.Kind {
	case "Tier":
		return rank{group: 0, order: number(d, "spec.order", math.Inf(1))}
	case "GlobalNetworkSet", "NetworkSet", "CiliumCIDRGroup":
		return rank{group: 1}
	case "ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy":
		priority := number(d, "spec.priority", 0)
		if tier, _ := d.Scalar("spec.tier"); tier == "Baseline" || d.Object.Kind == "BaselineAdminNetworkPolicy" {
			return rank{group: 4, order: priority}
		}
		return rank{group: 2, order: priority}
	}
	if cni == compat.Cilium {
		return rank{group: 3, order: ciliumOrder(d)}
	}
	return rank{group: 3, tier: tierOrder(d, tiers), order: number(d, "spec.order", calicoOrder(d))}
}

// calicoOrder is the order of a policy that names none: last, or 1000 for one of Kubernetes
// (libcalico-go/lib/backend/k8s/conversion, K8sNetworkPolicyToCalico).
func calicoOrder(d *source.Document) float64 {
	if owner(d) == "" {
		return 1000
	}
	return math.Inf(1)
}

// tierOrder is the order of a policy's tier; the default tier has 1,000,000.
func tierOrder(d *source.Document, tiers map[string]float64) float64 {
	name, _ := d.Scalar("spec.tier")
	if order, known := tiers[name]; known {
		return order
	}
	return 1_000_000
}

// What a policy of Cilium does first decides when it is applied: Cilium knows no order, and a deny wins over all.
const (
	denies   = iota // some connections
	adds            // what others allow is not cut off
	isolates        // and allows something
	closes          // and allows nothing
)

// ciliumOrder puts policies that deny first. Of those that only allow, first come those that isolate nobody, and last
// those that allow nothing and are there to isolate.
func ciliumOrder(d *source.Document) float64 {
	type rules struct {
		Ingress, Egress         []map[string]json.RawMessage
		IngressDeny, EgressDeny []json.RawMessage
		EnableDefaultDeny       struct{ Ingress, Egress *bool }
	}
	var p struct {
		Spec  *rules
		Specs []*rules
	}
	text, err := d.JSON()
	if err != nil || json.Unmarshal(text, &p) != nil {
		return isolates
	}
	out := adds
	allows := false
	for _, r := range append(p.Specs, p.Spec) {
		if r == nil {
			continue
		}
		if len(r.IngressDeny)+len(r.EgressDeny) > 0 {
			return denies
		}
		allows = allows || slices.ContainsFunc(slices.Concat(r.Ingress, r.Egress), func(e map[string]json.RawMessage) bool { return len(e) > 0 })
		ingress, egress := r.EnableDefaultDeny.Ingress, r.EnableDefaultDeny.Egress
		if r.Ingress != nil && (ingress == nil || *ingress) || r.Egress != nil && (egress == nil || *egress) {
			out = isolates
		}
	}
	if out == isolates && !allows {
		return closes
	}
	return float64(out)
}

func number(d *source.Document, path string, otherwise float64) float64 {
	text, ok := d.Scalar(path)
	if !ok {
		return otherwise
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return otherwise
	}
	return n
}
