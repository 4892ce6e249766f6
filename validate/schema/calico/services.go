package calico

import "github.com/policyferry/policyferry/validate/schema/problem"

// servicesPlace: Services stand for the other side of a rule only.
func servicesPlace(r *rule) {
	if r.egress && r.Source.Services != nil {
		r.Wrong(r.at.Field("source").Field("services"), "services cannot stand in the source of an egress rule")
	}
	if !r.egress && r.Destination.Services != nil {
		r.Wrong(r.at.Field("destination").Field("services"), "services cannot stand in the destination of an ingress rule")
	}
}

// servicesNamespace: a policy without namespace has none to look for the Service in.
func servicesNamespace(r *rule) {
	services, at := r.Source.Services, r.at.Field("source")
	if r.egress {
		services, at = r.Destination.Services, r.at.Field("destination")
	}
	if r.global() && services != nil && services.Namespace == "" {
		r.Wrong(at.Field("services"), "services in a %s need a namespace", r.Kind)
	}
}

// servicesWithoutPorts: a Service as destination brings its own ports.
func servicesWithoutPorts(r *rule) {
	if r.Destination.Services == nil {
		return
	}
	at := r.at.Field("destination")
	if len(r.Destination.Ports) > 0 {
		r.Wrong(at.Field("ports"), "ports cannot stand beside services")
	}
	if len(r.Destination.NotPorts) > 0 {
		r.Wrong(at.Field("notPorts"), "notPorts cannot stand beside services")
	}
}

func serviceName(e *entity) {
	if e.Services != nil && e.Services.Name == "" {
		e.Wrong(e.at.Field("services"), "services need a name")
	}
}

func serviceFields(e *entity) {
	if e.Services == nil {
		return
	}
	at := e.at.Field("services")
	subdomain(e.List, e.Services.Name, at.Field("name"))
	subdomain(e.List, e.Services.Namespace, at.Field("namespace"))
}

// serviceStandsAlone: a Service says whom the rule is about by itself.
func serviceStandsAlone(e *entity) {
	if e.Services == nil {
		return
	}
	others := []struct {
		field string
		given bool
	}{
		{"selector", e.Selector != ""},
		{"notSelector", e.NotSelector != ""},
		{"namespaceSelector", e.NamespaceSelector != ""},
		{"serviceAccounts", e.ServiceAccounts != nil},
		{"nets", len(e.Nets) > 0},
		{"notNets", len(e.NotNets) > 0},
	}
	for _, other := range others {
		if other.given {
			e.Wrong(e.at.Field(other.field), "%s cannot stand beside services", other.field)
		}
	}
}

// subdomain judges a name that may be absent.
func subdomain(problems *problem.List, name string, at *problem.Path) {
	if name != "" && !isName(name) {
		problems.Wrong(at, "%q is not a name: lower case letters, digits and - in parts joined by dots", name)
	}
}
