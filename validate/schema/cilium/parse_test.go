package cilium

import (
	"encoding/json"
	"log/slog"
	"testing"

	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"

	"github.com/policyferry/policyferry/translate/cluster"
)

// TestAgainstParse holds the verdicts to the function with which the agent takes in a policy. It does more than to
// sanitize the rules, but nothing else that refuses one.
func TestAgainstParse(t *testing.T) {
	specs := append([]string{}, accepted...)
	for _, tc := range refused {
		specs = append(specs, tc.spec)
	}
	specs = append(specs, `{nodeSelector: {}, ingress: [{}]}`)
	for _, spec := range specs {
		for _, namespace := range []string{"", "shop"} {
			object := policy(t, spec)
			object["metadata"] = map[string]any{"name": "a", "namespace": namespace}
			got := len(Policy(object, nil, namespace == "", cluster.CiliumSettings{})) == 0
			if want := parses(t, object); got != want {
				t.Errorf("%s in namespace %q: accepted %v, by the agent %v", spec, namespace, got, want)
			}
		}
	}
}

func parses(t *testing.T, object map[string]any) bool {
	raw, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var cnp ciliumv2.CiliumNetworkPolicy
	if json.Unmarshal(raw, &cnp) != nil {
		return false
	}
	_, err = cnp.Parse(slog.New(slog.DiscardHandler), "default")
	return err == nil
}
