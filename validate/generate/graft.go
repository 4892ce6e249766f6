package generate

import (
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

// graft is something that policies rarely say, set into an object of its kind.
type graft struct {
	kind
	// at is where: spec, or a list of rules below it or below the first of specs, such as specs.egressDeny.
	at string
	// texts are merged into the spec, or each into a new rule. @ stands for the peers of the direction.
	texts []string
}

// kind is what a graft is set into, with a spec to begin with.
type kind struct {
	apiVersion, kind, namespace string
	name, spec                  string
}

// graft sets two rare things, in turn over the seeds, so that every one of them comes up.
func (s *set) graft(all []graft) {
	for i := range 2 {
		all[(s.turn*2+i)%len(all)].into(s)
	}
}

// into sets a graft into an object of its kind that is there already, or into a new one.
func (g graft) into(s *set) {
	root, rest, _ := strings.Cut(g.at, ".")
	spec := g.host(s, root)
	if rest == "" {
		merge(spec, parse(g.texts[0]))
		return
	}
	rules, _ := spec[rest].([]any)
	for _, text := range g.texts {
		peers := "from"
		if strings.HasPrefix(rest, "egress") {
			peers = "to"
		}
		rules = append(rules, parse(strings.ReplaceAll(text, "@", peers)))
	}
	s.Shuffle(len(rules), func(i, j int) { rules[i], rules[j] = rules[j], rules[i] })
	spec[rest] = rules
}

// host returns the spec that takes the graft.
func (g graft) host(s *set, root string) object {
	for _, o := range s.objects {
		spec, ok := o["spec"].(object)
		m, _ := o["metadata"].(object)
		same := ok && root == "spec" && o["kind"] == g.kind.kind && o["apiVersion"] == g.apiVersion
		if same && (m["name"] == g.name || g.name == "" && s.in(1, 2)) {
			return spec
		}
	}
	spec := parse(g.spec)
	m := meta(g.namespace, g.name)
	if g.name == "" {
		m["name"] = s.name("rare")
	}
	o := object{"apiVersion": g.apiVersion, "kind": g.kind.kind, "metadata": m, "spec": spec}
	if root == "specs" {
		delete(o, "spec")
		o["specs"] = []any{spec}
	}
	s.add(o)
	return spec
}

func parse(text string) object {
	out := object{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		panic(fmt.Sprintf("generate: %s: %v", text, err)) // the texts are constants, all of which a test sets
	}
	return out
}

// merge sets what source says into target, and leaves the rest.
func merge(target, source object) {
	for k, v := range source {
		from, ok := v.(object)
		into, both := target[k].(object)
		if ok && both {
			merge(into, from)
			continue
		}
		target[k] = v
	}
}

// each makes one graft of every text, at every place, in every kind.
func each(kinds []kind, places []string, texts []string) []graft {
	var out []graft
	for _, k := range kinds {
		for _, at := range places {
			for _, text := range texts {
				out = append(out, graft{k, at, []string{text}})
			}
		}
	}
	return out
}

// together makes one graft of all texts, at every place, in every kind.
func together(kinds []kind, places []string, texts []string) []graft {
	var out []graft
	for _, k := range kinds {
		for _, at := range places {
			out = append(out, graft{k, at, texts})
		}
	}
	return out
}
