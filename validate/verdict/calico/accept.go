package calico

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/calico/libcalico-go/lib/selector"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// The forms of names (libcalico-go/lib/validator/v3/validator.go).
const label = `[a-z0-9]([-a-z0-9]*[a-z0-9])?`

var (
	nameForm           = regexp.MustCompile(`^` + label + `(\.` + label + `)*$`)
	tierNameForm       = regexp.MustCompile(`^` + label + `$`)
	interfaceForm      = regexp.MustCompile(`^(\*|[a-zA-Z0-9_.-]{1,15})$`)
	globalNameForm     = regexp.MustCompile(`^(` + label + `\.)?` + label + `$`)
	namespacedNameForm = regexp.MustCompile(`^` + label + `(\.` + label + `)?$`)
)

// spec is what the validation of both kinds of Calico policy looks at.
type spec struct {
	tier            string
	types           []apiv3.PolicyType
	ingress, egress []apiv3.Rule
	selector        string
	selectors       map[string]string // policy-level selectors by field
	global          bool
	preDNAT         bool
	doNotTrack      bool
	applyOnForward  bool
}

func specOf(s *apiv3.NetworkPolicySpec) *spec {
	return &spec{
		tier: s.Tier, types: s.Types, ingress: s.Ingress, egress: s.Egress,
		selectors: map[string]string{"selector": s.Selector, "serviceAccountSelector": s.ServiceAccountSelector},
	}
}

func globalSpecOf(s *apiv3.GlobalNetworkPolicySpec) *spec {
	return &spec{
		tier: s.Tier, types: s.Types, ingress: s.Ingress, egress: s.Egress, global: true,
		preDNAT: s.PreDNAT, doNotTrack: s.DoNotTrack, applyOnForward: s.ApplyOnForward,
		selectors: map[string]string{
			"selector": s.Selector, "serviceAccountSelector": s.ServiceAccountSelector, "namespaceSelector": s.NamespaceSelector,
		},
	}
}

// refuse says why Calico would not enforce a policy, or nothing. The API validates what goes through it; a raw object
// meets only Felix's own check, and one that fails it is treated as absent (felix/calc/validation_filter.go).
func (b *builder) refuse(o object, name string, form *regexp.Regexp, s *spec) string {
	if o.raw {
		return s.refusedByFelix(b.version)
	}
	if !form.MatchString(name) {
		return fmt.Sprintf("the name %q has a form that Calico does not accept", name)
	}
	tier := s.tier
	if tier == "" {
		tier = "default"
	}
	// Up to 3.31 the name of a policy outside the default tier begins with its tier, and a dot means nothing else
	// (libcalico-go/lib/names/policy.go, ValidateTieredPolicyName).
	before, _, dotted := strings.Cut(name, ".")
	if !b.version.atLeast(3, 32) && (dotted && before != tier && before != "ossg" || !dotted && tier != "default") {
		return fmt.Sprintf("the name %q does not begin with its tier, %q", name, tier+".")
	}
	return s.refusedByAPI(b.version)
}

func (s *spec) refusedByAPI(v version) string {
	for _, field := range []string{"selector", "serviceAccountSelector", "namespaceSelector"} {
		text := s.selectors[field]
		if err := selector.Validate(text); err != nil {
			return fmt.Sprintf("spec.%s: %s", field, err)
		}
		if strings.Contains(text, "global()") {
			return fmt.Sprintf("spec.%s: global() is for the namespaceSelector of a rule only", field)
		}
	}
	for i, t := range s.types {
		if t != apiv3.PolicyTypeIngress && t != apiv3.PolicyTypeEgress {
			return fmt.Sprintf("spec.types: %q is neither Ingress nor Egress", t)
		}
		if slices.Contains(s.types[:i], t) {
			return fmt.Sprintf("spec.types: %s stands twice", t)
		}
	}
	switch {
	case s.preDNAT && s.doNotTrack:
		return "preDNAT and doNotTrack exclude each other"
	case s.preDNAT && (len(s.egress) > 0 || slices.Contains(s.types, apiv3.PolicyTypeEgress)):
		return "preDNAT policy has no egress"
	case (s.preDNAT || s.doNotTrack) && !s.applyOnForward:
		return "preDNAT and doNotTrack need applyOnForward"
	}
	return s.eachRule(func(r *apiv3.Rule, d direction) string {
		if problem := refusedPlace(r, d, s.global); problem != "" {
			return problem
		}
		return refusedRule(r, v)
	})
}

// eachRule asks about every rule and names the first that has a problem.
func (s *spec) eachRule(ask func(*apiv3.Rule, direction) string) string {
	for _, list := range []struct {
		name      string
		direction direction
		rules     []apiv3.Rule
	}{{"ingress", ingress, s.ingress}, {"egress", egress, s.egress}} {
		for i := range list.rules {
			if problem := ask(&list.rules[i], list.direction); problem != "" {
				return fmt.Sprintf("spec.%s[%d]: %s", list.name, i, problem)
			}
		}
	}
	return ""
}

// refusedPlace checks what is allowed in one direction only.
func refusedPlace(r *apiv3.Rule, d direction, global bool) string {
	remote, local := &r.Source, &r.Destination
	if d == egress {
		remote, local = local, remote
	}
	switch {
	case r.HTTP != nil && d == egress:
		return "http is for ingress rules only"
	case local.Services != nil:
		return "services stand in the source of ingress rules and the destination of egress rules only"
	case remote.Services != nil && global && remote.Services.Namespace == "":
		return "services in a GlobalNetworkPolicy name their namespace"
	}
	return ""
}

// refusedRule checks one rule (libcalico-go/lib/validator/v3/validator.go, validateRule and validateEntityRule).
func refusedRule(r *apiv3.Rule, v version) string {
	if !slices.Contains([]apiv3.Action{apiv3.Allow, apiv3.Deny, apiv3.Log, apiv3.Pass}, r.Action) {
		return fmt.Sprintf("action %q is none of Allow, Deny, Log, Pass", r.Action)
	}
	if r.IPVersion != nil && *r.IPVersion != 4 && *r.IPVersion != 6 {
		return "ipVersion is neither 4 nor 6"
	}
	for _, check := range []func(*apiv3.Rule, version) string{refusedProtocol, refusedICMP, refusedHTTP, refusedPorts, refusedNets} {
		if problem := check(r, v); problem != "" {
			return problem
		}
	}
	for _, e := range []*apiv3.EntityRule{&r.Source, &r.Destination} {
		if problem := refusedEntity(e); problem != "" {
			return problem
		}
	}
	if s := r.Destination; s.Services != nil && len(s.Ports)+len(s.NotPorts) > 0 {
		return "destination.services excludes ports and notPorts"
	}
	return ""
}

func refusedEntity(e *apiv3.EntityRule) string {
	selectors := map[string]string{"selector": e.Selector, "namespaceSelector": e.NamespaceSelector, "notSelector": e.NotSelector}
	if e.ServiceAccounts != nil {
		selectors["serviceAccounts.selector"] = e.ServiceAccounts.Selector
	}
	for _, field := range []string{"selector", "namespaceSelector", "notSelector", "serviceAccounts.selector"} {
		if err := selector.Validate(selectors[field]); err != nil {
			return fmt.Sprintf("%s: %s", field, err)
		}
	}
	if strings.Contains(e.Selector, "global()") {
		return "selector: global() is for namespaceSelector only"
	}
	if strings.Contains(e.NamespaceSelector, "global(") && strings.Trim(e.NamespaceSelector, " \t") != "global()" {
		return "namespaceSelector: global() stands alone"
	}
	if e.Services == nil {
		return ""
	}
	if e.Services.Name == "" {
		return "services names a Service"
	}
	if e.NamespaceSelector+e.Selector+e.NotSelector != "" || e.ServiceAccounts != nil || len(e.Nets)+len(e.NotNets) > 0 {
		return "services excludes selectors, serviceAccounts and nets"
	}
	return ""
}

// refusedMetadata checks names, labels and annotations, as the Kubernetes API server and Calico's both do.
func refusedMetadata(m metav1.Object) string {
	if len(validation.IsDNS1123Subdomain(m.GetName())) > 0 {
		return fmt.Sprintf("the name %q is not a DNS name", m.GetName())
	}
	labels := m.GetLabels()
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		if v := labels[k]; len(validation.IsQualifiedName(k))+len(validation.IsValidLabelValue(v)) > 0 {
			return fmt.Sprintf("the label %s: %q has a form that the API does not accept", k, v)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(m.GetAnnotations())) {
		if len(validation.IsQualifiedName(strings.ToLower(k))) > 0 {
			return fmt.Sprintf("the annotation %q has a form that the API does not accept", k)
		}
	}
	return ""
}

// refusedPortName is the form of a named port.
func refusedPortName(name string) bool { return len(validation.IsValidPortName(name)) > 0 }
