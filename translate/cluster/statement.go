package cluster

import (
	"net/netip"
	"slices"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/source"
)

// clusterFactsDocument keeps the document for last: what it states wins over what other documents show.
func (l *loader) clusterFactsDocument(doc *source.Document) {
	if l.statement != nil {
		l.bad(doc, "", "a second ClusterFacts document; the first is at %s", l.statement.Pos).hint("merge the two")
		return
	}
	l.statement = doc
}

// clusterFacts reads the ClusterFacts document over the facts derived so far. The form is docs/cluster-facts.md.
func (l *loader) clusterFacts() {
	r := &statementReader{l: l, doc: l.statement, stated: map[Fact]bool{}}
	if l.statement != nil {
		r.document()
	}
	l.perNode(r.stated)
	if c := &l.facts.Cilium; c.DefaultLocalCluster == nil && l.ciliumConfig && c.Version != "" {
		// The default changed with 1.19 (pkg/clustermesh/types/option.go).
		value := !versionBefore(c.Version, 1, 19)
		c.DefaultLocalCluster = &value
	}
}

func (r *statementReader) document() {
	if version := r.doc.Object.APIVersion; version != "policyferry.io/v1alpha1" {
		r.wrong("apiVersion", "ClusterFacts of %s; this release reads policyferry.io/v1alpha1", version)
		return
	}
	r.mapping("", map[string]reading{
		"apiVersion": ignore,
		"kind":       ignore,
		"metadata":   ignore,
		"spec":       {read: r.spec},
	})
}

func (r *statementReader) spec(path string) {
	f := r.l.facts
	r.mapping(path, map[string]reading{
		"podCIDRs":     r.prefixes(FactPodCIDRs, &f.PodCIDRs),
		"serviceCIDRs": r.prefixes(FactServiceCIDRs, &f.ServiceCIDRs),
		"nodeCIDRs":    r.prefixes(FactNodeCIDRs, &f.NodeCIDRs),
		"apiServers":   {FactAPIServers, r.apiServers},
		"complete":     {FactComplete, func(path string) { f.Complete = r.truth(path) }},
		"calico":       {read: r.calico},
		"cilium":       {read: r.cilium},
	})
}

func (r *statementReader) calico(path string) {
	c := &r.l.facts.Calico
	r.mapping(path, map[string]reading{
		"version":                     r.version(FactCalicoVersion, &c.Version),
		"dataplane":                   r.word(FactDataplane, &c.Dataplane, "iptables", "nftables", "ebpf", "windows"),
		"defaultEndpointToHostAction": r.word(FactEndpointToHost, &c.DefaultEndpointToHostAction, "Drop", "Return", "Accept"),
		"applicationLayerPolicy":      r.flag(FactApplicationLayerPolicy, &c.ApplicationLayerPolicy),
		"failsafeInboundHostPorts":    r.failsafes(FactFailsafeInbound, &c.FailsafeInbound),
		"failsafeOutboundHostPorts":   r.failsafes(FactFailsafeOutbound, &c.FailsafeOutbound),
		"autoHostEndpoints":           r.flag(FactAutoHostEndpoints, &c.AutoHostEndpoints),
	})
}

func (r *statementReader) cilium(path string) {
	c := &r.l.facts.Cilium
	r.mapping(path, map[string]reading{
		"version":               r.version(FactCiliumVersion, &c.Version),
		"clusterName":           {FactClusterName, func(path string) { c.ClusterName = r.text(path) }},
		"policyEnforcementMode": r.enforcementMode(),
		"policyCIDRMatchMode":   {FactCIDRMatchMode, r.cidrMatchMode},
		"labels":                {FactIdentityLabels, func(path string) { c.IdentityLabels = r.text(path) }},
		"hostFirewall":          r.flag(FactHostFirewall, &c.HostFirewall),
		"clusterNetworkPolicy":  r.flag(FactClusterNetworkPolicy, &c.ClusterNetworkPolicy),
		"nodeSelectorLabels":    r.flag(FactNodeSelectorLabels, &c.NodeSelectorLabels),
		"defaultLocalCluster":   r.flag(FactDefaultLocalCluster, &c.DefaultLocalCluster),
		"sctp":                  r.flag(FactSCTP, &c.SCTP),
		"extendedProtocols":     r.flag(FactExtendedProtocols, &c.ExtendedProtocols),
		"l7Proxy":               r.flag(FactL7Proxy, &c.L7Proxy),
	})
}

func (r *statementReader) enforcementMode() reading {
	c := &r.l.facts.Cilium
	mode := r.word(FactEnforcementMode, &c.EnforcementMode, "default", "always", "never")
	return reading{mode.fact, func(path string) {
		mode.read(path)
		c.EnforcementModeAt = r.l.statement.Position(path)
	}}
}

func (r *statementReader) prefixes(fact Fact, into *[]netip.Prefix) reading {
	return reading{fact, func(path string) {
		var set cidr.Set
		for i, text := range r.texts(path) {
			p, err := cidr.ParsePrefix(text)
			if err != nil {
				r.wrong(source.Item(path, i), "%s", err).hint("write a range as 10.244.0.0/16")
				continue
			}
			set = set.Union(cidr.Of(p))
		}
		*into = append([]netip.Prefix{}, set.Prefixes()...)
	}}
}

func (r *statementReader) apiServers(path string) {
	out := []netip.AddrPort{}
	for i, text := range r.texts(path) {
		a, err := netip.ParseAddrPort(text)
		if err != nil {
			r.wrong(source.Item(path, i), "%q is not an address with a port", text).hint("write 192.168.10.2:6443, or [fd00::2]:6443")
			continue
		}
		out = append(out, netip.AddrPortFrom(a.Addr().Unmap(), a.Port()))
	}
	slices.SortFunc(out, netip.AddrPort.Compare)
	r.l.facts.APIServers = slices.Compact(out)
}

func (r *statementReader) cidrMatchMode(path string) {
	c := &r.l.facts.Cilium
	c.CIDRMatchMode, c.CIDRMatchModeKnown = []string{}, true
	for i, text := range r.texts(path) {
		if r.oneOf(source.Item(path, i), text, "nodes", "pods") {
			c.CIDRMatchMode = append(c.CIDRMatchMode, text)
		}
	}
	slices.Sort(c.CIDRMatchMode)
	c.CIDRMatchMode = slices.Compact(c.CIDRMatchMode)
}

func (r *statementReader) failsafes(fact Fact, into *[]string) reading {
	return reading{fact, func(path string) {
		out := []string{}
		for i, text := range r.texts(path) {
			f, err := ParseFailsafe(text)
			if err != nil || f.Net.IsValid() {
				r.wrong(source.Item(path, i), "%q is not a failsafe port", text).
					hint("write it as tcp/22; a port that is open to one range only is read from FelixConfiguration")
				continue
			}
			out = append(out, f.String())
		}
		slices.Sort(out)
		*into = slices.Compact(out)
	}}
}
