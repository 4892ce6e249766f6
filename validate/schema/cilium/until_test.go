package cilium

import (
	"encoding/json"
	"testing"
)

func TestUntil(t *testing.T) {
	const spec = `{ingress: [{fromRequires: [{}], toPorts: [{ports: [{port: "1"}], rules: {kafka: [{}]}}, {rules: {http: [{}], l7: [{}]}}, {rules: {}}]}], egress: [{toRequires: [{}]}]}`
	tests := []struct {
		minor int
		want  string
	}{
		{20, `{ingress: [{fromRequires: [{}], toPorts: [{ports: [{port: "1"}], rules: {kafka: [{}]}}, {rules: {http: [{}], l7: [{}]}}, {rules: {}}]}], egress: [{toRequires: [{}]}]}`},
		{19, `{ingress: [{fromRequires: [{}], toPorts: [{ports: [{port: "1"}]}, {rules: {http: [{}]}}, {rules: {}}]}], egress: [{toRequires: [{}]}]}`},
		{18, `{ingress: [{toPorts: [{ports: [{port: "1"}]}, {rules: {http: [{}]}}, {rules: {}}]}], egress: [{}]}`},
	}
	for _, tc := range tests {
		object := policy(t, spec)
		before := asJSON(t, object)
		if got, want := asJSON(t, Until(object, tc.minor)), asJSON(t, policy(t, tc.want)); got != want {
			t.Errorf("1.%d\ngot  %s\nwant %s", tc.minor, got, want)
		}
		if asJSON(t, object) != before {
			t.Errorf("1.%d: the object was changed", tc.minor)
		}
	}
}

func asJSON(t *testing.T, object map[string]any) string {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
