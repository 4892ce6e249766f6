package calico

import (
	"github.com/projectcalico/api/pkg/lib/numorstring"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// portList is one of the lists of ports of a rule.
type portList struct {
	at    *problem.Path
	ports []numorstring.Port
}

func (r *rule) portLists() []portList {
	source, destination := r.at.Field("source"), r.at.Field("destination")
	return []portList{
		{source.Field("ports"), r.Source.Ports},
		{source.Field("notPorts"), r.Source.NotPorts},
		{destination.Field("ports"), r.Destination.Ports},
		{destination.Field("notPorts"), r.Destination.NotPorts},
	}
}

// portLists are those of the entity alone.
func (e *entity) portLists() []portList {
	return []portList{{e.at.Field("ports"), e.Ports}, {e.at.Field("notPorts"), e.NotPorts}}
}

// portNumbers: a port is a number from 1 to 65535, a range of them, or a name as a container port has it. Reading has
// refused a range whose ends are the wrong way round.
func portNumbers(e *entity) {
	for _, list := range e.portLists() {
		for i, port := range list.ports {
			portNumber(e.List, port, list.at.Item(i))
		}
	}
}

func portNumber(problems *problem.List, port numorstring.Port, at *problem.Path) {
	if port.PortName != "" {
		portName(problems, port.PortName, at)
		return
	}
	if port.MinPort < 1 {
		problems.Wrong(at, "%s is not a port: they begin at 1", port.String())
	}
}

func portName(problems *problem.List, name string, at *problem.Path) {
	for _, message := range validation.IsValidPortName(name) {
		problems.Wrong(at, "%q is not the name of a port: %s", name, message)
	}
}

// portsNeedProtocol: only TCP, UDP and SCTP have ports. Since Calico 3.32 a rule without protocol may have them if all
// are names, which bring their own.
func portsNeedProtocol(r *rule) {
	if r.Protocol != nil && r.Protocol.SupportsPorts() {
		return
	}
	for _, list := range r.portLists() {
		if len(list.ports) == 0 || r.Protocol == nil && r.Release >= 32 && allNamed(list.ports) {
			continue
		}
		r.Wrong(list.at, "ports need the protocol TCP, UDP or SCTP")
	}
}

func allNamed(ports []numorstring.Port) bool {
	for _, port := range ports {
		if port.PortName == "" {
			return false
		}
	}
	return true
}
