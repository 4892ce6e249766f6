// Package source reads Kubernetes objects from YAML and JSON and remembers where every field stands.
//
// A field is named by its path: spec.ingress[0].source.nets[1], and metadata.labels[app.kubernetes.io/name] for a
// key that is not a plain word. The same text is used in findings, in the ledger and in fixtures.
package source

import (
	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/diag"
)

// Document is one Kubernetes object as it was written.
type Document struct {
	// Object is its identity as read; a namespace that is missing stays empty.
	Object diag.Object
	// Pos is the first line of the object.
	Pos diag.Position
	// Root is the object's mapping, with aliases and merge keys already resolved.
	Root *yaml.Node
	// Index is the place of the document in the input, counted over all files; it only breaks ties in messages.
	Index int
}
