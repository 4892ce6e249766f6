package equiv

import (
	"fmt"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/calico"
	"github.com/policyferry/policyferry/validate/verdict/cilium"
)

// Side is one of the two sets.
type Side struct {
	CNI   compat.CNI
	Judge verdict.Partitioner
	// Documents are those that the judge was made of, Facts what it was told of the cluster.
	Documents []*source.Document
	Facts     *cluster.Facts
}

// Set is a policy set as it is given.
type Set struct {
	// CNI is empty if the kinds in the set shall tell.
	CNI compat.CNI
	// Version is that of the CNI; empty for what the cluster facts say.
	Version   string
	Documents []*source.Document
}

// Rejected are the objects that the side's CNI does not enforce.
func (s *Side) Rejected() []verdict.Rejection {
	if r, ok := s.Judge.(verdict.Rejecter); ok {
		return r.Rejected()
	}
	return nil
}

// CNIOf tells from the kinds of a set which CNI it is for. It is empty if nothing tells; both says that the set has
// policies for both.
func CNIOf(docs []*source.Document) (cni compat.CNI, both bool) {
	found := map[compat.CNI]bool{}
	for _, doc := range docs {
		switch group, _, _ := strings.Cut(doc.Object.APIVersion, "/"); {
		case group == "cilium.io":
			found[compat.Cilium] = true
		case group == "projectcalico.org" || group == "crd.projectcalico.org":
			found[compat.Calico] = true
		}
	}
	switch {
	case len(found) > 1:
		return "", true
	case found[compat.Cilium]:
		return compat.Cilium, false
	case found[compat.Calico]:
		return compat.Calico, false
	}
	return "", false
}

// shared are the kinds that belong to a set although they are often kept with the cluster.
var shared = []string{"Tier", "NetworkSet", "GlobalNetworkSet", "CiliumCIDRGroup"}

// Cluster reads the facts about a cluster: from its own objects, and from those in the sets that are no policy.
func Cluster(objects []*source.Document, sets ...[]*source.Document) (*cluster.Facts, diag.List) {
	all := slices.Clone(objects)
	for _, docs := range sets {
		for _, doc := range docs {
			if cni, _ := CNIOf([]*source.Document{doc}); cni == "" {
				all = append(all, doc)
			}
		}
	}
	return cluster.Load(all)
}

// sameObject is equal for the names that one object has: Calico's API and the custom resource behind it, or two versions
// of a kind.
func sameObject(o diag.Object) diag.Object {
	group, _, _ := strings.Cut(o.APIVersion, "/")
	o.APIVersion = strings.TrimPrefix(group, "crd.")
	return o
}

// NewSide makes a judge for a set. Sets of addresses and tiers that stand with the objects of the cluster count, unless
// the set has them itself. The error says why the set cannot be judged.
func NewSide(set Set, facts *cluster.Facts, objects []*source.Document) (*Side, error) {
	docs := slices.Clone(set.Documents)
	own := map[diag.Object]bool{}
	for _, doc := range docs {
		own[sameObject(doc.Object)] = true
	}
	for _, doc := range objects {
		if slices.Contains(shared, doc.Object.Kind) && !own[sameObject(doc.Object)] {
			docs = append(docs, doc)
		}
	}
	of := *facts
	s := &Side{CNI: set.CNI, Documents: docs, Facts: &of}
	var err error
	switch set.CNI {
	case compat.Calico:
		if set.Version != "" {
			of.Calico.Version = set.Version
		}
		s.Judge, err = calico.New(docs, &of)
	case compat.Cilium:
		if set.Version != "" {
			of.Cilium.Version = set.Version
		}
		s.Judge, err = cilium.New(docs, &of)
	default:
		return nil, fmt.Errorf("no CNI is called %q", set.CNI)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}
