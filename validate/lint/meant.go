package lint

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/fields"
)

const didYouMean = "did you mean"

// meant is the way out for a field that does not exist: the mapping around it in which there is one of that name, else
// the near name that was found there, else any place that has a field of that name, else the fields of this place.
func meant(o diag.Object, path, near string) string {
	parent, key := splitPath(path)
	if key == "" {
		return near
	}
	parent = indices.ReplaceAllString(parent, "[]")
	here, elsewhere := neighbours(o, parent, key)
	switch {
	case near != "" && (elsewhere == "" || !strings.HasPrefix(parent, elsewhere)):
		return near
	case elsewhere != "":
		return key + " is a field of " + elsewhere
	case len(here) > 0 && len(here) <= 16:
		return "its fields are " + strings.Join(here, ", ")
	}
	return ""
}

var indices = regexp.MustCompile(`\[[0-9]+\]`)

// splitPath parts a path before its last field.
func splitPath(path string) (parent, key string) {
	i := strings.LastIndexAny(path, ".[")
	if i < 0 {
		return "", path
	}
	if path[i] == '[' {
		return "", ""
	}
	return path[:i], path[i+1:]
}

// neighbours are the fields below a parent, and the nearest other place that has a field called key.
func neighbours(o diag.Object, parent, key string) (here []string, elsewhere string) {
	found := map[string]bool{}
	if parent == "" {
		maps.Copy(found, map[string]bool{"apiVersion": true, "kind": true, "metadata": true})
	}
	if parent == "metadata" {
		return []string{"annotations", "labels", "name", "namespace"}, ""
	}
	best := -1
	for _, f := range fieldsOf(o) {
		if rest, ok := strings.CutPrefix(f.Path, parent); ok && (parent == "" || strings.HasPrefix(rest, ".")) {
			found[firstField(strings.TrimPrefix(rest, "."))] = true
		}
		if f.Path == parent && f.IsSelector() {
			found["matchLabels"], found["matchExpressions"] = true, true
		}
		if at := strings.Index(strings.ReplaceAll(f.Path, "[]", "..")+".", "."+key+"."); at >= 0 {
			if shared := sharedPrefix(f.Path[:at], parent); shared > best {
				best, elsewhere = shared, f.Path[:at]
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), elsewhere
}

// fieldsOf are the fields of a kind; a raw custom resource of Calico has those of the API.
func fieldsOf(o diag.Object) []fields.Field {
	for _, k := range fields.Kinds() {
		group, _, _ := strings.Cut(k.APIVersion, "/")
		if k.Kind == o.Kind && group == groupOf(o) {
			return k.Fields
		}
	}
	return nil
}

func firstField(path string) string {
	if i := strings.IndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return path
}

func sharedPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func sortedKeys(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
