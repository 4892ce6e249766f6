// Package definitions holds what the CustomResourceDefinitions of the two CNIs say, in the compact form of package crd.
//
// The text is made from the CNIs' own Go modules, and a test holds it to them: after a new version of a module,
// go generate ./validate/schema/definitions writes it anew. The definitions as their modules have them are a megabyte
// of YAML, mostly prose, that would have to be read in every run.
package definitions

import (
	_ "embed"

	"github.com/policyferry/policyferry/validate/schema/crd"
)

//go:generate go test . -run TestText -update

//go:embed definitions.jsonl
var text []byte

// Open returns all definitions. Each is read when it is first asked for.
func Open() *crd.Library { return crd.Open(text) }
