package claim

import (
	"net/netip"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/learned"
	"github.com/policyferry/policyferry/validate/world"
)

// learned are the policies of a moment at which Cilium has learned the names.
func (c *Claim) learned(policies []*source.Document, w *world.World) ([]*source.Document, error) {
	inside := w.Facts.PodSet().Union(w.Facts.NodeSet())
	for _, p := range w.Facts.Pods {
		inside = inside.Union(cidr.OfAddrs(p.Addresses...))
	}
	for _, n := range w.Facts.Nodes {
		inside = inside.Union(cidr.OfAddrs(n.Addresses...))
	}
	return learned.Policies(policies, func(names []string) []netip.Prefix {
		return c.Names.Find(names, c.Result.Source.Version).Addresses.Subtract(inside).Prefixes()
	})
}
