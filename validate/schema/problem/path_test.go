package problem

import (
	"slices"
	"testing"
)

func TestPathIsWrittenLikeSource(t *testing.T) {
	tests := []struct {
		path *Path
		want string
	}{
		{nil, ""},
		{Root("spec").Field("ingress").Item(0).Field("source").Field("nets").Item(1), "spec.ingress[0].source.nets[1]"},
		{Root("metadata").Field("labels").Field("app.kubernetes.io/name"), "metadata.labels[app.kubernetes.io/name]"},
	}
	for _, tc := range tests {
		if got := tc.path.String(); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

func TestKeys(t *testing.T) {
	got := Root("spec").Field("ingress").Item(3).Field("a.b").Keys()
	if want := []string{"spec", "ingress", "", "a.b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestResolve(t *testing.T) {
	object := map[string]any{"spec": map[string]any{
		"endpointSelector": map[string]any{"matchLabels": map[string]any{"io.kubernetes.pod.namespace": true, "io": "x"}},
		"ingress":          []any{map[string]any{"fromEntities": []any{"moon"}}},
	}}
	tests := []struct{ text, want string }{
		{"spec.endpointSelector.matchLabels.io.kubernetes.pod.namespace", "spec.endpointSelector.matchLabels[io.kubernetes.pod.namespace]"},
		{"spec.endpointSelector.matchLabels[io.kubernetes.pod.namespace]", "spec.endpointSelector.matchLabels[io.kubernetes.pod.namespace]"},
		{"spec.endpointSelector.matchLabels.io", "spec.endpointSelector.matchLabels.io"},
		{"spec.ingress[0].fromEntities[0]", "spec.ingress[0].fromEntities[0]"},
		{"spec.ingress[7].absent.field", "spec.ingress[7].absent.field"},
		{".spec", "spec"},
		{"", ""},
		{"spec.", `spec[""]`},
	}
	for _, tc := range tests {
		if got := Resolve(object, tc.text).String(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.text, got, tc.want)
		}
	}
}

func TestSortedIsIndependentOfOrder(t *testing.T) {
	var l List
	l.Wrong(Root("b"), "second")
	l.Unenforced(Root("a"), "third")
	l.Wrong(Root("a"), "other")
	l.Unenforced(Root("a"), "third")
	got := Sorted(slices.Clone(l))
	want := List{{"a", "third", NotEnforced, ""}, {"a", "other", WrongValue, ""}, {"b", "second", WrongValue, ""}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	slices.Reverse(l)
	if !slices.Equal(Sorted(l), want) {
		t.Errorf("reversed: got %v, want %v", l, want)
	}
}
