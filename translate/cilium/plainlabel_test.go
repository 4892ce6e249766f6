package cilium

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

// TestPlainLabelIsNeverLaxer holds the quick look at a label to Kubernetes' own.
func TestPlainLabelIsNeverLaxer(t *testing.T) {
	signs := []string{"", "a", "Z", "9", "-", "_", ".", "/", " ", "é", "\n", strings.Repeat("x", 62)}
	plain := 0
	for _, a := range signs {
		for _, b := range signs {
			for _, c := range signs {
				s := a + b + c
				if !plainLabel(s) {
					continue
				}
				plain++
				if errs := append(validation.IsQualifiedName(s), validation.IsValidLabelValue(s)...); len(errs) > 0 {
					t.Errorf("%q: %v", s, errs)
				}
			}
		}
	}
	if plain < 30 || !plainLabel("app-1") || plainLabel(strings.Repeat("x", 64)) {
		t.Errorf("%d texts are plain", plain)
	}
}
