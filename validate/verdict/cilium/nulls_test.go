package cilium

import "testing"

func TestCustom(t *testing.T) {
	for content, want := range map[string]string{
		`{"spec":{"a":1}}`: `{"spec":{"a":1}}`,
		`{"metadata":{"labels":{"a":null}},"specs":null,"spec":{"l":{"matchLabels":{"app":null,"x":"y"}},"n":[{"m":null}]}}`: `{"metadata":{"labels":{"a":null}},"spec":{"l":{"matchLabels":{"x":"y"}},"n":[{}]}}`,
	} {
		got, err := custom([]byte(content))
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s and %v, want %s", content, got, err, want)
		}
	}
	if _, err := custom([]byte(`{"spec":{"ingress":[{},{"fromEndpoints":[null]}]}}`)); err == nil || err.Error() != "spec.ingress[1].fromEndpoints[0] is null" {
		t.Errorf("got %v", err)
	}
}
