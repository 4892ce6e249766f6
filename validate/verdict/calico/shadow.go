package calico

import (
	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"
)

// cast returns what a defect of Felix may leave of a rule, or nil. A rule with alternatives in more than two fields is
// rendered as blocks, and a mark is not cleared between the second block and later ones: once the second has matched,
// the later ones pass whatever the packet (felix/rules/policy.go, matchBlockBuilder.finishPositiveBlock). A packet
// that only those blocks would keep out may or may not be matched.
func (r *rule) cast(from *apiv3.Rule) *rule {
	out := *r
	blocks, lost := 0, false
	drop := func(isBlock bool) bool {
		if isBlock {
			blocks++
		}
		lost = lost || isBlock && blocks > 2
		return isBlock && blocks > 2
	}
	// The order is that of ProtoRuleToIptablesRules.
	if drop(portBlocks(from.Source.Ports) > 1) {
		out.source.ports = nil
	}
	if drop(portBlocks(from.Destination.Ports) > 1) {
		out.destination.ports = nil
	}
	if drop(len(r.source.nets) > 1) {
		out.source.nets = nil
	}
	if drop(len(r.destination.nets) > 1) {
		out.destination.nets = nil
	}
	if !lost || r.action == actionLog {
		return nil
	}
	out.action, out.unsure = actionUnsure, "Felix's rendering of a rule with three or more lists may lose the third"
	return &out
}

// portBlocks counts the matches into which Felix splits a list of ports: each name is one, and 15 numbers are, of
// which a range takes two (felix/rules/policy.go, SplitPortList).
func portBlocks(list []numorstring.Port) int {
	blocks, free := 0, 0
	for _, p := range list {
		need := 1
		switch {
		case p.PortName != "":
			blocks++
			continue
		case p.MinPort != p.MaxPort:
			need = 2
		}
		if free < need {
			blocks++
			free = 15
		}
		free -= need
	}
	return blocks
}
