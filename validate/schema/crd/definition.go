// Package crd judges objects by a CustomResourceDefinition as an API server does when it is asked to store them:
// fields that the schema does not have, null values, defaults, the schema itself, list types, CEL rules.
//
// The judge is the API server's own code (k8s.io/apiextensions-apiserver). Before it stands a walk over the object
// that recognises a sound one in a hundredth of the time; whatever it does not recognise goes to the API server's
// code, so the walk can make validation faster but never stricter (walk.go), and tests hold it to never being laxer.
// The API server's code is made ready when the first object needs it: that takes longer than all else in a short run.
package crd

import "sync"

// Definition is the schema of one version of a kind, ready to judge. It is safe for concurrent use.
type Definition struct {
	walk *node
	// hasStatus says that an API server drops what is written to status with the object.
	hasStatus bool
	// server makes the API server's code ready for this schema, once.
	server func() (*server, error)
}

// Source says where a definition comes from. Nothing is read before Definition is called for the first time.
type Source struct {
	library *Library
	name    string

	once       sync.Once
	definition *Definition
	err        error
}

// Name is the name of the definition and of its version, such as ciliumnetworkpolicies.cilium.io/v2.
func (s *Source) Name() string { return s.name }

// Definition reads the definition, once.
func (s *Source) Definition() (*Definition, error) {
	s.once.Do(func() { s.definition, s.err = s.library.definition(s.name) })
	return s.definition, s.err
}

func (l *Library) definition(name string) (*Definition, error) {
	h, err := l.head(name)
	if err != nil {
		return nil, err
	}
	root, err := l.root(h.Schema)
	if err != nil {
		return nil, err
	}
	return &Definition{walk: root, hasStatus: h.Status,
		server: sync.OnceValues(func() (*server, error) { return l.server(name, h) })}, nil
}
