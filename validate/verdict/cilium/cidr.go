package cilium

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// cidrRule is an element of fromCIDRSet and toCIDRSet as written.
type cidrRule struct {
	CIDR              string         `json:"cidr"`
	CIDRGroupRef      string         `json:"cidrGroupRef"`
	CIDRGroupSelector *labelSelector `json:"cidrGroupSelector"`
	Except            []string       `json:"except"`
}

// cidrPeer selects identities by address, by the labels that known prefixes leave on them.
type cidrPeer struct {
	settings *settings
	// prefix is matched unless group is set.
	prefix netip.Prefix
	group  *groupMatch
	except []netip.Prefix
	// placeholders says that the peer matches the identities that stand for others: where CIDRs match pods, they are
	// in the cluster like pods, and a selector of groups may ask for nothing that they lack.
	placeholders bool
}

// groupMatch selects CIDR groups by name or by labels.
type groupMatch struct {
	name     string
	selector selector
}

// parsePrefix reads a prefix, or an address as the prefix that holds nothing else.
func parsePrefix(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return netip.Prefix{}, &rejected{fmt.Sprintf("%q is neither an address nor a prefix", text)}
		}
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, &rejected{fmt.Sprintf("%q is not a prefix", text)}
	}
	return prefix.Masked(), nil
}

// compile turns an element as written into a peer.
func (w cidrRule) compile(s *settings) (peer, error) {
	p := &cidrPeer{settings: s}
	var err error
	switch {
	case w.CIDRGroupSelector != nil && len(w.CIDRGroupSelector.compile("")) == 0 && len(w.Except) == 0:
		// An empty selector of groups is everyone, in the cluster and out of it: selectors are cached by their text, and
		// its text is that of the wildcard (pkg/policy/selectorcache_selector.go, IsWildcard).
		return newLabelPeer(selector{}, s.release), nil
	case w.CIDRGroupRef != "":
		p.group = &groupMatch{name: w.CIDRGroupRef}
	case w.CIDRGroupSelector != nil:
		p.group = &groupMatch{selector: w.CIDRGroupSelector.compile(sourceCIDRGroup)}
	default:
		if p.prefix, err = parsePrefix(w.CIDR); err != nil {
			return nil, err
		}
	}
	for _, text := range w.Except {
		except, err := parsePrefix(text)
		if err != nil {
			return nil, err
		}
		p.except = append(p.except, except)
	}
	p.placeholders = s.release.since(1, 20) && p.selects(&identity{})
	return p, nil
}

// selects follows pkg/policy/types/selector.go, CIDRSelector.Matches.
func (p *cidrPeer) selects(id *identity) bool {
	switch {
	case !p.reaches(id), p.group != nil && !p.group.matches(id), p.group == nil && !p.has(id, p.prefix):
		return false
	}
	for _, except := range p.except {
		if p.has(id, except) && !p.wildcard(id, except) {
			return false
		}
	}
	return true
}

// reaches reports whether CIDRs match the kind of identity at all: they match the world, and nodes and all others by
// configuration. The kind is told from keys of labels alone: a pod label with the key host makes a pod a node here.
func (p *cidrPeer) reaches(id *identity) bool {
	switch {
	case id.hasKey("world", "world-ipv4", "world-ipv6"):
		return true
	case id.hasKey("host", "remote-node"):
		return p.settings.cidrNodes
	}
	return p.settings.cidrPods
}

func (p *cidrPeer) covers(id *identity) bool {
	return p.selects(id) || p.placeholders && id.aggregate != ""
}

// has reports whether the identity carries the label of a prefix. The label of 0.0.0.0/0 and ::/0 is that of the
// world (pkg/labels/cidr.go), so they match nothing else, unless CIDRs match pods.
func (p *cidrPeer) has(id *identity, prefix netip.Prefix) bool {
	if prefix.Bits() > 0 {
		return within(id.cidrs, prefix)
	}
	return p.wildcard(id, prefix) || id.address.IsValid() && id.address.Is4() == prefix.Addr().Is4()
}

// wildcard reports whether 0.0.0.0/0 or ::/0 stands for every address of its family.
func (p *cidrPeer) wildcard(id *identity, prefix netip.Prefix) bool {
	if prefix.Bits() > 0 || !p.settings.cidrPods {
		return false
	}
	for _, cidr := range id.cidrs {
		if cidr.Addr().Is4() == prefix.Addr().Is4() {
			return true
		}
	}
	return false
}

func (p *cidrPeer) String() string {
	if p.group != nil {
		return fmt.Sprintf("group %s %s except %v", p.group.name, p.group.selector, p.except)
	}
	return fmt.Sprintf("cidr %s except %v", p.prefix, p.except)
}

// matches looks for the labels that CIDR groups leave on the addresses in them. Values are looked for one by one,
// since an address may lie in several groups (pkg/policy/types/requirements.go, matchesEncodedRequirement).
func (g *groupMatch) matches(id *identity) bool {
	if g.name != "" {
		_, ok := id.lookup(sourceCIDRGroup, keyCIDRGroupName+g.name)
		return ok
	}
	for i := range g.selector {
		r := &g.selector[i]
		if r.operator != opIn && r.operator != opNotIn {
			if !r.matches(id) {
				return false
			}
			continue
		}
		found := false
		for _, value := range r.values {
			_, ok := id.lookup(r.source, r.key+"+"+value)
			found = found || ok
		}
		if found != (r.operator == opIn) {
			return false
		}
	}
	return true
}

// cidrGroup is a CiliumCIDRGroup.
type cidrGroup struct {
	labels   labelSet
	prefixes []netip.Prefix
	// known are the same, and lengths their lengths: groups may have many thousands.
	known   map[netip.Prefix]bool
	lengths []int
}

// newCIDRGroup keeps the labels that Cilium keeps and passes over what is not a prefix: a bare address is logged
// and skipped (pkg/policy/k8s/cilium_cidr_group.go).
func newCIDRGroup(name string, labels map[string]string, cidrs []string) cidrGroup {
	g := cidrGroup{labels: labelSet{}, known: map[netip.Prefix]bool{}}
	for key, value := range labels {
		if strings.HasPrefix(key, keyCiliumPrefix) {
			continue
		}
		g.labels.add(sourceCIDRGroup, map[string]string{key: value, key + "+" + value: ""})
	}
	g.labels.add(sourceCIDRGroup, map[string]string{keyCIDRGroupName + name: ""})
	for _, text := range cidrs {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			g.prefixes = append(g.prefixes, prefix.Masked())
			g.known[prefix.Masked()] = true
			if !slices.Contains(g.lengths, prefix.Bits()) {
				g.lengths = append(g.lengths, prefix.Bits())
			}
		}
	}
	return g
}

// holds reports whether an address lies in one of the prefixes.
func (g *cidrGroup) holds(addr netip.Addr) bool {
	return slices.ContainsFunc(g.lengths, func(bits int) bool {
		prefix, err := addr.Prefix(bits)
		return err == nil && g.known[prefix]
	})
}
