package cilium

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/translate/traffic"
)

// flow is a kind of traffic that a rule matches, or may match if it has a doubt.
type flow struct {
	traffic traffic.Set
	named   []model.NamedPort
	http    []model.HTTPMatch
	doubt   *diag.Code
	// podsOnly says that no other peers have it: a port name on egress.
	podsOnly bool
}

func (f flow) plain() bool { return len(f.named)+len(f.http) == 0 && f.doubt == nil }

// addBox puts a peer and a flow on a rule, among its doubts if there is one.
func addBox(out *model.Rule, f flow, p model.Peer, doubt *diag.Code) {
	b := model.Box{Subject: all, Peer: p, Traffic: f.traffic, Named: f.named, HTTP: f.http}
	switch {
	case b.IsEmpty():
	case doubt != nil:
		out.Doubts = append(out.Doubts, model.Doubt{Box: b, Code: doubt})
	default:
		out.Matches = append(out.Matches, b)
	}
}

// flows lowers toPorts and icmps. Neither means all traffic. A list of which no element names a port matches no
// traffic at all (pkg/policy/rule.go).
func (r *ruleReader) flows(e *readElement) []flow {
	r.carried(e.at("toPorts"))
	r.carried(e.at("icmps"))
	if len(e.toPorts)+len(e.icmps) == 0 {
		return []flow{{traffic: traffic.All()}}
	}
	var out []flow
	for i, p := range e.toPorts {
		path := source.Item(e.at("toPorts"), i)
		out = append(out, r.layer7(p, path, r.ports(e, p, path))...)
	}
	var messages traffic.Set
	for i, icmp := range e.icmps {
		for j, field := range icmp.Fields {
			messages = messages.Union(messagesOf(field))
			if n, ok := field.number(); ok && n == 0 {
				at := source.Item(source.Field(source.Item(e.at("icmps"), i), "fields"), j)
				r.remark(diag.ICMPTypeZero, diag.Exact, at, "leave echo replies out: they need no rule",
					"type 0 stands for every ICMP type of its family in Cilium; the output keeps that meaning")
			}
		}
		if len(icmp.Fields) == 0 {
			r.matchesNothing(source.Item(e.at("icmps"), i))
		}
	}
	if !messages.IsEmpty() {
		out = append(out, flow{traffic: messages})
	}
	return united(out)
}

// united joins plain flows into one.
func united(flows []flow) []flow {
	var out []flow
	for _, f := range flows {
		if f.plain() && len(out) > 0 && out[0].plain() {
			out[0].traffic = out[0].traffic.Union(f.traffic)
			continue
		}
		if f.plain() {
			out = append([]flow{f}, out...)
			continue
		}
		out = append(out, f)
	}
	return out
}

func (r *ruleReader) matchesNothing(path string) {
	r.remark(diag.SelectsNothing, "", path, "leave the list out to match all traffic", "an element without ports matches no traffic")
}
