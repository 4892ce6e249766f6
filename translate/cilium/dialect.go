package cilium

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
)

// dialect is what one Cilium, of this release and with these settings, can say.
type dialect struct {
	env    *env.Env
	facts  *cluster.Facts
	v      compat.Version
	filter labelFilter
}

func newDialect(e *env.Env, r compat.Release) *dialect {
	d := &dialect{env: e, facts: e.Facts, v: r.Version}
	if d.facts == nil {
		d.facts = &cluster.Facts{}
	}
	d.filter = newLabelFilter(r.Version, d.facts.Cilium.IdentityLabels)
	if d.facts.Cilium.IdentityLabels != "" {
		e.Relied.On(cluster.FactIdentityLabels)
	}
	return d
}

// setting is the value of a setting, or its default when it is not known. The result relies on it either way.
func (d *dialect) setting(f cluster.Fact, value *bool, otherwise bool) bool {
	d.env.Relied.On(f)
	if value == nil {
		return otherwise
	}
	return *value
}

// hasEndPort and the like follow the table of versions in Cilium's release notes.
func (d *dialect) hasEndPort() bool { return d.v.AtLeast(1, 16) }

func (d *dialect) hasDefaultDeny() bool {
	return d.v.AtLeast(1, 16) && d.setting(cluster.FactNonDefaultDeny, d.facts.Cilium.NonDefaultDeny, true)
}

func (d *dialect) hasNodePeers() bool {
	return d.v.AtLeast(1, 16) && d.setting(cluster.FactNodeSelectorLabels, d.facts.Cilium.NodeSelectorLabels, false)
}

func (d *dialect) hostFirewall() bool {
	return d.setting(cluster.FactHostFirewall, d.facts.Cilium.HostFirewall, false)
}

func (d *dialect) l7Proxy() bool { return d.setting(cluster.FactL7Proxy, d.facts.Cilium.L7Proxy, true) }

func (d *dialect) extendedProtocols() bool {
	return d.v.AtLeast(1, 19) && d.setting(cluster.FactExtendedProtocols, d.facts.Cilium.ExtendedProtocols, false)
}

func (d *dialect) sctp() bool { return d.setting(cluster.FactSCTP, d.facts.Cilium.SCTP, false) }

// matchesInCluster reports whether CIDRs of this Cilium also match pods or nodes (policyCIDRMatchMode).
func (d *dialect) matchesInCluster() (pods, nodes bool) {
	d.env.Relied.On(cluster.FactCIDRMatchMode)
	for _, m := range d.facts.Cilium.CIDRMatchMode {
		pods = pods || m == "pods" && d.v.AtLeast(1, 20)
		nodes = nodes || m == "nodes" && d.v.AtLeast(1, 15)
	}
	return pods, nodes
}

// note adds a finding about a part of the model.
func (d *dialect) note(o model.Origin, code *diag.Code, hint, format string, args ...any) *diag.Finding {
	f := code.At(o.Pos, o.Object, o.Path, format, args...)
	f.Hint = hint
	d.env.Findings.Add(f)
	all := d.env.Findings.All()
	return &all[len(all)-1]
}
