package replay

import (
	"bytes"
	"net/netip"
	"time"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/fqdn"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/learned"
	"github.com/policyferry/policyferry/validate/verdict"
)

// names are what is known of DNS names: what was known before, and what the logs tell of the witnesses.
func (g *gathering) names(groups []group, known *fqdn.Cache) *fqdn.Cache {
	out := &fqdn.Cache{}
	out.Merge(known)
	for _, of := range groups {
		for i, at := range []*place{of.from, of.to} {
			for _, name := range at.names {
				out.Learn(name, g.groups[of].witness[i].end.Addr, time.Time{})
			}
		}
	}
	return out
}

// newBench prepares to judge by a set, in the cluster with the pods that are gone, and at a moment at which Cilium has
// learned the names.
func newBench(s *equiv.Side, p *placer, names *fqdn.Cache) (*bench, error) {
	inhabited, err := p.inhabited(s)
	if err != nil {
		return nil, err
	}
	b := &bench{Side: inhabited, known: names, uses: map[ruleKey]uint64{}}
	if r, ok := s.Judge.(verdict.Ruler); ok {
		b.rulesOf = r.Rules()
	}
	for _, doc := range s.Documents {
		text, err := doc.JSON()
		if err != nil {
			return nil, err
		}
		// A word too many only makes verdicts less sure.
		b.names = b.names || bytes.Contains(text, []byte(`"toFQDNs"`)) || bytes.Contains(text, []byte(`"domainNames"`))
	}
	if !b.names {
		return b, nil
	}
	return b, b.learn()
}

// learn makes a judge that knows the names. Its rules stand where they stood.
func (b *bench) learn() error {
	version, err := compat.ParseVersion(b.Facts.Cilium.Version)
	if err != nil {
		version = compat.Latest(compat.Cilium).Version
	}
	var addresses []netip.Addr
	for _, p := range b.Facts.Pods {
		addresses = append(addresses, p.Addresses...)
	}
	for _, n := range b.Facts.Nodes {
		addresses = append(addresses, n.Addresses...)
	}
	inside := b.Facts.PodSet().Union(b.Facts.NodeSet()).Union(cidr.OfAddrs(addresses...))
	docs, err := learned.Policies(b.Documents, func(names []string) []netip.Prefix {
		return b.known.Find(names, version).Addresses.Subtract(inside).Prefixes()
	})
	if err != nil {
		return err
	}
	if b.Side, err = equiv.NewSide(equiv.Set{CNI: b.CNI, Documents: docs}, b.Facts, nil); err != nil {
		return err
	}
	b.where = map[[2]string]string{}
	for _, r := range b.rulesOf {
		b.where[[2]string{r.Policy, r.Path}] = r.Where
	}
	return nil
}

// trace tells how a verdict comes about, with the places of the set as it was given.
func (b *bench) trace(c verdict.Connection) ([]verdict.Step, error) {
	steps, err := b.Judge.Trace(c)
	for i, s := range steps {
		if where, moved := b.where[[2]string{s.Policy, s.Path}]; moved {
			steps[i].Where = where
		}
	}
	return steps, err
}
