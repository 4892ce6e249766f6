package calico

// An entry is a rule in the order of a tier, with a cheap test in front: most rules fail on the protocol
// or the destination port, and need not be looked at. Within a tier the first rule that is not Log
// decides whichever policy it is of, so that the policies' borders may go.
type entry struct {
	protocol    uint8 // 0: any
	ported      bool
	first, last uint16 // with ported: the destination port lies between them
	rule        *rule
	policy      *policy
}

func entriesOf(policies []*policy, d direction, family int) []entry {
	var entries []entry
	for _, pol := range policies {
		rules := pol.rules[d][family]
		for i := range rules {
			if rules[i].action != actionLog {
				entries = append(entries, entryOf(pol, &rules[i]))
			}
		}
	}
	return entries
}

func entryOf(pol *policy, r *rule) entry {
	e := entry{protocol: r.protocol, rule: r, policy: pol}
	if ports := r.destination.ports; len(ports) > 0 && len(r.destination.namedPorts) == 0 {
		e.ported, e.first, e.last = true, ports[0].first, ports[0].last
		for _, other := range ports[1:] {
			e.first, e.last = min(e.first, other.first), max(e.last, other.last)
		}
	}
	return e
}

func (e *entry) mayMatch(p *packet) bool {
	if e.protocol != 0 && e.protocol != p.protocol {
		return false
	}
	return !e.ported || e.first <= p.destinationPort && p.destinationPort <= e.last
}
