package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// Problem is what is wrong with a file: the position, and in Error all there is to say.
type Problem struct {
	Pos     diag.Position
	Message string
	Hint    string
}

// Error is the position and the message.
func (p *Problem) Error() string { return p.Pos.String() + ": " + p.Message }

// keys are the fields of the file and how each is read.
var keys = map[string]func(p *parser, c *Config, v *yaml.Node){
	"cni": func(p *parser, c *Config, v *yaml.Node) { c.CNI = p.oneOf(v, "calico", "cilium") },
	"portable-to": func(p *parser, c *Config, v *yaml.Node) {
		c.PortableTo = p.oneOf(v, "none", "calico", "cilium", "both", "kubernetes")
	},
	"fail-on":        func(p *parser, c *Config, v *yaml.Node) { c.FailOn = p.oneOf(v, "note", "warning", "error", "never") },
	"calico-version": func(p *parser, c *Config, v *yaml.Node) { c.CalicoVersion = p.text(v) },
	"cilium-version": func(p *parser, c *Config, v *yaml.Node) { c.CiliumVersion = p.text(v) },
	"namespace":      func(p *parser, c *Config, v *yaml.Node) { c.Namespace = p.text(v) },
	"cluster":        func(p *parser, c *Config, v *yaml.Node) { c.Cluster = p.list(v) },
	"paths":          func(p *parser, c *Config, v *yaml.Node) { c.Paths = p.list(v) },
	"exclude":        func(p *parser, c *Config, v *yaml.Node) { c.Exclude = p.list(v) },
	"severity":       func(p *parser, c *Config, v *yaml.Node) { c.Severity = p.severity(v) },
}

// Keys are the names of the fields, sorted.
func Keys() []string {
	var out []string
	for key := range keys {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

type parser struct {
	file string
	err  *Problem
}

// Parse reads a file. The error is a *Problem about the first thing that is wrong: what a file says and nobody
// understands must not be passed over.
func Parse(file string, data []byte) (*Config, error) {
	p, c := &parser{file: file}, &Config{File: file}
	var doc yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return c, nil
	} else if err != nil {
		return nil, &Problem{diag.Position{File: file}, "the file is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: "), ""}
	}
	var next yaml.Node
	if err := decoder.Decode(&next); !errors.Is(err, io.EOF) {
		p.fail(&next, "", "the file holds more than one document")
	}
	if root := doc.Content[0]; root.Tag != "!!null" {
		p.mapping(root, func(key, value *yaml.Node) {
			read, ok := keys[key.Value]
			if !ok {
				p.fail(key, unknownHint(key.Value), "there is no field %q", key.Value)
				return
			}
			read(p, c, value)
		})
	}
	if p.err != nil {
		return nil, p.err
	}
	return c, nil
}

func unknownHint(key string) string {
	if near := source.Nearest(key, Keys()); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "the fields are " + strings.Join(Keys(), ", ")
}

// fail keeps the first problem.
func (p *parser) fail(n *yaml.Node, hint, format string, args ...any) {
	if p.err == nil {
		p.err = &Problem{diag.Position{File: p.file, Line: n.Line, Column: n.Column}, fmt.Sprintf(format, args...), hint}
	}
}

// mapping visits the keys of a mapping; each must be a word that stands once.
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

// text is a scalar that is not empty, as it is written: 3.30 is not 3.3.
func (p *parser) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Value == "" || n.Tag == "!!null" {
		p.fail(n, "leave the field out if it has none", "here must stand one value")
		return ""
	}
	return n.Value
}

func (p *parser) oneOf(n *yaml.Node, values ...string) string {
	v := p.text(n)
	if v != "" && !slices.Contains(values, v) {
		p.fail(n, "use "+strings.Join(values, ", "), "%q is none of the values that there are", v)
	}
	return v
}

func (p *parser) list(n *yaml.Node) []string {
	if n.Kind != yaml.SequenceNode {
		p.fail(n, "write [VALUE], or a line with - VALUE for each", "here must stand a list")
		return nil
	}
	var out []string
	for _, item := range n.Content {
		out = append(out, p.text(item))
	}
	return out
}

func (p *parser) severity(n *yaml.Node) map[*diag.Code]Level {
	out := map[*diag.Code]Level{}
	p.mapping(n, func(key, value *yaml.Node) {
		code, ok := diag.Lookup(key.Value)
		if !ok {
			p.fail(key, "policyferry explain lists the codes", "there is no code %q", key.Value)
			return
		}
		if _, twice := out[code]; twice {
			p.fail(key, "delete one of them", "%s stands twice, by number and by name", code.ID)
		}
		level := p.oneOf(value, "error", "warning", "note", "off")
		severity, _ := diag.ParseSeverity(level) // off has none
		out[code] = Level{severity, level == "off"}
	})
	return out
}
