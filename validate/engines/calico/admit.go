package calico

import (
	"fmt"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/calico/libcalico-go/lib/names"
	calicoresources "github.com/projectcalico/calico/libcalico-go/lib/resources"
	validator "github.com/projectcalico/calico/libcalico-go/lib/validator/v3"
)

// admitter does with projectcalico.org/v3 objects what libcalico-go/lib/clientv3 does before it stores
// them. Its client cannot be had without a datastore, so the few lines around its validator are restated.
type admitter struct {
	options options
}

// admit fills in the defaults and validates. The tier's existence is not checked here: that is a
// property of the set.
func (a admitter) admit(object calicoObject) error {
	switch o := object.(type) {
	case *apiv3.NetworkPolicy:
		a.defaultTypes(o.Spec.Ingress, o.Spec.Egress, &o.Spec.Types)
	case *apiv3.GlobalNetworkPolicy:
		a.defaultTypes(o.Spec.Ingress, o.Spec.Egress, &o.Spec.Types)
	case *apiv3.StagedNetworkPolicy:
		if strings.HasPrefix(o.Name, names.K8sNetworkPolicyNamePrefix) {
			return fmt.Errorf("a staged policy cannot have a name that begins with %s", names.K8sNetworkPolicyNamePrefix)
		}
		a.stagedTypes(o.Spec.StagedAction, o.Spec.Ingress, o.Spec.Egress, &o.Spec.Types)
	case *apiv3.StagedGlobalNetworkPolicy:
		a.stagedTypes(o.Spec.StagedAction, o.Spec.Ingress, o.Spec.Egress, &o.Spec.Types)
	case *apiv3.Tier:
		calicoresources.DefaultTierFields(o)
	}
	if a.options.withoutValidation {
		return nil
	}
	if err := validator.Validate(object); err != nil {
		return err
	}
	if tier, tiered := tierOf(object); tiered {
		return names.ValidateTieredPolicyName(object.GetObjectMeta().GetName(), tier)
	}
	return nil
}

// defaultTypes is clientv3's defaultPolicyTypesField (globalnetworkpolicy.go): a policy without egress
// rules governs ingress, one with egress rules only governs egress, one with both both.
func (a admitter) defaultTypes(ingress, egress []apiv3.Rule, types *[]apiv3.PolicyType) {
	switch {
	case len(*types) > 0 || a.options.withoutTypesDefault:
	case len(egress) == 0:
		*types = []apiv3.PolicyType{apiv3.PolicyTypeIngress}
	case len(ingress) == 0:
		*types = []apiv3.PolicyType{apiv3.PolicyTypeEgress}
	default:
		*types = []apiv3.PolicyType{apiv3.PolicyTypeIngress, apiv3.PolicyTypeEgress}
	}
}

// stagedTypes is the same for staged policies, of which a deletion has no types (stagednetworkpolicy.go).
func (a admitter) stagedTypes(action apiv3.StagedAction, ingress, egress []apiv3.Rule, types *[]apiv3.PolicyType) {
	if action == apiv3.StagedActionDelete {
		*types = nil
		return
	}
	a.defaultTypes(ingress, egress, types)
}

// tierOf gives the tier that a policy names in its spec.
func tierOf(object calicoObject) (tier string, tiered bool) {
	switch o := object.(type) {
	case *apiv3.NetworkPolicy:
		tier = o.Spec.Tier
	case *apiv3.GlobalNetworkPolicy:
		tier = o.Spec.Tier
	case *apiv3.StagedNetworkPolicy:
		tier = o.Spec.Tier
	case *apiv3.StagedGlobalNetworkPolicy:
		tier = o.Spec.Tier
	default:
		return "", false
	}
	return names.TierOrDefault(tier), true
}
