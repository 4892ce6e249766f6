package cilium

// portName is a name that rules of one tier use for a port.
type portName struct {
	tier     tier
	protocol uint8
	name     string
}

// endsOf tells how far named ports of the subject reach on ingress. endPort makes a range of them too; of rules for one
// name, the first decides for all (pkg/policy/l4.go, toMapState and exactLookupFilter). On egress it means nothing.
func endsOf(rules []*rule) map[portName]uint16 {
	ends := map[portName]uint16{}
	for _, r := range rules {
		for _, m := range r.ports {
			at := portName{r.tier, m.protocol, m.name}
			if _, taken := ends[at]; m.name != "" && !taken && !r.peers.nobody {
				ends[at] = m.end
			}
		}
	}
	return ends
}

// nameNumbers gives every subject the one number that each port name has in the whole cluster, which is how releases
// before 1.20 resolve names on egress. A name with several numbers has none
// (pkg/types/portmap.go, namedPortMultiMap.GetNamedPort).
func (w *world) nameNumbers() {
	if w.settings.release.since(1, 20) {
		return
	}
	numbers := map[portName]map[uint16]bool{}
	for _, p := range w.pods {
		for name, port := range p.identity.ports {
			at := portName{protocol: port.protocol, name: name}
			if numbers[at] == nil {
				numbers[at] = map[uint16]bool{}
			}
			numbers[at][port.port] = true
		}
	}
	shared := map[uint8]map[string]namedPort{protocolTCP: {}, protocolUDP: {}, protocolSCTP: {}}
	for at, ports := range numbers {
		for port := range ports {
			if len(ports) == 1 && shared[at.protocol] != nil {
				shared[at.protocol][at.name] = namedPort{protocol: at.protocol, port: port}
			}
		}
	}
	for _, p := range w.pods {
		p.policed.shared = shared
	}
	for _, n := range w.nodes {
		n.policed.shared = shared
	}
}
