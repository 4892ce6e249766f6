package source

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestSlimDocumentsAreTheSame reads documents that are kept and documents that are read again, and asks both for
// everything, before and after their trees may have been collected.
func TestSlimDocumentsAreTheSame(t *testing.T) {
	wide := "apiVersion: v1\nkind: A\nspec:\n"
	for i := range 40 {
		wide += fmt.Sprintf("  k%d: [a, {b: c}]\n", i)
	}
	inputs := []Input{{"list.yaml", []byte("apiVersion: v1\nkind: List\nitems:\n- " + strings.ReplaceAll(policyText, "\n", "\n  ") + "\n")}}
	for i, text := range append([]string{policyText, fieldsText, wide, "# c\n---\n" + policyText + "---\n" + wide}, seeds...) {
		inputs = append(inputs, Input{fmt.Sprintf("%d.yaml", i), []byte(text)})
	}
	kept, findings := ReadInputs(inputs, Options{})
	slim, others := ReadInputs(inputs, Options{Slim: true})
	if len(kept.Documents) < 5 || len(slim.Documents) != len(kept.Documents) || others.Len() != findings.Len() {
		t.Fatalf("%d documents and %d findings, slim %d and %d", len(kept.Documents), findings.Len(), len(slim.Documents), others.Len())
	}
	again := 0
	for range 2 {
		for i, want := range kept.Documents {
			got := slim.Documents[i]
			if got.kept == nil {
				again++
			}
			if got.Object != want.Object || got.Pos != want.Pos || outline(got.Root()) != outline(want.Root()) {
				t.Errorf("%s: slim it is another", want.Pos)
			}
			for _, leaf := range want.Leaves() {
				if g, w := got.Position(leaf.Path), want.Position(leaf.Path); g != w {
					t.Errorf("%s %s is at %s, slim at %s", want.Pos, leaf.Path, w, g)
				}
			}
		}
		runtime.GC()
	}
	if again < 8 {
		t.Errorf("only %d documents were read again", again)
	}
}
