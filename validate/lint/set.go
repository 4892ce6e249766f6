package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// set is the policy that one CNI enforces together.
type set struct {
	release   compat.Release
	facts     *cluster.Facts
	namespace string
	// docs are all of its documents, policies those that the CNI enforces.
	docs     []*source.Document
	policies []*policy
	// model is what the policies mean.
	model *meaning
	// podsGiven says that the cluster facts, and not only the documents, hold pods.
	podsGiven bool
	// tiers are those of Calico that some document defines.
	tiers map[string]bool
}

// kinds are the kinds that belong to a policy set, by group.
var kinds = map[string]map[string]bool{
	"projectcalico.org": {
		"NetworkPolicy": true, "GlobalNetworkPolicy": true, "StagedNetworkPolicy": true, "StagedGlobalNetworkPolicy": true,
		"StagedKubernetesNetworkPolicy": true, "NetworkSet": true, "GlobalNetworkSet": true, "HostEndpoint": true,
		"Tier": true, "Profile": true,
	},
	"cilium.io":                {"CiliumNetworkPolicy": true, "CiliumClusterwideNetworkPolicy": true, "CiliumCIDRGroup": true},
	"networking.k8s.io":        {"NetworkPolicy": true},
	"policy.networking.k8s.io": {"AdminNetworkPolicy": true, "BaselineAdminNetworkPolicy": true, "ClusterNetworkPolicy": true},
}

// legacyKinds are forms of policy that no release reads any more.
var legacyKinds = map[string]bool{
	"extensions/v1beta1 NetworkPolicy": true, "v1 policy": true, "v1 profile": true, "v1 hostEndpoint": true,
}

// groupOf is the API group, where Calico's two forms count as one.
func groupOf(o diag.Object) string {
	group, _, _ := strings.Cut(o.APIVersion, "/")
	return strings.TrimPrefix(group, "crd.")
}

// isPolicy reports whether a document belongs to a policy set in a form that is read today.
func isPolicy(o diag.Object) bool { return kinds[groupOf(o)][o.Kind] && !isLegacy(o) }

// isLegacy reports whether the API version is one that no supported release reads.
func isLegacy(o diag.Object) bool {
	switch group, version, _ := strings.Cut(o.APIVersion, "/"); group {
	case "projectcalico.org":
		return version != "v3"
	case "crd.projectcalico.org", "cilium.io":
		return group == "cilium.io" && version == "v1" || group != "cilium.io" && version != "v1"
	}
	return legacyKinds[o.APIVersion+" "+o.Kind]
}

// ownerOf is the CNI that a policy kind belongs to; empty for a standard one.
func ownerOf(o diag.Object) compat.CNI {
	switch groupOf(o) {
	case "projectcalico.org":
		return compat.Calico
	case "cilium.io":
		return compat.Cilium
	}
	return ""
}

// canonical puts documents into an order that depends only on where they stand.
func canonical(docs []*source.Document) []*source.Document {
	out := slices.Clone(docs)
	slices.SortStableFunc(out, func(a, b *source.Document) int {
		switch {
		case a.Pos.Before(b.Pos):
			return -1
		case b.Pos.Before(a.Pos):
			return 1
		}
		return a.Index - b.Index
	})
	return out
}

// sortIntoSets gives each CNI its documents.
func (l *linter) sortIntoSets() error {
	own := map[compat.CNI][]*source.Document{}
	var standard []*source.Document
	for _, d := range l.docs {
		if isPolicy(d.Object) && namespaced(d.Object.Kind) && d.Object.Namespace == "" {
			l.unstated[d.Pos.File] = true
		}
		switch owner := ownerOf(d.Object); {
		case !isPolicy(d.Object):
		case owner != "":
			own[owner] = append(own[owner], d)
		default:
			standard = append(standard, d)
		}
	}
	readers := l.standardReaders(own)
	l.shared = len(readers) > 1
	for _, cni := range []compat.CNI{compat.Calico, compat.Cilium} {
		docs := own[cni]
		if slices.Contains(readers, cni) && len(standard) > 0 {
			docs = canonical(append(slices.Clone(docs), standard...))
		}
		if len(docs) == 0 {
			continue
		}
		release, err := l.release(cni)
		if err != nil {
			return err
		}
		tiers := map[string]bool{}
		for _, d := range slices.Concat(docs, l.opt.Cluster) {
			if d.Object.Kind == "Tier" && ownerOf(d.Object) == compat.Calico {
				tiers[d.Object.Name] = true
			}
		}
		l.sets = append(l.sets, &set{release: release, tiers: tiers, facts: l.facts, namespace: l.opt.DefaultNamespace, docs: docs,
			podsGiven: slices.ContainsFunc(l.opt.Cluster, func(d *source.Document) bool { return d.Object.Kind == "Pod" })})
	}
	return nil
}

// standardReaders are the CNIs that read the standard policies.
func (l *linter) standardReaders(own map[compat.CNI][]*source.Document) []compat.CNI {
	calico, cilium := len(own[compat.Calico]) > 0, len(own[compat.Cilium]) > 0
	if calico == cilium {
		calico, cilium = l.facts.Calico.Version != "", l.facts.Cilium.Version != ""
	}
	switch {
	case l.opt.CNI != "":
		return []compat.CNI{l.opt.CNI}
	case calico && !cilium:
		return []compat.CNI{compat.Calico}
	case cilium && !calico:
		return []compat.CNI{compat.Cilium}
	}
	return []compat.CNI{compat.Calico, compat.Cilium}
}

// release settles the release of a CNI: the option, else the fact, else the newest.
func (l *linter) release(cni compat.CNI) (compat.Release, error) {
	text, fact := l.opt.CalicoVersion, l.facts.Calico.Version
	if cni == compat.Cilium {
		text, fact = l.opt.CiliumVersion, l.facts.Cilium.Version
	}
	if text == "" {
		text = fact
	}
	if text == "" {
		return compat.Newest(cni), nil
	}
	v, err := compat.ParseVersion(text)
	if err != nil {
		return compat.Release{}, &translate.UsageError{Message: err.Error(), Hint: "give major and minor, such as " + compat.Newest(cni).Version.String()}
	}
	r, oldest := compat.Release{CNI: cni, Version: v}, compat.Oldest(cni)
	if !v.AtLeast(oldest.Version.Major, oldest.Version.Minor) {
		return r, &translate.UsageError{Message: fmt.Sprintf("%s is older than what is known of it, so its verdicts cannot be told", r),
			Hint: fmt.Sprintf("the oldest release that is known is %s", oldest)}
	}
	return r, nil
}

// identity is under which name the API server would store an object.
func (l *linter) identity(o diag.Object) diag.Object {
	if o.Namespace == "" && namespaced(o.Kind) {
		o.Namespace = l.opt.DefaultNamespace
	}
	return o
}

func namespaced(kind string) bool {
	switch kind {
	case "NetworkPolicy", "NetworkSet", "CiliumNetworkPolicy", "StagedNetworkPolicy", "StagedKubernetesNetworkPolicy":
		return true
	}
	return false
}

// hasDoc reports whether a document is one of the set.
func (s *set) hasDoc(doc *source.Document) bool { return slices.Contains(s.docs, doc) }
