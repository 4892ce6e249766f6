package cilium

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// Addresses says who is behind a set of addresses under Cilium, reporting every doubt at the path: outside addresses
// only, unless policyCIDRMatchMode adds pods or nodes. It is how the Kubernetes kinds are read when Cilium enforces
// them.
func Addresses(e *env.Env) func(*source.Document, string, cidr.Set, model.Direction, model.Action) ([]model.Peer, []model.DoubtfulPeer) {
	d := reads(e)
	return func(doc *source.Document, path string, set cidr.Set, _ model.Direction, _ model.Action) ([]model.Peer, []model.DoubtfulPeer) {
		w := d.behind(doc, path, set, false)
		return []model.Peer{w.sure}, w.maybe
	}
}

// WholeFamilies says the same of what is left of 0.0.0.0/0 or ::/0.
func WholeFamilies(e *env.Env) func(*source.Document, string, cidr.Set) ([]model.Peer, []model.DoubtfulPeer) {
	d := reads(e)
	return func(doc *source.Document, path string, set cidr.Set) ([]model.Peer, []model.DoubtfulPeer) {
		w := d.behind(doc, path, set, true)
		return []model.Peer{w.sure}, w.maybe
	}
}

// behind says who is behind addresses (pkg/policy/types/selector.go). The label of 0.0.0.0/0 and ::/0, a whole family,
// is that of the world (pkg/labels/cidr.go), which nodes do not have; only where CIDRs match pods is it looked past.
func (d *dialect) behind(doc *source.Document, path string, set cidr.Set, family bool) who {
	out := who{sure: model.World(set)}
	pods, nodes := d.matchesInCluster()
	nodes = nodes && (pods || !family)
	if pods {
		d.inside(&out, doc, path, set, d.facts.PodSet(), d.facts.PodCIDRs != nil, diag.CIDRMeetsPods, cluster.FactPodCIDRs,
			model.Pods(all))
	}
	if nodes {
		d.inside(&out, doc, path, set, d.facts.NodeSet(), d.facts.NodeCIDRs != nil, diag.CIDRMeetsNodes, cluster.FactNodeCIDRs,
			model.Peer{Host: all, Nodes: all})
	}
	return out
}

// inside adds pods or nodes to a peer by their addresses: all of them, none, or a doubt.
func (d *dialect) inside(out *who, doc *source.Document, path string, set, theirs cidr.Set, known bool, code *diag.Code,
	fact cluster.Fact, p model.Peer) {
	d.env.Relied.On(fact)
	switch {
	case set.Equal(cidr.All()) || known && !theirs.IsEmpty() && set.ContainsSet(theirs):
		out.sure = out.sure.Union(p)
	case known && !set.Overlaps(theirs):
	default:
		hint := fact.Hint()
		if known {
			hint = "choose them by labels, or cover all of " + theirs.String()
		}
		d.env.Note(doc, code, path, hint, "policyCIDRMatchMode makes the CIDR match some pods or nodes by address, which cannot be told by labels")
		out.maybe = append(out.maybe, model.DoubtfulPeer{Peer: p, Code: code})
	}
}

func (r *ruleReader) cidr(text, path string) who {
	set, err := cidr.Parse(text)
	if err != nil {
		return who{} // rejected before
	}
	return r.behind(r.doc, path, set, wholeFamily(text))
}

// wholeFamily reports whether a prefix is 0.0.0.0/0 or ::/0.
func wholeFamily(text string) bool {
	p, err := netip.ParsePrefix(text)
	return err == nil && p.Bits() == 0
}

// cidrRule lowers an element of fromCIDRSet or toCIDRSet. Exceptions only take away from their own element.
func (r *ruleReader) cidrRule(c cidrRule, path string) who {
	var set cidr.Set
	switch {
	case c.CIDR != "":
		set, _ = cidr.Parse(c.CIDR)
	case c.CIDRGroupRef != "":
		g := r.groups[c.CIDRGroupRef]
		if g == nil {
			return r.missingGroup(path, "CiliumCIDRGroup "+c.CIDRGroupRef+" is not among the documents")
		}
		set = g.set()
	default:
		reqs := groupRequirements(c.CIDRGroupSelector)
		if len(r.groups) == 0 {
			return r.missingGroup(path, "no CiliumCIDRGroup is among the documents")
		}
		if !slices.ContainsFunc(reqs, func(q requirement) bool { return !q.values.MayBeAbsent() }) {
			return r.missingGroup(path, "a group selector that only excludes matches more than groups")
		}
		set = r.groupAddresses(reqs)
	}
	for _, text := range c.Except {
		hole, err := cidr.Parse(text)
		if err == nil {
			set = set.Subtract(hole)
		}
	}
	return r.behind(r.doc, path, set, wholeFamily(c.CIDR))
}

func (r *ruleReader) missingGroup(path, why string) who {
	r.remark(diag.NeedsFact, "", path, "give the CiliumCIDRGroup objects together with the policies", "%s, so its addresses are not known", why)
	return who{maybe: []model.DoubtfulPeer{{Peer: model.World(cidr.All()), Code: diag.NeedsFact}}}
}

// readGroup reads a CiliumCIDRGroup.
func (l *lowerer) readGroup(doc *source.Document) {
	var g cidrGroup
	if problems := doc.Decode(&g); problems.Len() > 0 {
		l.env.Findings.Append(problems)
		return
	}
	books := l.env.Ledger(doc)
	books.Carried("spec.externalCIDRs")
	books.Carried("metadata.labels")
	books.Metadata()
	for i, text := range g.Spec.ExternalCIDRs {
		// The agent parses prefixes only and passes over the rest (pkg/policy/k8s/cilium_cidr_group.go).
		if _, err := netip.ParsePrefix(text); err != nil {
			path := source.Item("spec.externalCIDRs", i)
			l.env.Report(doc, diag.SelectsNothing, path, "write it as a prefix, with /32 or /128",
				"Cilium passes over %q, because it is not a prefix; the output does without it as well", text)
		}
	}
	l.groups[doc.Object.Name] = &g
}

func (g *cidrGroup) prefixes() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range g.Spec.ExternalCIDRs {
		if p, err := netip.ParsePrefix(text); err == nil {
			out = append(out, p.Masked())
		}
	}
	return out
}

func (g *cidrGroup) set() cidr.Set { return cidr.Of(g.prefixes()...) }

// groupRequirements are those of a cidrGroupSelector, of which every key is a label of groups.
func groupRequirements(s *labelSelector) []requirement {
	reqs := requirementsOf(s)
	for i := range reqs {
		if reqs[i].source == "any" {
			reqs[i].source = "cidrgroup"
		}
	}
	return reqs
}

// groupAddresses are the addresses whose groups' labels together match. An address bears the labels of every group
// that has a prefix around it, except those that begin with io.cilium.k8s.
func (r *ruleReader) groupAddresses(reqs []requirement) cidr.Set {
	var out cidr.Set
	for _, part := range r.groupParts() {
		if matchesGroup(reqs, part.labels) {
			out = out.Union(part.set)
		}
	}
	return out
}

// groupPart is addresses that are in the same groups, and the labels of these.
type groupPart struct {
	set    cidr.Set
	labels map[string][]string
}

// groupParts cuts the addresses of all groups into parts. There are hardly more parts than groups, while a group can
// have tens of thousands of prefixes.
func (r *ruleReader) groupParts() []groupPart {
	var parts []groupPart
	for _, name := range slices.Sorted(maps.Keys(r.groups)) {
		g := r.groups[name]
		left := g.set()
		for i := range parts {
			both := parts[i].set.Intersect(left)
			if both.IsEmpty() {
				continue
			}
			parts[i].set, left = parts[i].set.Subtract(both), left.Subtract(both)
			parts = append(parts, groupPart{both, withLabels(parts[i].labels, g.Metadata.Labels)})
		}
		parts = append(parts, groupPart{left, withLabels(nil, g.Metadata.Labels)})
	}
	return slices.DeleteFunc(parts, func(p groupPart) bool { return p.set.IsEmpty() })
}

// withLabels adds the labels of one more group.
func withLabels(before map[string][]string, labels map[string]string) map[string][]string {
	out := maps.Clone(before)
	if out == nil {
		out = map[string][]string{}
	}
	for k, v := range labels {
		if !strings.HasPrefix(k, "io.cilium.k8s") {
			out[k] = append(slices.Clone(out[k]), v)
		}
	}
	return out
}

func matchesGroup(reqs []requirement, labels map[string][]string) bool {
	for _, q := range reqs {
		values := labels[q.key]
		if q.source != "cidrgroup" {
			values = nil
		}
		ok := len(values) == 0 && q.values.MayBeAbsent()
		for _, v := range values {
			ok = ok || q.values.Has(v)
		}
		if !ok {
			return false
		}
	}
	return true
}
