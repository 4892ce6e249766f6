package calico

import (
	"net"
	"slices"
	"strings"

	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"
	"github.com/projectcalico/calico/libcalico-go/lib/selector"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// What nobody has validated reaches Felix as it is. Felix converts it to its own model
// (libcalico-go/lib/backend/syncersv1/updateprocessors), and what is wrong with that model
// (libcalico-go/lib/validator/v1) makes it treat the whole object as missing (felix/calc/validation_filter.go): the
// traffic that a policy was to deny is then allowed. What the conversion cannot read it leaves out.

const treatedAsMissing = "Felix treats the whole policy as missing: "

func felixPolicy(p *policy) {
	if selector.Validate(p.spec.Selector) != nil {
		p.Unenforced(p.at.Field("selector"), treatedAsMissing+"%q is not a selector", p.spec.Selector)
	}
	for _, s := range p.selectors()[1:] {
		if selector.Validate(s.text) != nil {
			p.Ignored(p.at.Field(s.field), "Felix passes over %q, which is not a selector, and the policy selects more", s.text)
		}
	}
	felixTier(p)
	felixTypes(p)
	for i, hint := range p.spec.PerformanceHints {
		if hint != v3.PerfHintAssumeNeededOnEveryNode || slices.Contains(p.spec.PerformanceHints[:i], hint) {
			p.Unenforced(p.at.Field("performanceHints").Item(i), treatedAsMissing+"%q is unknown or stands twice", hint)
		}
	}
}

// felixTier: up to Calico 3.31 Felix takes the tier from the name alone.
func felixTier(p *policy) {
	if p.Release < 29 || p.Release >= 32 || formatted(p.Name) {
		return
	}
	inName, _, dotted := strings.Cut(p.Name, ".")
	if !dotted {
		inName = "default"
	}
	if p.spec.Tier != "" && p.spec.Tier != inName {
		p.Ignored(p.at.Field("tier"), "Felix takes the tier from the name and puts the policy into %s", inName)
	}
}

func felixTypes(p *policy) {
	for i, t := range p.spec.Types {
		if !strings.EqualFold(string(t), "ingress") && !strings.EqualFold(string(t), "egress") {
			p.Ignored(p.at.Field("types").Item(i), "Felix knows ingress and egress and passes over %q", t)
		}
	}
}

func felixRule(r *rule) {
	felixAction(r)
	if r.IPVersion != nil && *r.IPVersion != 4 && *r.IPVersion != 6 {
		r.Unenforced(r.at.Field("ipVersion"), treatedAsMissing+"%d is neither 4 nor 6", *r.IPVersion)
	}
	for field, protocol := range r.protocols() {
		felixProtocol(r, protocol, r.at.Field(field))
	}
	felixPorts(r)
	for _, m := range r.icmpMatches() {
		if m.Type != nil && (*m.Type < 0 || *m.Type > 254) || m.Code != nil && (*m.Code < 0 || *m.Code > 255) {
			r.Unenforced(m.at, treatedAsMissing+"a type or code that does not exist")
		}
	}
}

// felixAction: Felix reads actions in any spelling, and an empty one as Allow. One that it does not know stops it
// (felix/rules/policy.go).
func felixAction(r *rule) {
	known := []string{"", "allow", "deny", "log", "pass", "next-tier"}
	if !slices.Contains(known, strings.ToLower(string(r.Action))) {
		r.Unenforced(r.at.Field("action"), "Felix stops at the action %q", r.Action)
	}
}

// felixProtocol: Felix reads the names of protocols in any spelling.
func felixProtocol(r *rule, protocol numorstring.Protocol, at *problem.Path) {
	if number, err := protocol.NumValue(); err == nil {
		if number == 0 {
			r.Unenforced(at, treatedAsMissing+"0 is not a protocol")
		}
		return
	}
	names := []string{"tcp", "udp", "icmp", "icmpv6", "sctp", "udplite"}
	if !slices.Contains(names, strings.ToLower(protocol.StrVal)) {
		r.Unenforced(at, treatedAsMissing+"%q is not a protocol", protocol.StrVal)
	}
}

func felixPorts(r *rule) {
	supported := r.Protocol != nil && r.Protocol.ToV1().SupportsPorts()
	for _, list := range r.portLists() {
		if len(list.ports) > 0 && !supported && (r.Release < 32 || r.Protocol != nil || !allNamed(list.ports)) {
			r.Unenforced(list.at, treatedAsMissing+"ports need the protocol TCP, UDP or SCTP")
		}
		for i, port := range list.ports {
			if port.PortName == "" && port.MinPort < 1 || port.PortName != "" && len(validation.IsValidPortName(port.PortName)) > 0 {
				r.Unenforced(list.at.Item(i), treatedAsMissing+"%s is not a port", port.String())
			}
		}
	}
}

func felixEntity(e *entity) {
	for _, s := range e.selectors() {
		if selector.Validate(s.text) != nil {
			e.Unenforced(e.at.Field(s.field), treatedAsMissing+"%q is not a selector", s.text)
		}
	}
	if text, at := e.serviceAccountSelector(); selector.Validate(text) != nil {
		e.Unenforced(at, treatedAsMissing+"%q is not a selector", text)
	}
	serviceAccountNames(e)
	for _, list := range e.netLists() {
		for i, text := range list.nets {
			if !isNet(text) {
				e.Ignored(list.at.Item(i), "Felix leaves out %q, which is neither an address nor a CIDR", text)
			}
		}
	}
}

// felixSet: what is no network in a NetworkSet stops the conversion with it; in a GlobalNetworkSet it is left out.
func felixSet(problems *problem.List, o Object, nets []string, at *problem.Path) {
	for i, text := range nets {
		switch {
		case isNet(text):
		case o.Kind == v3.KindNetworkSet && text != "":
			problems.Unenforced(at.Item(i), "Felix stops at %q, which is neither an address nor a CIDR", text)
		default:
			problems.Ignored(at.Item(i), "Felix leaves out %q, which is neither an address nor a CIDR", text)
		}
	}
}

// maxModelName is the length of the longest name that the model takes for a profile or a port.
const maxModelName = 128

func felixHostEndpoint(problems *problem.List, spec *v3.HostEndpointSpec, at *problem.Path) {
	const missing = "Felix treats the host endpoint as missing: "
	if name := spec.InterfaceName; name != "" && name != "*" && !isWord(name, maxInterfaceName) {
		problems.Unenforced(at.Field("interfaceName"), missing+"%q is not the name of an interface", name)
	}
	for i, text := range spec.ExpectedIPs {
		if net.ParseIP(text) == nil {
			problems.Ignored(at.Field("expectedIPs").Item(i), "Felix leaves out %q, which is not an address", text)
		}
	}
	for i, name := range spec.Profiles {
		if !isWord(name, maxModelName) {
			problems.Unenforced(at.Field("profiles").Item(i), missing+"%q is not the name of a profile", name)
		}
	}
	for i, port := range spec.Ports {
		protocol := strings.ToLower(port.Protocol.String())
		if !isWord(port.Name, maxModelName) || port.Port == 0 || !slices.Contains([]string{"tcp", "udp", "sctp"}, protocol) {
			problems.Unenforced(at.Field("ports").Item(i), missing+"a port needs a name, a number from 1 and tcp, udp or sctp")
		}
	}
	if spec.Node == "" {
		problems.Unenforced(at, missing+"it names no node")
	}
	if spec.InterfaceName == "" && len(spec.ExpectedIPs) == 0 {
		problems.Unenforced(at, "neither interfaceName nor expectedIPs: it is nowhere")
	}
}
