package acceptance

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/validate/rehearse"
	"github.com/policyferry/policyferry/validate/strictyaml"
)

// fields of an acceptance.
var fields = map[string]func(*rehearse.Acceptance, string){
	"code":     func(a *rehearse.Acceptance, v string) { a.Code = v },
	"object":   func(a *rehearse.Acceptance, v string) { a.Object = v },
	"snapshot": func(a *rehearse.Acceptance, v string) { a.Estate = v },
	"until":    func(a *rehearse.Acceptance, v string) { a.Until = v },
	"reason":   func(a *rehearse.Acceptance, v string) { a.Reason = v },
}

// Parse reads a file: a list of acceptances below the key accept. The error is a *strictyaml.Problem.
func Parse(file string, data []byte) ([]rehearse.Acceptance, error) {
	var out []rehearse.Acceptance
	err := strictyaml.Read(file, data, func(p *strictyaml.Reader, root *yaml.Node) {
		p.Mapping(root, func(key, value *yaml.Node) {
			if key.Value != "accept" {
				p.Fail(key, "the only field is accept", "there is no field %q", key.Value)
				return
			}
			for _, item := range p.List(value, "code: CODE") {
				out = append(out, acceptance(p, item))
			}
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func acceptance(p *strictyaml.Reader, n *yaml.Node) rehearse.Acceptance {
	a := rehearse.Acceptance{Position: p.At(n)}
	places := map[string]*yaml.Node{}
	p.Mapping(n, func(key, value *yaml.Node) {
		set, known := fields[key.Value]
		if !known {
			p.Unknown(key, slices.Sorted(maps.Keys(fields)))
			return
		}
		set(&a, p.Text(value))
		places[key.Value] = value
	})
	if field, message := complete(&a); message != "" {
		place := places[field]
		if place == nil {
			place = n
		}
		p.Fail(place, "an acceptance has code, until and reason, and may have object and snapshot", "%s", message)
	}
	return a
}
