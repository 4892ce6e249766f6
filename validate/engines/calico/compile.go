package calico

import (
	"fmt"
	"net/netip"

	"github.com/projectcalico/calico/felix/proto"
	"github.com/projectcalico/calico/felix/rules"
)

// A compiler turns computed rules into rules that match without parsing.
type compiler struct {
	sets      map[string]*ipSet
	dataplane string
	options   options
}

// compile gives the rules for both families. Felix renders each rule once per family and leaves out
// those that a family's filter empties (felix/rules/policy.go, FilterRuleToIPVersion).
func (c *compiler) compile(computed []*proto.Rule) (compiled [2][]rule, err error) {
	for _, original := range computed {
		for family, version := range []uint8{4, 6} {
			filtered := original
			if !c.options.withoutVersionFilter {
				filtered = rules.FilterRuleToIPVersion(version, original)
			}
			if filtered == nil {
				continue
			}
			r, err := c.rule(filtered)
			if err != nil {
				return compiled, err
			}
			compiled[family] = append(compiled[family], r)
			if shadow, ok := c.blockShadow(r); ok {
				compiled[family] = append(compiled[family], shadow)
			}
		}
	}
	return compiled, nil
}

func (c *compiler) rule(from *proto.Rule) (r rule, err error) {
	if r.action, err = actionOf(from.Action); err != nil {
		return r, err
	}
	if r.protocol, r.unsure, err = c.protocol(from.Protocol); err != nil {
		return r, err
	}
	notUnsure := ""
	if r.notProtocol, notUnsure, err = c.protocol(from.NotProtocol); err != nil {
		return r, err
	}
	if r.unsure == "" {
		r.unsure = notUnsure
	}
	r.http = from.HttpMatch != nil
	if !c.options.withoutICMP {
		r.icmp = icmpOf(from)
		r.notICMP = notICMPOf(from)
	}
	if r.source, err = c.source(from); err != nil {
		return r, err
	}
	r.destination, err = c.destination(from)
	return r, err
}

// actionOf knows the actions of felix/rules/policy.go, CombineMatchAndActionsForProtoRule.
func actionOf(name string) (action, error) {
	switch name {
	case "", "allow":
		return actionAllow, nil
	case "deny":
		return actionDeny, nil
	case "next-tier", "pass":
		return actionPass, nil
	case "log":
		return actionLog, nil
	}
	return 0, fmt.Errorf("unknown action %q", name)
}

// protocol reads a protocol match. In eBPF mode the program generator knows no number for the names
// icmpv6 and udplite (felix/bpf/polprog/pol_prog_builder.go), so what such a rule does there is unknown.
func (c *compiler) protocol(match *proto.Protocol) (number uint8, unsure string, err error) {
	switch m := match.GetNumberOrName().(type) {
	case *proto.Protocol_Number:
		return uint8(m.Number), "", nil
	case *proto.Protocol_Name:
		number, err = protocolNumber(m.Name)
		if c.dataplane == dataplaneEBPF && (number == protoICMPv6 || number == protoUDPLite) {
			unsure = "the eBPF dataplane has no number for protocol name " + m.Name
		}
		return number, unsure, err
	}
	return 0, "", nil
}

func icmpOf(from *proto.Rule) icmpMatch {
	switch m := from.Icmp.(type) {
	case *proto.Rule_IcmpType:
		return icmpMatch{set: true, typ: uint8(m.IcmpType)}
	case *proto.Rule_IcmpTypeCode:
		return icmpMatch{set: true, withCode: true, typ: uint8(m.IcmpTypeCode.Type), code: uint8(m.IcmpTypeCode.Code)}
	}
	return icmpMatch{}
}

func notICMPOf(from *proto.Rule) icmpMatch {
	switch m := from.NotIcmp.(type) {
	case *proto.Rule_NotIcmpType:
		return icmpMatch{set: true, typ: uint8(m.NotIcmpType)}
	case *proto.Rule_NotIcmpTypeCode:
		return icmpMatch{set: true, withCode: true, typ: uint8(m.NotIcmpTypeCode.Type), code: uint8(m.NotIcmpTypeCode.Code)}
	}
	return icmpMatch{}
}

func (c *compiler) source(from *proto.Rule) (side, error) {
	var b sideBuilder
	s := side{
		nets: b.nets(from.SrcNet), notNets: b.nets(from.NotSrcNet),
		sets: b.sets(c, from.SrcIpSetIds), notSets: b.sets(c, from.NotSrcIpSetIds),
		ports: portRanges(from.SrcPorts), notPorts: portRanges(from.NotSrcPorts),
		namedPorts:    b.sets(c, from.SrcNamedPortIpSetIds),
		notNamedPorts: b.sets(c, from.NotSrcNamedPortIpSetIds),
	}
	return s, b.err
}

func (c *compiler) destination(from *proto.Rule) (side, error) {
	var b sideBuilder
	s := side{
		nets: b.nets(from.DstNet), notNets: b.nets(from.NotDstNet),
		sets: b.sets(c, from.DstIpSetIds), notSets: b.sets(c, from.NotDstIpSetIds),
		ports: portRanges(from.DstPorts), notPorts: portRanges(from.NotDstPorts),
		namedPorts:    b.sets(c, from.DstNamedPortIpSetIds),
		notNamedPorts: b.sets(c, from.NotDstNamedPortIpSetIds),
		services:      b.sets(c, from.DstIpPortSetIds),
	}
	if c.options.withoutNamedPorts {
		s.namedPorts, s.notNamedPorts = nil, nil
	}
	return s, b.err
}

// A sideBuilder keeps the first error of its steps.
type sideBuilder struct{ err error }

func (b *sideBuilder) nets(texts []string) []netip.Prefix {
	var nets []netip.Prefix
	for _, text := range texts {
		net, err := netip.ParsePrefix(text)
		if err != nil && b.err == nil {
			b.err = err
		}
		nets = append(nets, net.Masked())
	}
	return nets
}

func (b *sideBuilder) sets(c *compiler, ids []string) []*ipSet {
	var sets []*ipSet
	for _, id := range ids {
		set := c.sets[id]
		if set == nil && b.err == nil {
			b.err = fmt.Errorf("the calculation graph sent no IP set %s", id)
		}
		sets = append(sets, set)
	}
	return sets
}

func portRanges(ranges []*proto.PortRange) []portRange {
	var list []portRange
	for _, r := range ranges {
		list = append(list, portRange{uint16(r.First), uint16(r.Last)})
	}
	return list
}
