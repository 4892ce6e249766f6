package lint

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// meaning is a set as its CNI reads it.
type meaning struct {
	*model.Set
	byDoc map[*source.Document][]*model.Policy
}

func newMeaning(m *model.Set) *meaning {
	out := &meaning{m, map[*source.Document][]*model.Policy{}}
	for _, t := range m.Tiers {
		for _, p := range t.Policies {
			if p.Doc != nil {
				out.byDoc[p.Doc] = append(out.byDoc[p.Doc], p)
			}
		}
	}
	return out
}

// of is the first policy of a class that a document was read as, or nil.
func (m *meaning) of(p *policy, class model.Class) *model.Policy {
	for _, lowered := range m.byDoc[p.doc] {
		if lowered.Class == class {
			return lowered
		}
	}
	return nil
}

// podMatches reports whether a selector matches a pod of the cluster.
func podMatches(s selector.Selector, pod *cluster.Pod, facts *cluster.Facts) bool {
	return s.Match(func(k selector.Key) (string, bool) {
		var labels map[string]string
		switch k.Kind {
		case selector.PodLabel:
			labels = pod.Labels
		case selector.NamespaceName:
			return pod.Namespace, true
		case selector.NamespaceLabel:
			if k.Name == "kubernetes.io/metadata.name" {
				return pod.Namespace, true
			}
			if ns := facts.Namespaces[pod.Namespace]; ns != nil {
				labels = ns.Labels
			}
		case selector.ServiceAccountName:
			return pod.ServiceAccount, true
		case selector.ServiceAccountLabel:
			if account := facts.ServiceAccounts[pod.Namespace+"/"+pod.ServiceAccount]; account != nil {
				labels = account.Labels
			}
		case selector.Cluster:
			if facts.Cilium.ClusterName != "" {
				return facts.Cilium.ClusterName, true
			}
			return "default", true
		}
		v, ok := labels[k.Name]
		return v, ok
	})
}
