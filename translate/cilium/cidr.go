package cilium

import (
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
		w := d.behind(doc, path, set)
		return []model.Peer{w.sure}, w.maybe
	}
}

// behind says who is behind addresses (pkg/policy/types/selector.go).
func (d *dialect) behind(doc *source.Document, path string, set cidr.Set) who {
	out := who{sure: model.World(set)}
	pods, nodes := d.matchesInCluster()
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
	return r.behind(r.doc, path, set)
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
	return r.behind(r.doc, path, set)
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
	labelsAt := map[netip.Prefix]map[string][]string{}
	var prefixes []netip.Prefix
	for _, g := range r.groups {
		prefixes = append(prefixes, g.prefixes()...)
	}
	slices.SortFunc(prefixes, func(a, b netip.Prefix) int { return b.Bits() - a.Bits() })
	for _, g := range r.groups {
		for _, around := range g.prefixes() {
			for _, p := range prefixes {
				if around.Bits() <= p.Bits() && around.Contains(p.Addr()) {
					addLabels(labelsAt, p, g.Metadata.Labels)
				}
			}
		}
	}
	var out, decided cidr.Set
	for _, p := range prefixes {
		region := cidr.Of(p).Subtract(decided)
		decided = decided.Union(region)
		if matchesGroup(reqs, labelsAt[p]) {
			out = out.Union(region)
		}
	}
	return out
}

func addLabels(at map[netip.Prefix]map[string][]string, p netip.Prefix, labels map[string]string) {
	if at[p] == nil {
		at[p] = map[string][]string{}
	}
	for k, v := range labels {
		if !strings.HasPrefix(k, "io.cilium.k8s") {
			at[p][k] = append(at[p][k], v)
		}
	}
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
