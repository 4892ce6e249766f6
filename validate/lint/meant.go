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

// meant is the way out for a field that does not exist: the field of that place with nearly the same name, or the
// place where a field of that name exists. It is empty if there is neither.
func meant(o diag.Object, path string) string {
	parent, key := splitPath(path)
	if key == "" {
		return ""
	}
	parent = indices.ReplaceAllString(parent, "[]")
	here, elsewhere := neighbours(o, parent, key)
	if near := nearest(key, here); near != "" {
		return didYouMean + ` "` + near + `"?`
	}
	if elsewhere != "" {
		return key + " is a field of " + elsewhere
	}
	if len(here) > 0 && len(here) <= 16 {
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
		if at := strings.Index(f.Path+".", "."+key+"."); at >= 0 {
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

// nearest is the name that was probably meant, or empty.
func nearest(word string, names []string) string {
	limit := min(max(len(word)/4, 1), 3)
	best, bestDistance := "", limit+1
	for _, name := range names {
		if d := distance(strings.ToLower(word), strings.ToLower(name)); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}

// distance is the number of characters to insert, drop or change to make b of a.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := diagonal
			if a[i-1] != b[j-1] {
				change++
			}
			diagonal = row[j]
			row[j] = min(row[j]+1, row[j-1]+1, change)
		}
	}
	return row[len(b)]
}

func sortedKeys(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
