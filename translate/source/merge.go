package source

import (
	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/diag"
)

// smallMapping is the number of keys up to which comparing all with all is cheaper than a map.
const smallMapping = 8

// duplicates reports keys that stand twice in one mapping; of two merge keys nobody can tell which one wins.
func (z *normalizer) duplicates(n *yaml.Node) {
	if len(n.Content) <= 2*smallMapping {
		for i := 2; i < len(n.Content); i += 2 {
			for j := 0; j < i; j += 2 {
				if sameKey(n.Content[i], n.Content[j]) {
					z.duplicate(n.Content[i], n.Content[j])
					break
				}
			}
		}
		return
	}
	first := make(map[string]*yaml.Node, len(n.Content)/2)
	var merge *yaml.Node
	for i := 0; i < len(n.Content); i += 2 {
		k := n.Content[i]
		if isMerge(k) {
			if merge != nil {
				z.duplicate(k, merge)
			}
			merge = k
		} else if earlier := first[k.Value]; earlier != nil {
			z.duplicate(k, earlier)
		} else {
			first[k.Value] = k
		}
	}
}

func sameKey(a, b *yaml.Node) bool {
	return a.Value == b.Value && isMerge(a) == isMerge(b)
}

func (z *normalizer) duplicate(k, earlier *yaml.Node) {
	z.fail(diag.DuplicateKey, k, "keep one of them", "the key %q stands twice in one mapping, first in line %d",
		k.Value, earlier.Line)
}

// merge puts the keys of merged mappings in the place of the merge key. The mapping's own keys win, and earlier
// merged mappings win over later ones.
func (z *normalizer) merge(n *yaml.Node) {
	// place is where a key stands in n.Content, by its text.
	own := map[string]int{}
	for i := 0; i < len(n.Content); i += 2 {
		if !isMerge(n.Content[i]) {
			own[n.Content[i].Value] = i
		}
	}
	var out []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !isMerge(key) {
			out = append(out, key, value)
			continue
		}
		taken := map[string]bool{}
		for _, m := range z.mergeSources(key, value) {
			for j := 0; j+1 < len(m.Content); j += 2 {
				name := m.Content[j].Value
				if at, overridden := own[name]; overridden {
					if at < i {
						z.ambiguous(n.Content[at], key)
					}
					continue
				}
				if !taken[name] {
					taken[name] = true
					out = append(out, m.Content[j], m.Content[j+1])
				}
			}
		}
	}
	n.Content = out
}

// ambiguous reports a key that stands before a merge key which brings it again: YAML lets the mapping's own key win,
// but for kubectl the later one wins (go.yaml.in/yaml/v2, decode.go, mapping).
func (z *normalizer) ambiguous(own, merge *yaml.Node) {
	z.fail(diag.DuplicateKey, own, "put << first in the mapping, or write the keys out",
		"the key %q is merged once more by << in line %d, and kubectl and YAML disagree which one counts", own.Value, merge.Line)
}

func (z *normalizer) mergeSources(key, value *yaml.Node) []*yaml.Node {
	sources := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		sources = value.Content
	}
	for _, m := range sources {
		if m.Kind != yaml.MappingNode {
			z.fail(diag.Unreadable, key, "", "<< merges mappings, and its value is not one")
			return nil
		}
	}
	return sources
}
