package mend

import (
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// A policy of a namespace has a say about the pods of that namespace only. So has every other policy of it, and so have
// the cluster-wide ones; nothing else is looked at, which leaves more connections to the comparison than there are and
// can only find more differences.

// groups divides fixes into those that can be judged apart: policy by policy where policies add up, else by namespace,
// and all together if one of them is cluster-wide.
func (m *mender) groups(works []*work) [][]*work {
	var homes []any
	byHome := map[any][]*work{}
	for _, w := range works {
		var home any
		switch d := w.Finding.Fix.Doc; {
		case d == nil:
			home = w
		case m.addsUp(d):
			home = d
		default:
			home = m.home(d)
		}
		if byHome[home] == nil {
			homes = append(homes, home)
		}
		byHome[home] = append(byHome[home], w)
	}
	var out [][]*work
	everywhere := byHome[""] != nil
	var together []*work
	for _, home := range homes {
		if _, apart := home.(string); apart && everywhere {
			together = append(together, byHome[home]...)
		} else {
			out = append(out, byHome[home])
		}
	}
	if len(together) > 0 {
		out = append(out, together)
	}
	return out
}

// addsUp reports whether policies add up wherever a policy is enforced: in every set that has it.
func (m *mender) addsUp(d *source.Document) bool {
	for _, s := range m.sets {
		if slices.Contains(s.Documents, d) && !addsUp(s) {
			return false
		}
	}
	return true
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
