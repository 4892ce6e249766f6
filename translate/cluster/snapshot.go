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
		Complete bool `json:"complete"`
	} `json:"spec"`
}

func (l *loader) snapshotIndex(doc *source.Document) {
	if l.decode(doc, &l.snapshot) {
		l.facts.Complete = l.snapshot.Spec.Complete
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
