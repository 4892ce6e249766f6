package calico

import (
	"math"
	"slices"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/translate/traffic"
)

// flag is a field that makes a policy one for hosts only.
type flag struct {
	name string
	set  bool
}

func (p *policy) flags() []flag {
	return []flag{{"doNotTrack", p.spec.DoNotTrack}, {"preDNAT", p.spec.PreDNAT}}
}

// hostOnly reports whether the policy is enforced before connections are tracked or translated: it then has no
// effect on pods and does not isolate them (felix/calc/event_sequencer.go).
func (p *policy) hostOnly() bool { return p.spec.DoNotTrack || p.spec.PreDNAT }

// reportHostOnly discharges a policy for hosts only, of which no part is carried.
func (l *lowering) reportHostOnly(p *policy, hosts bool) {
	for _, f := range p.flags() {
		if !f.set {
			continue
		}
		path := "spec." + f.name
		if hosts {
			l.reportOpen(p, path, "Cilium's host firewall has nothing like %s, so this policy is left out for hosts", f.name)
		} else {
			l.env.Report(p.doc, diag.HostOnlyFlag, path, "", "a policy with %s concerns host endpoints only, and pods are not policed by it", f.name)
		}
		for _, d := range []string{"spec.ingress", "spec.egress"} {
			l.env.Ledger(p.doc).Reported(d, diag.HostOnlyFlag.ID)
		}
	}
}

// reportOpen says that something Calico enforces on hosts is not enforced by the output.
func (l *lowering) reportOpen(p *policy, path, format string, args ...any) {
	f := diag.HostPolicy.At(p.doc.Position(path), p.doc.Object, path, format, args...).
		WithHint("write a CiliumClusterwideNetworkPolicy with nodeSelector by hand, or keep this rule in the nodes' own firewall")
	f.Override = diag.Opens
	l.env.Findings.Add(f)
	l.env.Ledger(p.doc).Reported(path, diag.HostPolicy.ID)
}

// hostSubject is the hosts that a policy selects through host endpoints for all interfaces: automatic ones by the
// labels of their nodes, others by the names. Partial lists host endpoints for single interfaces that it selects.
func (v *inventory) hostSubject(x *expression) (hosts selector.Selector, partial []string) {
	v.relyOnHosts(x)
	if v.autoHosts {
		hosts = x.nodes()
	}
	var names []string
	for _, h := range v.hosts {
		if h.automatic || x.match(ownLabels(h.Labels)) != yes {
			continue
		}
		if h.InterfaceName == "*" {
			names = append(names, h.Node)
		} else {
			partial = append(partial, h.Name)
		}
	}
	if len(names) > 0 {
		hosts = hosts.Or(nodesNamed(names...))
	}
	return hosts, partial
}

// hostPolicies lowers what the policy says to hosts. A NetworkPolicy says nothing to them.
func (l *lowering) hostPolicies(p *policy, subject *expression) []*model.Policy {
	if p.namespace != "" {
		return nil
	}
	hosts, partial := l.inventory.hostSubject(subject)
	if p.hostOnly() {
		l.reportHostOnly(p, !hosts.IsNone() || len(partial) > 0)
		return nil
	}
	for _, name := range partial {
		l.reportOpen(p, "spec.selector", "Cilium polices all interfaces of a node or none, so the policy is left out for host endpoint %s", name)
	}
	if hosts.IsNone() {
		return nil
	}
	if p.spec.ApplyOnForward {
		l.reportOpen(p, "spec.applyOnForward", "Cilium's host firewall does not police what a node forwards, so there the policy is lost")
	}
	out := l.newPolicy(p, model.HostSubjects)
	out.Subject = hosts
	if hosts.TooComplex() {
		out.Subject, out.MaybeSubject = selector.None(), selector.All()
	}
	l.sections(p, out)
	if s := out.Sections[model.Ingress]; s != nil && !admitsPods(s) {
		l.reportOwnPods(p.doc, p.doc.Object)
	}
	l.hostSubjects = l.hostSubjects.Or(out.Selected())
	return []*model.Policy{out}
}

// admitsPods reports whether the section lets every pod in.
func admitsPods(s *model.Section) bool {
	for _, r := range s.Rules {
		for _, b := range r.Matches {
			if r.Action == model.Allow && b.Subject.IsAll() && b.Peer.Pods.IsAll() && b.Traffic.IsAll() {
				return true
			}
		}
		if r.Action != model.Allow {
			return false
		}
	}
	return false
}

// reportOwnPods says what becomes of pods that connect to their own node. No host endpoint polices that in Calico
// (felix/rules/static.go, filterInputChain), the host firewall does.
func (l *lowering) reportOwnPods(doc *source.Document, o diag.Object) {
	f := diag.LocalHost.At(diag.Position{}, o, "spec", "pods reach their own node in Calico whatever host policy says, and under Cilium only where policy for the node allows it").
		WithHint("allow the pods in, or accept that they are policed like everyone")
	if doc != nil {
		f.Pos = doc.Position("spec")
	}
	l.env.Findings.Add(f)
}

// The policies that say what Felix does around policy.
const (
	endpointToHost = "policyferry-endpoint-to-host"
	failsafe       = "policyferry-failsafe"
	hostDefault    = "policyferry-host-default"
)

// surroundings adds what Felix does before and after policy, as policies in tiers of their own.
func (l *lowering) surroundings() {
	l.guardTunnels()
	l.guardHosts()
	l.closedHosts()
	if !l.hostSubjects.IsNone() {
		l.failsafes()
	}
}

// own is a policy that stands for no document, in a tier of its own.
func (l *lowering) own(name string, order float64, action model.Action, class model.Class, subject selector.Selector) *model.Policy {
	p := &model.Policy{Subject: subject, Class: class, Origin: model.Origin{Object: diag.Object{Name: name}}}
	l.tiers = append(l.tiers, &tier{name: name, order: order, exists: true, action: action, policies: []placed{{Policy: p}}})
	return p
}

// guardHosts says in front of everything that pods do not reach their own node where Felix is set to drop that
// traffic after policy has accepted it (felix/rules/static.go). Calico's manifest and operator set it to accept.
func (l *lowering) guardHosts() {
	l.env.Relied.On(cluster.FactEndpointToHost)
	if l.space.facts.Calico.DefaultEndpointToHostAction != "Drop" {
		return
	}
	p := l.own(endpointToHost, math.Inf(-1), model.Pass, model.PodSubjects, selector.All())
	box := model.Everything()
	box.Peer = model.Peer{Host: selector.All()}
	p.Sections[model.Egress] = &model.Section{Rules: []*model.Rule{{Action: model.Deny, Matches: []model.Box{box}, Origin: p.Origin}}}
}

// closedHosts says after everything that hosts are closed whose host endpoint has no profile that opens them
// (felix/rules/endpoints.go). Automatic ones have.
func (l *lowering) closedHosts() {
	var closed []string
	var first *source.Document
	for _, h := range l.inventory.hosts {
		if slices.Contains(h.Profiles, "projectcalico-default-allow") {
			continue
		}
		doc := l.hostDocs[h.Name]
		object := diag.Object{APIVersion: groupAPI + "v3", Kind: apiv3.KindHostEndpoint, Name: h.Name}
		if h.InterfaceName == "*" {
			closed = append(closed, h.Node)
			if first == nil {
				first = doc
			}
			l.reportOwnPods(doc, object)
			continue
		}
		f := diag.HostPolicy.At(diag.Position{}, object, "spec.interfaceName",
			"the host endpoint closes its interface to what no policy opens, and Cilium polices all interfaces of a node or none").
			WithHint("give it the profile projectcalico-default-allow if it should not close anything, or write a CiliumClusterwideNetworkPolicy by hand")
		if doc != nil {
			f.Pos = doc.Position("spec.interfaceName")
		}
		f.Override = diag.Opens
		l.env.Findings.Add(f)
	}
	if len(closed) == 0 {
		return
	}
	p := l.own(hostDefault, math.Inf(1), model.Deny, model.HostSubjects, nodesNamed(closed...))
	if first != nil {
		p.Pos = first.Pos
	}
	p.Sections = [2]*model.Section{{Isolates: true}, {Isolates: true}}
	l.hostSubjects = l.hostSubjects.Or(p.Subject)
}

// Felix's failsafe ports, the same since 3.26 (felix/config/config_params.go).
var (
	failsafeInbound  = []string{"tcp/22", "udp/68", "tcp/179", "tcp/2379", "tcp/2380", "tcp/5473", "tcp/6443", "tcp/6666", "tcp/6667"}
	failsafeOutbound = []string{"udp/53", "udp/67", "tcp/179", "tcp/2379", "tcp/2380", "tcp/5473", "tcp/6443", "tcp/6666", "tcp/6667"}
)

// failsafes says in front of everything that the failsafe ports of hosts are open. Cilium's host firewall has none.
func (l *lowering) failsafes() {
	p := l.own(failsafe, math.Inf(-1), model.Pass, model.HostSubjects, l.hostSubjects)
	c := l.space.facts.Calico
	l.env.Relied.On(cluster.FactFailsafeInbound, cluster.FactFailsafeOutbound)
	for d, list := range [][]string{c.FailsafeInbound, c.FailsafeOutbound} {
		if list == nil {
			list = [][]string{failsafeInbound, failsafeOutbound}[d]
		}
		r := &model.Rule{Action: model.Allow, Origin: p.Origin}
		for _, text := range list {
			if box, ok := l.failsafe(text); ok {
				r.Matches = append(r.Matches, box)
			}
		}
		s := &model.Section{Rules: []*model.Rule{r}}
		p.Sections[d] = s
	}
}

func (l *lowering) failsafe(text string) (model.Box, bool) {
	f, err := cluster.ParseFailsafe(text)
	if err != nil {
		return model.Box{}, false
	}
	proto, ok := serviceProtocol(f.Protocol)
	box := model.Everything()
	box.Traffic = traffic.PortsOfProtocol(proto, traffic.PortsOf(traffic.Range{First: f.Port, Last: f.Port}))
	if f.Net.IsValid() {
		box.Peer = l.space.who(cidr.Of(f.Net)).sure
	}
	return box, ok
}
