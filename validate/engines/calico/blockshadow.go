package calico

// blockShadow restates a defect of Felix's renderer. A rule with several alternatives in several fields
// is rendered as blocks, and the scratch mark is not cleared between the second block and those after
// it: once the second block has matched, the third and fourth pass whatever the packet
// (felix/rules/policy.go, matchBlockBuilder.finishPositiveBlock). Whether a packet that only these
// blocks would keep out is matched on the nodes is therefore not what the rule says. The shadow stands
// behind its rule, lacks those blocks, and makes the verdict unknown.
func (c *compiler) blockShadow(r rule) (shadow rule, ok bool) {
	if c.options.withoutBlockShadow || c.dataplane == dataplaneEBPF || r.action == actionLog {
		return r, false
	}
	blocks := 0
	overflows := func(isBlock bool) bool {
		if isBlock {
			blocks++
		}
		return isBlock && blocks > 2
	}
	shadow = r
	// The order is the one of ProtoRuleToIptablesRules.
	if overflows(portSlots(r.source.ports)+len(r.source.namedPorts) > 1) {
		shadow.source.ports, shadow.source.namedPorts, ok = nil, nil, true
	}
	if overflows(portSlots(r.destination.ports)+len(r.destination.namedPorts) > 1) {
		shadow.destination.ports, shadow.destination.namedPorts, ok = nil, nil, true
	}
	if overflows(len(r.source.nets) > 1) {
		shadow.source.nets, ok = nil, true
	}
	if overflows(len(r.destination.nets) > 1) {
		shadow.destination.nets, ok = nil, true
	}
	shadow.unsure = "Felix's rendering of a rule with three or more lists loses the third (felix/rules/policy.go, finishPositiveBlock)"
	return shadow, ok
}

// portSlots counts the groups into which Felix splits a port list: 15 slots each, a range takes two
// (felix/rules/policy.go, SplitPortList).
func portSlots(ports []portRange) int {
	groups, free := 0, 0
	for _, r := range ports {
		need := 1
		if r.first != r.last {
			need = 2
		}
		if free < need {
			groups++
			free = 15
		}
		free -= need
	}
	return groups
}
