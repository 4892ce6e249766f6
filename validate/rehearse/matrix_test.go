package rehearse

import (
	"slices"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
)

// TestMatrixInPart: what a proxy decides about is neither allowed nor unknown.
func TestMatrixInPart(t *testing.T) {
	const text = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  ingress:
  - fromEndpoints: [{matchLabels: {app: cart}}]
    toPorts:
    - {ports: [{port: "8080", protocol: TCP}], rules: {http: [{method: GET}]}}
    - {ports: [{port: "9090", protocol: TCP}]}
`
	var seen []string
	for _, r := range run(t, Options{To: compat.Calico}, inCast(t, "prod", text)).Estates[0].Matrix.Reaches {
		seen = append(seen, r.Before+" / "+r.After)
	}
	if want := "tcp/9090; in part: tcp/8080 / tcp/9090"; !slices.Contains(seen, want) {
		t.Errorf("%q, want %q", seen, want)
	}
}
