package rehearse

import (
	"time"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/fqdn"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/replay"
)

// Snapshot is one estate as it was read.
type Snapshot struct {
	// Name is unique in the run, Path where it was read.
	Name, Path string
	// Inputs are the arguments with which translate reads the same; empty for the path.
	Inputs []string
	// Documents are its policies and all that describes the cluster.
	Documents []*source.Document
	// Reading is what was found while it was read.
	Reading diag.List
	// Names are what Cilium has learned about DNS names; nil for nothing.
	Names *fqdn.Cache
	// History are earlier runs, the oldest first.
	History []Entry
	// Flows are logs of what was seen in the cluster, or none.
	Flows []replay.Input
}

// Options say how to rehearse. To and Now are required.
type Options struct {
	To compat.CNI
	// SourceVersion and TargetVersion are releases; empty means what a snapshot tells, else the newest that is known.
	SourceVersion, TargetVersion string
	// Namespace stands in for one that a policy leaves out; empty means "default".
	Namespace string
	// Acceptances in the order in which they were given.
	Acceptances []Acceptance
	// Baseline is an earlier result, or nil.
	Baseline *Result
	// Now is the moment of the run.
	Now time.Time
	// Version is that of policyferry.
	Version string
	// MaxDifferences bounds those that are explained, MaxEnds the rows of the matrix; 0 means 500 of each.
	MaxDifferences, MaxEnds int
	// Progress is told which step begins; nil for nobody.
	Progress func(step string)
}

func (o *Options) differences() int {
	if o.MaxDifferences > 0 {
		return o.MaxDifferences
	}
	return 500
}

func (o *Options) ends() int {
	if o.MaxEnds > 0 {
		return o.MaxEnds
	}
	return 500
}

func (o *Options) progress(step string) {
	if o.Progress != nil {
		o.Progress(step)
	}
}
