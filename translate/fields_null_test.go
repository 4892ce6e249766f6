package translate_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/fields"
)

// TestNullIsAbsence sets each field of each kind to null, and each of those that it stands in. The same must come of
// the object as without the field: that is what an API server makes of it (source.Document.Stored).
func TestNullIsAbsence(t *testing.T) {
	for _, kind := range fields.Kinds() {
		for _, to := range targets(kind) {
			t.Run(fmt.Sprintf("%s/%s", to, kind), func(t *testing.T) {
				t.Parallel()
				seen := map[string]bool{}
				for _, field := range kind.Fields {
					for _, c := range placesOf(kind, field.Path) {
						if c.refused {
							continue // no cluster has the field there
						}
						object := c.content(t, kind, field, filled(c.with, selectors[len(seen)%len(selectors)]))
						for _, path := range nullable(object, "") {
							if general := index.ReplaceAllString(path, "[]"); !seen[general] {
								seen[general] = true
								c.compareNull(t, kind, object, path, to)
							}
						}
					}
				}
				if len(seen) < 2 {
					t.Errorf("only %v were set to null", seen)
				}
			})
		}
	}
}

func (c probing) compareNull(t *testing.T, kind fields.Kind, object map[string]any, path string, to compat.CNI) {
	t.Helper()
	absent := c.translate(t, kind, to, "everything known", c.documentsOf(t, nulled(t, object, path, true)))
	null := c.translate(t, kind, to, "everything known", c.documentsOf(t, nulled(t, object, path, false)))
	if null.output != absent.output {
		t.Errorf("%s: null makes another output than no field:\n%s\n%s", path, null.output, absent.output)
	}
	if a, b := withoutRemark(null.findings()), withoutRemark(absent.findings()); a != b {
		t.Errorf("%s: null makes other findings than no field:\n%s\n%s", path, a, b)
	}
	if e, ok := null.entry(index.ReplaceAllString(path, "[]")); !ok || e.Disposition == "" {
		t.Errorf("%s: the ledger says %q of it", path, e.Disposition)
	}
}

// withoutRemark leaves out PF3015, which says that a list without elements does not isolate: it is no less true of one
// that is null, and only of one that is absent nobody would have thought so.
func withoutRemark(findings string) string {
	var kept []string
	for line := range strings.Lines(findings) {
		if !strings.HasPrefix(line, "PF3015 ") {
			kept = append(kept, line)
		}
	}
	slices.Sort(kept) // they stand in the order of their positions
	return strings.Join(kept, "")
}

// nullable lists the fields of an object, but for those without which it is none. Keys that the user chooses are no
// fields.
func nullable(v any, path string) []string {
	var out []string
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			at := source.Field(path, key)
			switch {
			case at == "apiVersion" || at == "kind" || at == "metadata":
				continue
			case strings.HasSuffix(strings.ToLower(path), "labels"), strings.HasSuffix(path, ".annotations"):
				continue
			}
			out = append(append(out, at), nullable(value, at)...)
		}
	case []any:
		for i, item := range v {
			out = append(out, nullable(item, source.Item(path, i))...)
		}
	}
	return out
}

// nulled is a copy of the object in which the field is null or absent.
func nulled(t *testing.T, object map[string]any, path string, absent bool) map[string]any {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	if !setNull(out, "", path, absent) {
		t.Fatalf("the object does not have %s: %s", path, data)
	}
	return out
}

func setNull(v any, at, path string, absent bool) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			here := source.Field(at, key)
			switch {
			case here == path && absent:
				delete(v, key)
				return true
			case here == path:
				v[key] = nil
				return true
			case setNull(value, here, path, absent):
				return true
			}
		}
	case []any:
		for i, item := range v {
			if setNull(item, source.Item(at, i), path, absent) {
				return true
			}
		}
	}
	return false
}
