package cluster

import (
	"maps"
	"slices"
)

// Relied remembers which facts a result was built on. It travels beside Facts, which never change, so that several
// translations can share one set of facts. The zero value is ready for use, and a nil *Relied forgets everything.
type Relied struct {
	facts map[Fact]bool
}

// On records that a result holds only as long as these facts do.
func (r *Relied) On(facts ...Fact) {
	if r == nil {
		return
	}
	if r.facts == nil {
		r.facts = map[Fact]bool{}
	}
	for _, f := range facts {
		r.facts[f] = true
	}
}

// Add records everything that another result relied on.
func (r *Relied) Add(other *Relied) {
	if other != nil {
		r.On(other.List()...)
	}
}

// List returns the recorded facts, sorted, each once.
func (r *Relied) List() []Fact {
	if r == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(r.facts))
}
