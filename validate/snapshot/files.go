package snapshot

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// FromFiles takes a snapshot of what kubectl has written: files and directories of YAML or JSON, or an earlier
// snapshot.
func FromFiles(paths []string, stdin io.Reader) (*Snapshot, error) {
	read, problems := source.Read(paths, stdin, source.Options{})
	s := &Snapshot{PassedOver: map[string]int{}, Findings: problems}
	f := &filed{Snapshot: s, seen: map[identity]*Object{}}
	for _, doc := range read.Documents {
		if err := f.document(doc); err != nil {
			return nil, err
		}
	}
	for _, o := range f.seen {
		s.Objects = append(s.Objects, *o)
	}
	sortObjects(s.Objects)
	f.index()
	s.judgeCNIs()
	return s, nil
}

// filed is a snapshot that is being read from files.
type filed struct {
	*Snapshot
	versions versions
	seen     map[identity]*Object
	// earlier are the indexes of snapshots among the files.
	earlier []Index
}

type identity struct{ resource, namespace, name string }

func (f *filed) document(doc *source.Document) error {
	if isIndex(doc) {
		index, err := readIndex(doc)
		f.earlier = append(f.earlier, index)
		return err
	}
	resource := resourceOf(doc.Object.APIVersion, doc.Object.Kind)
	var raw fields
	if resource != nil || doc.Object.Kind == "DaemonSet" {
		if err := json.Unmarshal(doc.Stored(), &raw); err != nil {
			return err
		}
		f.versions.read(raw)
	}
	if resource == nil || resource.Kind == "ConfigMap" && doc.Object.Name != configMapName {
		if doc.Object.Kind != "DaemonSet" {
			f.PassedOver[doc.Object.Kind]++
		}
		return nil
	}
	o, err := newObject(resource, raw)
	if err != nil {
		return err
	}
	id := identity{resource.FullName(), o.Namespace, o.Name}
	if first := f.seen[id]; first != nil && string(first.JSON) != string(o.JSON) {
		f.Findings.Add(diag.DuplicateObject.At(doc.Pos, doc.Object, "", "%s is given twice, and the two differ, so the snapshot would hold either", doc.Object).
			WithHint("give the output of one run of kubectl, and each kind once"))
	}
	f.seen[id] = &o
	return nil
}

// index says what the files hold. What a snapshot among them says of itself still holds, unless there are several.
func (f *filed) index() {
	if len(f.earlier) == 1 {
		f.Spec = f.earlier[0].Spec
	} else {
		f.Spec.Calico, f.Spec.Cilium = f.versions.found()
	}
	for _, r := range slices.Concat(resources, kept) {
		n := f.count(r)
		at := slices.IndexFunc(f.Spec.Resources, func(read Read) bool { return read.Resource == r.FullName() })
		switch {
		case at >= 0:
			if f.Spec.Complete && n < f.Spec.Resources[at].Objects && whole(r) {
				f.Findings.Add(diag.BadFacts.At(diag.Position{File: IndexFile}, diag.Object{}, "spec.complete",
					"the earlier snapshot says that it has all %s, which were %d when it was taken, and %d are given", r.FullName(), f.Spec.Resources[at].Objects, n).
					WithHint("give the whole directory, or set spec.complete to false in it"))
			}
			f.Spec.Resources[at].Objects = n
		case n > 0:
			f.Spec.Resources = append(f.Spec.Resources, Read{Resource: r.FullName(), Kind: r.Kind, Objects: n})
		}
	}
	f.Spec.sort()
}

// whole reports whether a snapshot that is complete has all objects of a kind.
func whole(r *Resource) bool {
	return r.Name == "namespaces" || r.Name == "pods" || r.Name == "serviceaccounts"
}
