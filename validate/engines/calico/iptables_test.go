package calico

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/projectcalico/calico/felix/generictables"
	"github.com/projectcalico/calico/felix/iptables"
	"github.com/projectcalico/calico/felix/proto"
	"github.com/projectcalico/calico/felix/rules"
)

const (
	maxChainName = iptables.MaxChainNameLength
	markAccept   = 0x10
)

// tables interpret the chains that Felix renders, as the kernel would; naively, and without any of the
// code under test.
type tables struct {
	chains   map[string]*generictables.Chain
	sets     map[string]*proto.IPSetUpdate
	renderer rules.RuleRenderer
	version  uint8
	from     *computed

	in, out string // the interfaces that the packet passes
}

// judge runs an endpoint's chain: it drops, or returns with or without the accept mark.
func (x *tables) judge(chain string, p *packet) Decision {
	mark := uint32(0)
	switch decision := x.run(chain, p, &mark); {
	case decision != None:
		return decision
	case mark&markAccept != 0:
		return Allow
	}
	return None
}

func (x *tables) run(name string, p *packet, mark *uint32) Decision {
	chain := x.chains[name]
	if chain == nil {
		panic("no chain " + name)
	}
	for _, rule := range chain.Rules {
		if rule.Match != nil && !x.holds(rule.Match.Render(), p, *mark) {
			continue
		}
		switch action := rule.Action.(type) {
		case iptables.JumpAction:
			if decision := x.run(action.Target, p, mark); decision != None {
				return decision
			}
		case iptables.GotoAction:
			return x.run(action.Target, p, mark)
		case iptables.ReturnAction:
			return None
		case iptables.DropAction:
			return Deny
		case iptables.AcceptAction:
			return Allow
		case iptables.SetMarkAction:
			*mark |= action.Mark
		case iptables.ClearMarkAction:
			*mark &^= action.Mark
		case iptables.SetMaskedMarkAction:
			*mark = *mark&^action.Mask | action.Mark
		case nil, iptables.LogAction, iptables.NoTrackAction:
		default:
			panic(fmt.Sprintf("unknown action %T", action))
		}
	}
	return None
}

// holds interprets the fragments of a rendered match: all must hold.
func (x *tables) holds(match string, p *packet, mark uint32) bool {
	words := strings.Fields(match)
	negated := false
	for i := 0; i < len(words); i++ {
		word := words[i]
		result := true
		switch word {
		case "!":
			negated = true
			continue
		case "-m":
			i++
			continue
		case "-p":
			i++
			result = p.protocol == protocolByName(words[i])
		case "--source":
			i++
			result = netip.MustParsePrefix(words[i]).Contains(p.source)
		case "--destination":
			i++
			result = netip.MustParsePrefix(words[i]).Contains(p.destination)
		case "--source-ports":
			i++
			result = multiport(words[i], p.protocol, p.sourcePort)
		case "--destination-ports":
			i++
			result = multiport(words[i], p.protocol, p.destinationPort)
		case "--match-set":
			result = x.inSet(words[i+1], words[i+2], p)
			i += 2
		case "--icmp-type", "--icmpv6-type":
			i++
			result = icmpMatches(words[i], p)
		case "--mark":
			i++
			value, mask, _ := strings.Cut(words[i], "/")
			result = mark&hex(mask) == hex(value)
		case "--ctstate":
			i++
			result = false // a first packet is NEW, and no NAT happened
		case "--in-interface":
			i++
			result = onInterface(words[i], x.in)
		case "--out-interface":
			i++
			result = onInterface(words[i], x.out)
		case "--validmark":
		case "--invert":
			result = false // the reverse path check finds nothing wrong
		default:
			panic("unknown match " + match)
		}
		if result == negated {
			return false
		}
		negated = false
	}
	return true
}

// onInterface: "cali+" means every name that begins so.
func onInterface(pattern, name string) bool {
	prefix, wildcard := strings.CutSuffix(pattern, "+")
	return name == pattern || wildcard && strings.HasPrefix(name, prefix)
}

func protocolByName(name string) uint8 {
	switch name {
	case "tcp":
		return 6
	case "udp":
		return 17
	case "icmp":
		return 1
	case "icmpv6":
		return 58
	case "sctp":
		return 132
	case "udplite":
		return 136
	}
	number, err := strconv.Atoi(name)
	if err != nil {
		panic(err)
	}
	return uint8(number)
}

func multiport(list string, protocol uint8, port uint16) bool {
	switch protocol {
	case 6, 17, 132, 136, 33:
	default:
		return false
	}
	for _, one := range strings.Split(list, ",") {
		first, last, isRange := strings.Cut(one, ":")
		if !isRange {
			last = first
		}
		low, _ := strconv.Atoi(first)
		high, _ := strconv.Atoi(last)
		if low <= int(port) && int(port) <= high {
			return true
		}
	}
	return false
}

func (x *tables) inSet(name, dimensions string, p *packet) bool {
	set := x.sets[name]
	if set == nil {
		panic("no set " + name)
	}
	addr, port := p.destination, p.destinationPort
	if strings.HasPrefix(dimensions, "src") {
		addr, port = p.source, p.sourcePort
	}
	withPort := strings.Contains(dimensions, ",")
	for _, member := range set.Members {
		if withPort {
			if member == fmt.Sprintf("%s,%s:%d", addr, map[uint8]string{6: "tcp", 17: "udp", 132: "sctp"}[p.protocol], port) {
				return true
			}
		} else if prefix, err := netip.ParsePrefix(member); err == nil && prefix.Contains(addr) || member == addr.String() {
			return true
		}
	}
	return false
}

func icmpMatches(text string, p *packet) bool {
	typ, code, withCode := strings.Cut(text, "/")
	return typ == strconv.Itoa(int(p.icmpType)) && (!withCode || code == strconv.Itoa(int(p.icmpCode)))
}

func hex(text string) uint32 {
	value, err := strconv.ParseUint(text, 0, 32)
	if err != nil {
		panic(err)
	}
	return uint32(value)
}
