package calico

import (
	"reflect"
	"strings"
	"testing"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
)

// TestSyntaxHasCalicosFields holds the structs that are written to the fields of Calico's own types.
func TestSyntaxHasCalicosFields(t *testing.T) {
	for _, pair := range []struct{ ours, theirs any }{
		{policySpec{}, apiv3.GlobalNetworkPolicySpec{}}, {policyRule{}, apiv3.Rule{}}, {entityRule{}, apiv3.EntityRule{}},
		{icmpFields{}, apiv3.ICMPFields{}}, {accountMatch{}, apiv3.ServiceAccountMatch{}}, {serviceMatch{}, apiv3.ServiceMatch{}},
		{httpMatch{}, apiv3.HTTPMatch{}}, {httpPath{}, apiv3.HTTPPath{}}, {tierSpec{}, apiv3.TierSpec{}}, {setSpec{}, apiv3.GlobalNetworkSetSpec{}},
	} {
		theirs := jsonFields(pair.theirs)
		for name := range jsonFields(pair.ours) {
			if !theirs[name] {
				t.Errorf("%T has a field %s, and Calico's %T has none", pair.ours, name, pair.theirs)
			}
		}
	}
}

// TestEveryRuleFieldIsLowered fails when Calico's rules get a field that lowering does not know.
func TestEveryRuleFieldIsLowered(t *testing.T) {
	known := map[string]bool{"metadata": true, "source": true, "destination": true}
	for _, f := range ruleFields {
		known[f] = true
	}
	for name := range jsonFields(apiv3.Rule{}) {
		if !known[name] {
			t.Errorf("rules have a field %s that is not lowered", name)
		}
	}
	entity := jsonFields(apiv3.EntityRule{})
	for _, f := range entityFields {
		delete(entity, f)
	}
	for name := range entity {
		t.Errorf("entity rules have a field %s that is not lowered", name)
	}
}

func jsonFields(v any) map[string]bool {
	out := map[string]bool{}
	typ := reflect.TypeOf(v)
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		out[name] = true
	}
	return out
}
