package config

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/strictyaml"
)

// keys are the fields of the file and how each is read.
var keys = map[string]func(p *strictyaml.Reader, c *Config, v *yaml.Node){
	"cni": func(p *strictyaml.Reader, c *Config, v *yaml.Node) { c.CNI = p.OneOf(v, "calico", "cilium") },
	"portable-to": func(p *strictyaml.Reader, c *Config, v *yaml.Node) {
		c.PortableTo = p.OneOf(v, "none", "calico", "cilium", "both", "kubernetes")
	},
	"fail-on": func(p *strictyaml.Reader, c *Config, v *yaml.Node) {
		c.FailOn = p.OneOf(v, "note", "warning", "error", "never")
	},
	"calico-version": func(p *strictyaml.Reader, c *Config, v *yaml.Node) { c.CalicoVersion = p.Text(v) },
	"cilium-version": func(p *strictyaml.Reader, c *Config, v *yaml.Node) { c.CiliumVersion = p.Text(v) },
	"namespace":      func(p *strictyaml.Reader, c *Config, v *yaml.Node) { c.Namespace = p.Text(v) },
	"cluster":        func(p *strictyaml.Reader, c *Config, v *yaml.Node) { c.Cluster = list(p, v) },
	"paths":          func(p *strictyaml.Reader, c *Config, v *yaml.Node) { c.Paths = list(p, v) },
	"exclude":        func(p *strictyaml.Reader, c *Config, v *yaml.Node) { c.Exclude = list(p, v) },
	"severity":       func(p *strictyaml.Reader, c *Config, v *yaml.Node) { c.Severity = severity(p, v) },
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

// Parse reads a file. The error is a *strictyaml.Problem.
func Parse(file string, data []byte) (*Config, error) {
	c := &Config{File: file}
	err := strictyaml.Read(file, data, func(p *strictyaml.Reader, root *yaml.Node) {
		p.Mapping(root, func(key, value *yaml.Node) {
			read, ok := keys[key.Value]
			if !ok {
				p.Unknown(key, Keys())
				return
			}
			read(p, c, value)
		})
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

func list(p *strictyaml.Reader, n *yaml.Node) []string {
	var out []string
	for _, item := range p.List(n, "VALUE") {
		out = append(out, p.Text(item))
	}
	return out
}

func severity(p *strictyaml.Reader, n *yaml.Node) map[*diag.Code]Level {
	out := map[*diag.Code]Level{}
	p.Mapping(n, func(key, value *yaml.Node) {
		code, ok := diag.Lookup(key.Value)
		if !ok {
			p.Fail(key, "policyferry explain lists the codes", "there is no code %q", key.Value)
			return
		}
		if _, twice := out[code]; twice {
			p.Fail(key, "delete one of them", "%s stands twice, by number and by name", code.ID)
		}
		level := p.OneOf(value, "error", "warning", "note", "off")
		severity, _ := diag.ParseSeverity(level) // off has none
		out[code] = Level{severity, level == "off"}
	})
	return out
}
