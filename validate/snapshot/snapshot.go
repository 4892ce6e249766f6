package snapshot

import (
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
)

// Snapshot is a cluster's policy and what it depends on, as far as it could be read.
type Snapshot struct {
	Spec     IndexSpec
	Objects  []Object
	Findings diag.List
	// PassedOver counts the objects of kinds that no snapshot holds, by kind; of files only.
	PassedOver map[string]int
}

// Progress is told, page by page, how far a cluster is read.
type Progress func(Step)

// Step is how far a cluster is read.
type Step struct {
	// Resource is what is being read, the Kind'th of so many Kinds.
	Resource    string
	Kind, Kinds int
	// Read is how many objects of it are read, and Of how many there are; -1 if the server does not say.
	Read, Of int
}

// count is the number of objects of a resource.
func (s *Snapshot) count(r *Resource) int {
	n := 0
	for _, o := range s.Objects {
		if o.resource == r {
			n++
		}
	}
	return n
}

// judgeCNIs reports a CNI whose version is not known although it is there.
func (s *Snapshot) judgeCNIs() {
	for _, c := range []struct {
		name, daemonSet string
		found           *CNI
		groups          []string
	}{
		{"Calico", "calico-node", s.Spec.Calico, []string{calicoGroup, calicoStore}},
		{"Cilium", "cilium", s.Spec.Cilium, []string{ciliumGroup}},
	} {
		if c.found != nil && len(c.found.Others) > 0 {
			s.Findings.Add(diag.SeveralVersions.At(diag.Position{File: IndexFile}, diag.Object{}, "",
				"%s runs in several versions: %s is taken, and %s found beside it", c.name, c.found.Version, strings.Join(c.found.Others, ", ")).
				WithHint("take the snapshot again when the upgrade is done, or name the version that counts with --source-version and --target-version"))
		}
		if c.found != nil || !s.has(c.groups) {
			continue
		}
		s.Findings.Add(diag.VersionUnknown.At(diag.Position{File: IndexFile}, diag.Object{}, "",
			"there are objects of %s, and nothing says which version of it runs", c.name).
			WithHint("give its DaemonSet %s with the other objects, or state spec.%s.version in a ClusterFacts document", c.daemonSet, strings.ToLower(c.name)))
	}
}

// has reports whether there is an object of one of the groups.
func (s *Snapshot) has(groups []string) bool {
	for _, o := range s.Objects {
		for _, g := range groups {
			if groupOf(o.APIVersion) == g {
				return true
			}
		}
	}
	return false
}

// Roles counts the objects by what they are to the snapshot.
func (s *Snapshot) Roles() (policies, facts, moves int) {
	for _, o := range s.Objects {
		switch o.resource.Role {
		case Policy:
			policies++
		case Fact:
			facts++
		case Moves:
			moves++
		}
	}
	return policies, facts, moves
}
