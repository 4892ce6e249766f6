package mend

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// A policy of a namespace has a say about the pods of that namespace only. So has every other policy of it, and so have
// the cluster-wide ones; nothing else is looked at, which leaves more connections to the comparison than there are and
// can only find more differences.

// groups divides fixes into those that can be judged apart: by namespace, unless a cluster-wide object is changed.
func (m *mender) groups(works []*work) [][]*work {
	var homes []string
	byHome := map[string][]*work{}
	for _, w := range works {
		home := ""
		if d := w.Finding.Fix.Doc; d != nil {
			home = m.home(d)
		}
		if home == "" {
			return [][]*work{works}
		}
		if byHome[home] == nil {
			homes = append(homes, home)
		}
		byHome[home] = append(byHome[home], w)
	}
	var out [][]*work
	for _, home := range homes {
		out = append(out, byHome[home])
	}
	return out
}

// home is where an object has a say: its namespace; if kustomize or Helm sets that, its file; "" for everywhere.
func (m *mender) home(d *source.Document) string {
	switch d.Object.Kind {
	case "NetworkPolicy", "CiliumNetworkPolicy":
		if d.Object.Namespace != "" {
			return "namespace " + d.Object.Namespace
		}
		return "file " + d.Pos.File
	}
	return ""
}

// concerned are the documents of a set that have a say where a changed one has, none if it has no changed one. Of
// several that have one name those that are not changed are left out: only one can be in force.
func (m *mender) concerned(docs []*source.Document, after *edited) []*source.Document {
	homes, names := map[string]bool{}, map[diag.Object]bool{}
	found := false
	for _, d := range docs {
		if after.docs[d] != nil {
			homes[m.home(d)], names[d.Object], found = true, true, true
		}
	}
	if !found {
		return nil
	}
	var out []*source.Document
	seen := map[diag.Object]bool{}
	for _, d := range docs {
		home := m.home(d)
		if after.docs[d] == nil && (names[d.Object] || seen[d.Object] || home != "" && !homes[home] && !homes[""]) {
			continue
		}
		seen[d.Object] = true
		out = append(out, d)
	}
	return slices.Clip(out)
}

// alone are, for each changed policy, the policy without the others, and beside one that isolates everyone. What others
// allow today hides whatever a wrong fix closes, and what the policy itself allows hides that it isolates no more.
func (m *mender) alone(docs []*source.Document, after *edited) [][]*source.Document {
	var rest []*source.Document
	for _, d := range docs {
		if !strings.HasSuffix(d.Object.Kind, "Policy") && after.docs[d] == nil {
			rest = append(rest, d)
		}
	}
	var out [][]*source.Document
	for _, d := range docs {
		if after.docs[d] != nil {
			one := append(slices.Clone(rest), d)
			out = append(out, one, append(slices.Clone(one), closing(docs, d)...))
		}
	}
	return out
}

// closing are policies that isolate every pod of a policy's namespace, or of all that the set names.
func closing(docs []*source.Document, of *source.Document) []*source.Document {
	spaces := map[string]bool{}
	for _, d := range docs {
		switch {
		case of.Object.Namespace != "" && d != of:
		case d.Object.Namespace != "":
			spaces[d.Object.Namespace] = true
		default:
			spaces["default"] = true
		}
	}
	var text strings.Builder
	for _, space := range slices.Sorted(maps.Keys(spaces)) {
		fmt.Fprintf(&text, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: policyferry-closing, namespace: %q}\n"+
			"spec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n", space)
	}
	out, _ := source.ReadBytes("closing", []byte(text.String()), source.Options{})
	return out
}
