// Package fqdn answers which addresses a DNS name stands for, by what Cilium's agents have learned.
//
// Calico's open-source policy has no DNS names. What `cilium-dbg fqdn cache list -o json` prints says which addresses
// a name had when it was printed, so a translation can freeze them. Nothing is looked up here: the answer depends on
// the file alone.
package fqdn

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/compat"
)

// Cache is what agents have learned about names.
type Cache struct {
	// names are the entries by the name that was looked up, in lower case and with its final dot.
	names map[string]*entry
}

// entry is what is known about one name.
type entry struct {
	addresses []netip.Addr
	// latest is the last time that the name was looked up, or was seen in use.
	latest time.Time
}

// Answer is what some names stand for.
type Answer struct {
	// Addresses are those of all names, wherever they lie.
	Addresses cidr.Set
	// Since is the latest lookup of any of the names, in UTC. It is zero if there is none.
	Since time.Time
	// Missing are the names of which no address is known, in their canonical form, sorted.
	Missing []string
}

// Find answers for names and patterns as they stand in policy for a release of Cilium.
func (c *Cache) Find(names []string, cilium compat.Version) Answer {
	var out Answer
	var addresses []netip.Addr
	for _, name := range Canonical(names, cilium) {
		found := false
		for _, e := range c.matching(name, cilium) {
			if len(e.addresses) == 0 {
				continue
			}
			found = true
			addresses = append(addresses, e.addresses...)
			if e.latest.After(out.Since) {
				out.Since = e.latest
			}
		}
		if !found {
			out.Missing = append(out.Missing, name)
		}
	}
	out.Addresses = cidr.OfAddrs(addresses...)
	return out
}

// matching is the entries of the names that are meant, in no order.
func (c *Cache) matching(name string, cilium compat.Version) []*entry {
	if !strings.Contains(name, "*") {
		if e := c.names[qualified(name)]; e != nil {
			return []*entry{e}
		}
		return nil
	}
	var out []*entry
	m := compile(name, cilium)
	for known, e := range c.names {
		if m.MatchString(known) {
			out = append(out, e)
		}
	}
	return out
}

// Merge takes in what another cache knows: every agent has its own.
func (c *Cache) Merge(other *Cache) {
	for name, e := range other.names {
		c.add(name, e.addresses, e.latest)
	}
}

// Learn takes in an address of a name that somebody has looked up.
func (c *Cache) Learn(name string, address netip.Addr, at time.Time) {
	c.add(name, []netip.Addr{address}, at)
}

// Has reports whether any name has the address.
func (c *Cache) Has(address netip.Addr) bool {
	for _, e := range c.names {
		if slices.Contains(e.addresses, address) {
			return true
		}
	}
	return false
}

func (c *Cache) add(name string, addresses []netip.Addr, at time.Time) {
	if c.names == nil {
		c.names = map[string]*entry{}
	}
	name = qualified(name)
	e := c.names[name]
	if e == nil {
		e = &entry{}
		c.names[name] = e
	}
	e.addresses = append(e.addresses, addresses...)
	if at.After(e.latest) {
		e.latest = at.UTC()
	}
}
