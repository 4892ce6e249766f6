package calico

import (
	"net"

	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// maxInterfaceName is the length of the longest name of an interface in Linux.
const maxInterfaceName = 15

func judgeHostEndpoint(problems *problem.List, o Object) {
	var spec v3.HostEndpointSpec
	if !read(problems, o, &spec, func() any { return new(v3.HostEndpointSpec) }) {
		return
	}
	at := problem.Root("spec")
	if o.Raw {
		felixHostEndpoint(problems, &spec, at)
	} else {
		endpointNode(problems, &spec, at)
		endpointInterface(problems, &spec, at)
		endpointAddresses(problems, &spec, at)
		endpointProfiles(problems, &spec, at)
		endpointPorts(problems, &spec, at)
	}
	if !o.Raw || o.Release >= 32 {
		endpointPlace(problems, &spec, at)
	}
	if o.Release >= 32 {
		differ(problems, spec.ExpectedIPs, at.Field("expectedIPs"))
		differ(problems, spec.Profiles, at.Field("profiles"))
	}
}

// endpointPlace: a host endpoint is an interface or some addresses of a node.
func endpointPlace(problems *problem.List, spec *v3.HostEndpointSpec, at *problem.Path) {
	if spec.InterfaceName == "" && len(spec.ExpectedIPs) == 0 {
		problems.Wrong(at, "a host endpoint needs interfaceName or expectedIPs")
	}
	if spec.Node == "" {
		problems.Wrong(at, "a host endpoint needs node")
	}
}

func endpointNode(problems *problem.List, spec *v3.HostEndpointSpec, at *problem.Path) {
	subdomain(problems, spec.Node, at.Field("node"))
}

func endpointInterface(problems *problem.List, spec *v3.HostEndpointSpec, at *problem.Path) {
	name := spec.InterfaceName
	if name != "" && name != "*" && !isWord(name, maxInterfaceName) {
		problems.Wrong(at.Field("interfaceName"), "%q is neither * nor the name of an interface: up to 15 letters, digits, _, . and -", name)
	}
}

func endpointAddresses(problems *problem.List, spec *v3.HostEndpointSpec, at *problem.Path) {
	for i, text := range spec.ExpectedIPs {
		if net.ParseIP(text) == nil {
			problems.Wrong(at.Field("expectedIPs").Item(i), "%q is not an address", text)
		}
	}
}

func endpointProfiles(problems *problem.List, spec *v3.HostEndpointSpec, at *problem.Path) {
	for i, name := range spec.Profiles {
		if !isName(name) {
			problems.Wrong(at.Field("profiles").Item(i), "%q is not the name of a profile", name)
		}
	}
}

func endpointPorts(problems *problem.List, spec *v3.HostEndpointSpec, at *problem.Path) {
	for i, port := range spec.Ports {
		at := at.Field("ports").Item(i)
		portName(problems, port.Name, at.Field("name"))
		if port.Port == 0 {
			problems.Wrong(at.Field("port"), "0 is not a port: they begin at 1")
		}
		protocolName(problems, port.Protocol, at.Field("protocol"))
		if !port.Protocol.SupportsPorts() {
			problems.Wrong(at.Field("protocol"), "%s has no ports: TCP, UDP or SCTP", port.Protocol.String())
		}
	}
}
