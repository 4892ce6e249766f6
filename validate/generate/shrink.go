package generate

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Shrink makes a set that fails smaller, as long as it still fails: it leaves out documents, then fields and list
// items, until nothing more can go. What is left can be pasted into a story.
func Shrink(text string, fails func(string) bool) string {
	docs := []any{}
	for _, d := range strings.Split(text, "\n---\n") {
		var o any
		if err := yaml.Unmarshal([]byte(d), &o); err != nil {
			return text
		}
		docs = append(docs, o)
	}
	smaller := true
	for smaller {
		smaller = false
		for _, cut := range cuts(docs, nil) {
			next := remove(docs, cut).([]any)
			if fails(join(next)) {
				docs, smaller = next, true
				break
			}
		}
	}
	return join(docs)
}

func join(docs []any) string {
	var parts [][]byte
	for _, d := range docs {
		y, err := yaml.Marshal(d)
		if err != nil {
			panic(fmt.Sprintf("generate: %v", err))
		}
		parts = append(parts, y)
	}
	return string(bytes.Join(parts, []byte("---\n")))
}

// cuts lists the paths of everything that can be left out, the largest parts first.
func cuts(v any, path []any) [][]any {
	var out, deeper [][]any
	visit := func(step, child any) {
		p := append(slices.Clone(path), step)
		out = append(out, p)
		deeper = append(deeper, cuts(child, p)...)
	}
	switch v := v.(type) {
	case []any:
		for i, child := range v {
			visit(i, child)
		}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if k != "apiVersion" && k != "kind" && k != "metadata" {
				visit(k, v[k])
			}
		}
	}
	return append(out, deeper...)
}

// remove copies v without what stands at the path.
func remove(v any, path []any) any {
	switch v := v.(type) {
	case []any:
		i := path[0].(int)
		if len(path) == 1 {
			return slices.Delete(slices.Clone(v), i, i+1)
		}
		out := slices.Clone(v)
		out[i] = remove(v[i], path[1:])
		return out
	case map[string]any:
		out := map[string]any{}
		for k, child := range v {
			switch {
			case k != path[0].(string):
				out[k] = child
			case len(path) > 1:
				out[k] = remove(child, path[1:])
			}
		}
		return out
	}
	return v
}
