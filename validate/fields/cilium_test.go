package fields

import (
	"slices"
	"testing"

	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
)

// TestCiliumKinds holds the fields of Cilium's kinds to the types that Cilium defines.
func TestCiliumKinds(t *testing.T) {
	want := map[string][]Field{
		"CiliumNetworkPolicy":            cilium[ciliumv2.CiliumNetworkPolicy]("", true).Fields,
		"CiliumClusterwideNetworkPolicy": cilium[ciliumv2.CiliumClusterwideNetworkPolicy]("", false).Fields,
		"CiliumCIDRGroup":                cilium[ciliumv2.CiliumCIDRGroup]("", false).Fields,
	}
	for _, k := range Kinds() {
		if fields, ours := want[k.Kind]; ours && !slices.Equal(k.Fields, fields) {
			t.Errorf("%s: got %v, want %v", k.Kind, k.Fields, fields)
		}
	}
}
