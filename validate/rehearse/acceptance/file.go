package acceptance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/rehearse"
)

// Problem is the first thing that is wrong with a file. What a file says and nobody understands must not be passed over:
// a word that is misspelt would accept nothing, or too much.
type Problem struct {
	Pos     diag.Position
	Message string
	Hint    string
}

// Error is the position and the message.
func (p *Problem) Error() string { return p.Pos.String() + ": " + p.Message }

// fields of an acceptance.
var fields = map[string]func(*rehearse.Acceptance, string){
	"code":     func(a *rehearse.Acceptance, v string) { a.Code = v },
	"object":   func(a *rehearse.Acceptance, v string) { a.Object = v },
	"snapshot": func(a *rehearse.Acceptance, v string) { a.Estate = v },
	"until":    func(a *rehearse.Acceptance, v string) { a.Until = v },
	"reason":   func(a *rehearse.Acceptance, v string) { a.Reason = v },
}

// Parse reads a file: a list of acceptances below the key accept. The error is a *Problem.
func Parse(file string, data []byte) ([]rehearse.Acceptance, error) {
	p := &parser{file: file}
	root, err := p.document(data)
	if err != nil || root == nil {
		return nil, err
	}
	var out []rehearse.Acceptance
	p.mapping(root, func(key, value *yaml.Node) {
		switch {
		case key.Value != "accept":
			p.fail(key, "the only field is accept", "there is no field %q", key.Value)
		case value.Kind != yaml.SequenceNode:
			p.fail(value, "write a line with - code: CODE for each", "here must stand a list")
		default:
			for _, item := range value.Content {
				out = append(out, p.acceptance(item))
			}
		}
	})
	if p.err != nil {
		return nil, p.err
	}
	return out, nil
}

type parser struct {
	file string
	err  *Problem
}

// document is the one document of a file; nil if the file is empty.
func (p *parser) document(data []byte) (*yaml.Node, error) {
	var doc, next yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, &Problem{diag.Position{File: p.file}, "the file is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: "), ""}
	}
	if err := decoder.Decode(&next); !errors.Is(err, io.EOF) {
		return nil, &Problem{diag.Position{File: p.file}, "the file holds more than one document", "put all acceptances into one list"}
	}
	if doc.Content[0].Tag == "!!null" {
		return nil, nil
	}
	return doc.Content[0], nil
}

// fail keeps the first problem.
func (p *parser) fail(n *yaml.Node, hint, format string, args ...any) {
	if p.err == nil {
		p.err = &Problem{p.at(n), fmt.Sprintf(format, args...), hint}
	}
}

func (p *parser) at(n *yaml.Node) diag.Position {
	return diag.Position{File: p.file, Line: n.Line, Column: n.Column}
}

func (p *parser) mapping(n *yaml.Node, visit func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		p.fail(n, "", "here must stand a mapping of fields to values")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			p.fail(key, "delete one of them", "%q stands twice", key.Value)
		}
		seen[key.Value] = true
		visit(key, n.Content[i+1])
	}
}

func (p *parser) acceptance(n *yaml.Node) rehearse.Acceptance {
	a := rehearse.Acceptance{Position: p.at(n)}
	places := map[string]*yaml.Node{}
	p.mapping(n, func(key, value *yaml.Node) {
		set, known := fields[key.Value]
		switch {
		case !known:
			p.fail(key, unknownHint(key.Value), "there is no field %q", key.Value)
		case value.Kind != yaml.ScalarNode || value.Value == "" || value.Tag == "!!null":
			p.fail(value, "leave the field out if it has none", "here must stand one value")
		default:
			set(&a, value.Value)
			places[key.Value] = value
		}
	})
	if field, message := complete(&a); message != "" {
		place := places[field]
		if place == nil {
			place = n
		}
		p.fail(place, "an acceptance has code, until and reason, and may have object and snapshot", "%s", message)
	}
	return a
}

func unknownHint(key string) string {
	names := slices.Sorted(maps.Keys(fields))
	if near := source.Nearest(key, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "the fields are " + strings.Join(names, ", ")
}
