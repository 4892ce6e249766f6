// Package world gathers the cluster in which policy sets are judged: what is given of it, and where no pod is given, a
// synthetic cluster around that.
package world

import (
	"fmt"
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/synthetic"
)

// World is a cluster.
type World struct {
	Facts *cluster.Facts
	// Objects are those that the facts were read from, and what stands with them.
	Objects []*source.Document
	// Synthetic says that the pods are made of what the policies name.
	Synthetic bool
}

// Of gathers the cluster from its own objects and from those in the sets that are no policy. Among the findings may be
// errors, and then the facts cannot be used. The error says that no cluster can be made for the policies.
func Of(objects []*source.Document, sets ...[]*source.Document) (*World, diag.List, error) {
	facts, findings := equiv.Cluster(objects, sets...)
	w := &World{Facts: facts, Objects: objects}
	if len(facts.Pods) > 0 || broken(findings) {
		return w, findings, nil
	}
	given := slices.Clone(objects)
	for _, docs := range sets {
		for _, doc := range docs {
			if cni, _ := equiv.CNIOf([]*source.Document{doc}); cni == "" {
				given = append(given, doc)
			}
		}
	}
	made, err := synthetic.Around(given, facts, sets...)
	if err != nil {
		return nil, findings, fmt.Errorf("making a cluster: %w", err)
	}
	w.Objects, w.Synthetic = made, true
	w.Facts, findings = cluster.Load(made)
	return w, findings, nil
}

func broken(findings diag.List) bool {
	return slices.ContainsFunc(findings.All(), func(f diag.Finding) bool { return f.Code.Severity == diag.Error })
}
