package crd

import (
	"slices"
	"testing"
)

func TestAlternatives(t *testing.T) {
	tests := []struct {
		rule string
		want []string
	}{
		{"has(self.spec) || has(self.specs)", []string{"spec", "specs"}},
		{"has(self.a)", []string{"a"}},
		{"has(self.a) && has(self.b)", nil},
		{"has(self.a) || has(self.b.c)", nil},
		{"has(self.a) || self.b > 1", nil},
		{"!has(self.a)", nil},
		{"has(self.a) ||has(self.b)", nil},
		{"has(self.__namespace__)", nil},
		{"", nil},
	}
	for _, tc := range tests {
		if got := alternatives(tc.rule); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q", tc.rule, got)
		}
	}
}

func TestARuleAboutAnAbsentFieldIsForCEL(t *testing.T) {
	r := newRule("has(self.spec) || has(self.specs)", map[string]*node{"spec": {}})
	if r.holds(map[string]any{"spec": 1}) {
		t.Error("CEL does not compile this rule")
	}
}
