package schema

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	kubejson "sigs.k8s.io/json"

	"github.com/policyferry/policyferry/translate/compat"
)

// FuzzValidate holds validation to never stop, to give the same answer twice, and to give it in the order of paths.
func FuzzValidate(f *testing.F) {
	for _, text := range sound {
		object, err := json.Marshal(parse(f, text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(object)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, cni := range []compat.CNI{compat.Calico, compat.Cilium} {
			first := ValidateJSON(text, target(cni))
			if again := ValidateJSON(text, target(cni)); !slices.Equal(first, again) {
				t.Errorf("first %q, then %q", texts(first), texts(again))
			}
			var object map[string]any
			strict, err := kubejson.UnmarshalStrict(text, &object)
			if err == nil && len(strict) == 0 {
				if other := Validate(object, target(cni)); !slices.Equal(first, other) {
					t.Errorf("as JSON %q, else %q", texts(first), texts(other))
				}
			}
			if !slices.IsSortedFunc(first, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) }) {
				t.Errorf("not in order: %q", texts(first))
			}
		}
	})
}
