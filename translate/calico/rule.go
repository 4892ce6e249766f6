package calico

import (
	"slices"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// ruleLowering is the state of lowering one rule.
type ruleLowering struct {
	*lowering
	policy    *policy
	class     model.Class
	rule      *apiv3.Rule
	path      string
	direction model.Direction
	object    diag.Object
	action    model.Action
}

// end is who may be at the other end, and what of the rule's traffic then counts.
type end struct {
	peer    model.Peer
	packets []packets
	why     reason
	path    string
}

// endpoint is which of the policy's subjects a rule acts on.
type endpoint struct {
	subject selector.Selector
	why     reason
	path    string
}

// lower turns the rule into boxes; nil for a rule that has no say.
func (l *ruleLowering) lower() *model.Rule {
	defer l.discharge()
	if l.rule.Action == apiv3.Log {
		l.env.Report(l.policy.doc, diag.LogAction, l.path, "", "a Log rule writes a line and decides nothing, so it is left out")
		return nil
	}
	action, known := actions[apiv3.Action(strings.ToLower(string(l.rule.Action)))]
	if !known {
		l.env.Report(l.policy.doc, diag.WrongValue, l.path+".action", "write Allow, Deny, Pass or Log",
			"%q is no action, so the rule is treated as Deny", l.rule.Action)
		action = model.Deny
	}
	l.action = action
	out := &model.Rule{Action: l.action, Origin: model.Origin{Object: l.object, Pos: l.policy.doc.Position(l.path), Path: l.path}}
	families := l.families()
	packets := l.packets()
	if families.IsEmpty() {
		packets = nil
	} else if only, icmp := onlyICMP(packets); icmp {
		// ICMP belongs to one family by itself, so nothing else has to be said about families.
		if families.Family(only).IsEmpty() {
			packets = nil
		}
		families = cidr.All()
	}
	l.combine(out, l.endpoints(l.families()), l.ends(families), packets)
	if len(out.Matches)+len(out.Doubts) == 0 {
		l.note(diag.SelectsNothing, "", "", "the rule can never match")
	}
	return out
}

var actions = map[apiv3.Action]model.Action{"allow": model.Allow, "deny": model.Deny, "pass": model.Pass}

// combine makes the product of subjects, peers and packets. A combination of which any part is in doubt is a doubt.
func (l *ruleLowering) combine(out *model.Rule, subjects []endpoint, ends []end, alternatives []packets) {
	requests, some := l.requests()
	if !some {
		return
	}
	sourcePorts := l.sourcePorts()
	reported := map[string]bool{}
	report := func(w reason, path string) {
		if w.code != nil && !reported[path+w.text] {
			reported[path+w.text] = true
			w.note(l.env, l.policy.doc, path, l.action)
		}
	}
	for _, s := range subjects {
		for _, e := range ends {
			for _, p := range restricted(alternatives, e.packets) {
				for _, peer := range l.holders(p, e.peer) {
					box := model.Box{Subject: s.subject, Peer: peer, Traffic: p.set, Named: p.named, HTTP: requests}
					if box.IsEmpty() {
						continue
					}
					report(s.why, s.path)
					report(e.why, e.path)
					report(p.why, l.path+".destination")
					if code := l.doubted(s.why, e.why, p.why, sourcePorts); code != nil {
						out.Doubts = append(out.Doubts, model.Doubt{Box: box, Code: code})
					} else {
						out.Matches = append(out.Matches, box)
					}
				}
			}
		}
	}
}

// doubted is the code of a combination's doubt. If there are several, the combination may only be let through when
// all of them are accepted, so one that is not stands for them.
func (l *ruleLowering) doubted(reasons ...reason) *diag.Code {
	var out *diag.Code
	for _, r := range reasons {
		if r.code != nil && (out == nil || !l.env.Accepted[r.code.ID]) {
			out = r.code
		}
	}
	return out
}

// note adds a finding about the rule or a field of it.
func (l *ruleLowering) note(code *diag.Code, field, hint, format string, args ...any) {
	l.env.Note(l.policy.doc, code, l.path+field, hint, format, args...)
}

// holders is who of the peer can have the port names: pods, and nodes by their host endpoints, but no outside address
// (felix/labelindex/named_port_index.go). The two are kept apart, since only pods have names everywhere. On ingress
// the names are those of the policed endpoint.
func (l *ruleLowering) holders(p packets, peer model.Peer) []model.Peer {
	if len(p.named) == 0 || l.direction == model.Ingress {
		return []model.Peer{peer}
	}
	out := []model.Peer{model.Pods(peer.Pods)}
	if slices.ContainsFunc(l.inventory.hosts, func(h hostEndpoint) bool { return len(h.Ports) > 0 }) {
		out = append(out, model.Peer{Host: peer.Host, Nodes: peer.Nodes})
	}
	return out
}

// sourcePorts is the doubt that a match on source ports leaves: the model has only destination ports.
func (l *ruleLowering) sourcePorts() reason {
	if !hasSourcePorts(l.rule) {
		return reason{}
	}
	why := reason{diag.SourcePorts, "the rule looks at the port that a connection comes from", "match the destination port, or leave source.ports out"}
	for _, field := range []string{".source.ports", ".source.notPorts"} {
		if l.policy.doc.Has(l.path + field) {
			why.note(l.env, l.policy.doc, l.path+field, l.action)
		}
	}
	return why
}

// onlyICMP returns the family whose ICMP is all that the packets are.
func onlyICMP(alternatives []packets) (int, bool) {
	var set traffic.Set
	for _, p := range alternatives {
		set = set.Union(p.set)
	}
	switch {
	case set.IsEmpty():
		return 0, false
	case traffic.Protocol(traffic.ProtoICMP).Covers(set):
		return 4, true
	case traffic.Protocol(traffic.ProtoICMPv6).Covers(set):
		return 6, true
	}
	return 0, false
}

// restricted is the packets that are in both lists; a nil second list restricts nothing.
func restricted(alternatives, more []packets) []packets {
	if more == nil {
		return alternatives
	}
	var out []packets
	for _, a := range alternatives {
		for _, b := range more {
			both := packets{set: a.set.Intersect(b.set), named: a.named, why: a.why}
			switch {
			case len(a.named) == 0:
				both.named = b.named
			case len(b.named) > 0:
				both.why = reason{diag.NamedPort, "a port must bear two names at once, one of the rule and one of the Service", "write the port numbers"}
			}
			if b.why.code != nil {
				both.why = b.why
			}
			if !both.set.IsEmpty() {
				out = append(out, both)
			}
		}
	}
	return out
}

// ruleFields are the fields that lower reads. What a rule has besides is left for the ledger to find.
var ruleFields = []string{"action", "ipVersion", "protocol", "icmp", "notProtocol", "notICMP", "http"}

// entityFields are the fields of source and destination that lower reads.
var entityFields = []string{
	"nets", "selector", "namespaceSelector", "services", "ports", "notNets", "notSelector", "notPorts", "serviceAccounts",
}

// discharge settles the rule's fields in the ledger.
func (l *ruleLowering) discharge() {
	ledger := l.env.Ledger(l.policy.doc)
	ledger.NoMeaning(l.path+".metadata", "annotations of a rule change no verdict")
	for _, f := range ruleFields {
		ledger.Carried(l.path + "." + f)
	}
	for _, side := range []string{".source", ".destination"} {
		if n := l.policy.doc.Node(l.path + side); n != nil && len(n.Content) == 0 {
			ledger.Carried(l.path + side)
		}
		for _, f := range entityFields {
			ledger.Carried(l.path + side + "." + f)
		}
	}
}
