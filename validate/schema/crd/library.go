package crd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// Library is many definitions in the form that Compact writes. A line is read when an object first needs it, and
// definitions share what they have in common.
type Library struct {
	lock  sync.Mutex
	lines [][]byte
	nodes map[place]*node
}

// place is a schema as the walk takes it: one inside anyOf, oneOf, allOf or not says nothing of which fields exist.
type place struct {
	line       int
	structural bool
}

// Open returns the library that a text holds. The text is read when it is needed, and must not be changed.
func Open(text []byte) *Library {
	return &Library{lines: bytes.Split(text, []byte("\n")), nodes: map[place]*node{}}
}

// Source is the definition of this name and version, such as ciliumnetworkpolicies.cilium.io/v2.
func (l *Library) Source(name string) *Source { return &Source{library: l, name: name} }

func (l *Library) head(name string) (head, error) {
	var heads map[string]head
	if err := json.Unmarshal(l.lines[0], &heads); err != nil {
		return head{}, fmt.Errorf("reading the names of definitions: %w", err)
	}
	h, ok := heads[name]
	if !ok {
		return head{}, fmt.Errorf("there is no definition of %s", name)
	}
	return h, nil
}

// schema reads a line: a schema in which every schema is the number of a smaller line.
func (l *Library) schema(line int) (*apiextensionsv1.JSONSchemaProps, error) {
	if line < 1 || line >= len(l.lines) {
		return nil, fmt.Errorf("there is no line %d in the definitions", line)
	}
	var s apiextensionsv1.JSONSchemaProps
	if err := json.Unmarshal(l.lines[line], &s); err != nil {
		return nil, fmt.Errorf("reading line %d of the definitions: %w", line, err)
	}
	return &s, nil
}

// child is the line that a schema on another line refers to.
func child(of int, s *apiextensionsv1.JSONSchemaProps) (int, error) {
	if s.Ref == nil {
		return 0, fmt.Errorf("line %d of the definitions holds a schema that has no line of its own", of)
	}
	line, err := strconv.Atoi(*s.Ref)
	if err != nil || line >= of {
		return 0, fmt.Errorf("line %d of the definitions refers to %q and not to a smaller line", of, *s.Ref)
	}
	return line, nil
}

// whole is the schema that begins on a line, with all schemas in it: what stood in the CustomResourceDefinition.
func (l *Library) whole(line int) (*apiextensionsv1.JSONSchemaProps, error) {
	e := expansion{library: l, met: map[int]*apiextensionsv1.JSONSchemaProps{}}
	s := e.at(line)
	if e.err != nil {
		return nil, e.err
	}
	return s.DeepCopy(), nil // what was shared may now be changed
}

type expansion struct {
	library *Library
	met     map[int]*apiextensionsv1.JSONSchemaProps
	err     error
}

func (e *expansion) at(line int) *apiextensionsv1.JSONSchemaProps {
	if s := e.met[line]; s != nil {
		return s
	}
	s, err := e.library.schema(line)
	if err != nil {
		e.err = err
		return &apiextensionsv1.JSONSchemaProps{}
	}
	whole := replaced(*s, func(c apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
		number, err := child(line, &c)
		if err != nil {
			e.err = err
			return c
		}
		return *e.at(number)
	})
	e.met[line] = &whole
	return &whole
}
