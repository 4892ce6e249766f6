package fqdn

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/cilium/pkg/policy/api"

	"github.com/policyferry/policyferry/translate/compat"
)

var (
	before = compat.Version{Major: 1, Minor: 18}
	since  = compat.Version{Major: 1, Minor: 19}
)

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern string
		cilium  compat.Version
		yes, no string
	}{
		{"API.bank.example", since, "api.bank.example", "bank.example x.api.bank.example api.bank.examples apixbank.example"},
		{"api.bank.example.", since, "api.bank.example", "bank.example"},
		{"*.bank.example", since, "api.bank.example a_b.bank.example", "bank.example a.b.bank.example bank.example.org"},
		{"*bank.example", since, "bank.example mybank.example", "api.bank.example"},
		{"sub*.bank.example", since, "sub.bank.example sub-1.bank.example", "asub.bank.example sub.a.bank.example"},
		{"a.*.example", since, "a.b.example", "a.b.c.example a.example"},
		{"**.bank.example", since, "api.bank.example a.b.bank.example", "bank.example"},
		{"***.bank.example", since, "a.b.bank.example", "bank.example"},
		{"**.bank.example", before, "api.bank.example", "bank.example a.b.bank.example"},
		{"**bank.example", since, "bank.example mybank.example", "a.bank.example"},
		{"a.**.example", since, "a.b.example", "a.b.c.example"},
		{"*", since, "example a.b.example .", ""},
		{"*", before, "example a.b.example .", ""},
		{"**", since, "a.b.example", ""},
		{"*.", since, "a.b.example", ""},
		{"**", before, "example", "a.b.example"},
		{"*.", before, "example", "a.b.example"},
	} {
		m := compile(tt.pattern, tt.cilium)
		for _, name := range strings.Fields(tt.yes) {
			if !m.MatchString(qualified(name)) {
				t.Errorf("%s under %s does not match %s", tt.pattern, tt.cilium, name)
			}
		}
		for _, name := range strings.Fields(tt.no) {
			if m.MatchString(qualified(name)) {
				t.Errorf("%s under %s matches %s", tt.pattern, tt.cilium, name)
			}
		}
	}
}

// TestMatchLikeCilium compares with the code of the linked release, which is newer than 1.18.
func TestMatchLikeCilium(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func(pieces ...string) string {
		var b strings.Builder
		for range 1 + r.IntN(7) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	matched := 0
	for range 15_000 {
		pattern, name := text("a", "B", "-", ".", "*", "**", "*."), qualified(text("a", "b", "-", ".", "ab.", "\\"))
		s := api.FQDNSelector{MatchPattern: pattern}
		if !strings.Contains(pattern, "*") && r.IntN(2) == 0 {
			s = api.FQDNSelector{MatchName: pattern}
		}
		want, err := s.ToRegex()
		if err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
		if got := compile(pattern, since).MatchString(name); got != want.MatchString(name) {
			t.Fatalf("%q and %q: %v, and Cilium says %v", pattern, name, got, !got)
		} else if got {
			matched++
		}
		if c := Canonical([]string{pattern}, since)[0]; compile(c, since).String() != compile(pattern, since).String() {
			t.Fatalf("%q is not %q", c, pattern)
		}
	}
	if matched < 100 {
		t.Errorf("only %d of them match", matched)
	}
}

func TestCanonical(t *testing.T) {
	names := []string{"b.example.", "*.", "A.example", "a.example.", "**", "**.a.example"}
	if got, want := Canonical(names, since), []string{"*", "**.a.example", "a.example", "b.example"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Canonical(names, before), []string{"**.", "**.a.example", "*.", "a.example", "b.example"}; !slices.Equal(got, want) {
		t.Errorf("before 1.19: got %q, want %q", got, want)
	}
}
