package problem

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// bad refuses a value that holds the text "bad" anywhere, and one that holds both "left" and "right".
func bad(v any) string {
	text := fmt.Sprint(v)
	switch {
	case strings.Contains(text, "bad"):
		return "bad"
	case strings.Contains(text, "left") && strings.Contains(text, "right"):
		return "both"
	}
	return ""
}

func TestPinpoint(t *testing.T) {
	object := func(fields ...any) map[string]any {
		out := map[string]any{}
		for i := 0; i < len(fields); i += 2 {
			out[fields[i].(string)] = fields[i+1]
		}
		return out
	}
	tests := []struct {
		name  string
		value any
		want  []string
	}{
		{"nothing", object("a", "good"), nil},
		{"a field", object("a", "good", "b", object("c", "bad")), []string{"b.c: bad"}},
		{"elements", object("a", []any{"bad", "good", object("b", "bad")}), []string{"a[0]: bad", "a[2].b: bad"}},
		{"fields together", object("a", object("b", "left", "c", "right")), []string{"a: both"}},
		{"elements together", object("a", []any{"left", "right"}), []string{"a: both"}},
		{"the whole", "bad", []string{": bad"}},
	}
	for _, tc := range tests {
		var got []string
		Pinpoint(tc.value, nil, bad, func(string) bool { return false }, func(at *Path, message string) {
			got = append(got, at.String()+": "+message)
		})
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestPinpointApart(t *testing.T) {
	refuse := func(v any) string {
		fields := v.(map[string]any)
		if len(fields) > 1 {
			return "several"
		}
		for key := range fields {
			return "no " + key
		}
		return ""
	}
	var got []string
	Pinpoint(map[string]any{"a": 1, "b": 2}, Root("x"), refuse, func(message string) bool { return message == "several" },
		func(at *Path, message string) { got = append(got, at.String()+": "+message) })
	if want := []string{"x.a: no a", "x.b: no b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
