package cluster

import "github.com/policyferry/policyferry/translate/source"

// snapshotIndex is what `policyferry snapshot` says of the cluster beside its objects (docs/snapshot.md).
type snapshotIndex struct {
	Spec struct {
		Calico struct {
			Version string `json:"version"`
		} `json:"calico"`
		Cilium struct {
			Version string `json:"version"`
		} `json:"cilium"`
		Complete  bool `json:"complete"`
		Resources []struct {
			Resource string `json:"resource"`
			Objects  int    `json:"objects"`
		} `json:"resources"`
	} `json:"spec"`
}

func (l *loader) snapshotIndex(doc *source.Document) {
	if l.decode(doc, &l.snapshot) {
		l.facts.Complete = l.snapshot.Spec.Complete
		l.index = doc
	}
}

// whole holds a snapshot that says it is complete to the number of objects that it says it holds: of a part of one, what is
// not there would be taken not to exist.
func (l *loader) whole() {
	if !l.snapshot.Spec.Complete {
		return
	}
	given := map[string]int{}
	for _, doc := range l.seen {
		given[kindKey(doc)]++
	}
	kinds := map[string]string{"namespaces": "/Namespace", "pods": "/Pod", "serviceaccounts": "/ServiceAccount"}
	for _, r := range l.snapshot.Spec.Resources {
		kind := kinds[r.Resource]
		if n := given[kind]; kind != "" && n < r.Objects {
			l.bad(l.index, "spec.complete", "the snapshot says that it has all %s, which were %d when it was taken, and %d are given", r.Resource, r.Objects, n).
				hint("give the whole directory, take it again, or set spec.complete to false")
		}
	}
}

// snapshotVersions takes the versions that a snapshot has found. They are those of the agents that run, and count before
// the version that Calico notes of itself.
func (l *loader) snapshotVersions() {
	for _, v := range []struct {
		found string
		into  *string
	}{{l.snapshot.Spec.Calico.Version, &l.facts.Calico.Version}, {l.snapshot.Spec.Cilium.Version, &l.facts.Cilium.Version}} {
		if version, ok := parseVersion(v.found); ok {
			*v.into = version
		}
	}
}
