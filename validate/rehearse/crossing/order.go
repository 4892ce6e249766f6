package crossing

import (
	"cmp"
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
		return rank{group: 3, order: denyFirst(d)}
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

// denyFirst puts policies that deny before those that only allow: Cilium knows no order, and a deny wins over all.
func denyFirst(d *source.Document) float64 {
	if d.Has("spec.ingressDeny") || d.Has("spec.egressDeny") || d.Has("specs") {
		return 0
	}
	return 1
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
