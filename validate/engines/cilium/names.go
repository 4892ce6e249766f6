package cilium

import (
	"slices"

	k8sconst "github.com/cilium/cilium/pkg/k8s/apis/cilium.io"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy"
)

// names turns the rule labels of a map entry into the policies that it comes from.
type names struct {
	titles map[string]string
	known  map[labels.LabelArrayListString][]string
}

// of returns the titles, sorted. Rules that Cilium adds itself, such as allow-localhost, have none.
func (n names) of(meta policy.RuleMeta) []string {
	key := meta.LabelArrayListString()
	if found, ok := n.known[key]; ok {
		return found
	}
	found := []string{}
	for _, rule := range meta.LabelArray() {
		for _, label := range rule {
			if label.Key != k8sconst.PolicyLabelUID || label.Source != labels.LabelSourceK8s {
				continue
			}
			if title := n.titles[label.Value]; title != "" {
				found = append(found, title)
			}
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	n.known[key] = found
	return found
}
