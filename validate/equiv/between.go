package equiv

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

// Between is Way.Between for a way on which only one set is met.
func Between(before, middle, after *Side, facts *cluster.Facts) (*Result, error) {
	return NewWay(before, after, facts).Between(middle)
}

// joined is a side on which both sets answer together.
func joined(before, after *Side) *Side {
	return &Side{
		CNI: before.CNI, Judge: &ends{before.Judge, after.Judge}, Facts: before.Facts,
		Documents: slices.Concat(before.Documents, after.Documents),
	}
}

// ends are two judges that answer together: an action is both of theirs, with a bar between.
type ends struct{ before, after verdict.Partitioner }

// bar stands between the actions of both ends.
const bar = "\x02"

// settledTogether are the answers that are given again and again, put together once.
var settledTogether = func() map[[2]verdict.Action]verdict.Action {
	out := map[[2]verdict.Action]verdict.Action{}
	for _, a := range []verdict.Action{verdict.Allow, verdict.Deny} {
		for _, b := range []verdict.Action{verdict.Allow, verdict.Deny} {
			out[[2]verdict.Action{a, b}] = a + bar + b
		}
	}
	return out
}()

// JudgeEnd implements verdict.Partitioner.
func (e *ends) JudgeEnd(c verdict.Connection, ingress bool) (verdict.End, error) {
	return verdict.End{Action: together(one(e.before, c, ingress), one(e.after, c, ingress))}, nil
}

// together is the action of both ends.
func together(before, after opinion) verdict.Action {
	a, b := before.settled(), after.settled()
	if known, ok := settledTogether[[2]verdict.Action{a, b}]; ok {
		return known
	}
	return a + bar + b
}

// Judge implements verdict.Judge; nobody asks, since only the sides themselves explain a difference.
func (e *ends) Judge(c verdict.Connection) (verdict.Verdict, error) { return e.before.Judge(c) }

// Trace implements verdict.Partitioner.
func (e *ends) Trace(c verdict.Connection) ([]verdict.Step, error) { return e.before.Trace(c) }

// Ranges implements verdict.Partitioner.
func (e *ends) Ranges() []netip.Prefix { return slices.Concat(e.before.Ranges(), e.after.Ranges()) }

// Protocols implements verdict.Partitioner.
func (e *ends) Protocols() []uint8 { return slices.Concat(e.before.Protocols(), e.after.Protocols()) }

// NodeKey implements verdict.Partitioner.
func (e *ends) NodeKey(node string, inPlay func(string) bool) string {
	return e.before.NodeKey(node, inPlay) + bar + e.after.NodeKey(node, inPlay)
}

// Polices implements verdict.Partitioner.
func (e *ends) Polices(node string) bool { return e.before.Polices(node) || e.after.Polices(node) }

// Beside implements verdict.Partitioner.
func (e *ends) Beside(c verdict.Connection) string {
	if why := e.before.Beside(c); why != "" {
		return why
	}
	return e.after.Beside(c)
}

// Divide implements verdict.Partitioner.
func (e *ends) Divide(peers []verdict.Peer) verdict.Divider {
	return dividers{e.before.Divide(peers), e.after.Divide(peers)}
}

// dividers tell apart what either does.
type dividers [2]verdict.Divider

// Governs implements verdict.Divider.
func (d dividers) Governs(end verdict.Peer, ingress bool) verdict.Governing {
	return governedByBoth(d[0].Governs(end, ingress), d[1].Governs(end, ingress))
}

func governedByBoth(g, more verdict.Governing) verdict.Governing {
	out := verdict.Governing{Splits: slices.Concat(g.Splits, more.Splits)}
	out.Cuts.Add(g.Cuts)
	out.Cuts.Add(more.Cuts)
	return out
}

// settled is an opinion as one word: allow, deny, or unknown with what else is to say, so that the same is known again.
func (o opinion) settled() verdict.Action {
	switch {
	case o.action == verdict.None:
		return verdict.Allow
	case o.action == verdict.Unknown && o.when != nil:
		return verdict.Unknown + verdict.Action(":"+o.when.Key())
	case o.action == verdict.Unknown:
		return verdict.Unknown + verdict.Action("?"+o.by)
	}
	return o.action
}

// betweenness asks whether the right side does something that neither of the ends on the left does.
type betweenness struct{}

// differs is true unless all three say the same: then the whole cannot be outside for what happens here.
func (betweenness) differs(_ *inside, left, right opinion) bool {
	a, b := apart(left.action)
	return a != b || a != right.settled()
}

func (betweenness) changes(_ *inside, m *moment) []Change {
	a, b := apart(m.egress.left.action)
	c, d := apart(m.ingress.left.action)
	before, after, middle := both(a, c), both(b, d), both(m.egress.right.settled(), m.ingress.right.settled())
	switch {
	case middle == before || middle == after:
		return nil
	case middle == verdict.Allow && before == verdict.Deny && after == verdict.Deny:
		return []Change{{Kind: Opens}}
	case middle == verdict.Deny && before == verdict.Allow && after == verdict.Allow:
		return []Change{{Kind: Closes}}
	}
	return []Change{{Kind: Unjudged}}
}

// both joins what two ends of a connection say.
func both(egress, ingress verdict.Action) verdict.Action {
	switch {
	case egress == verdict.Deny || ingress == verdict.Deny:
		return verdict.Deny
	case egress == verdict.Allow || egress == ingress:
		return ingress
	case ingress == verdict.Allow:
		return egress
	}
	return egress + "&" + ingress
}

// apart are the actions of both ends.
func apart(joined verdict.Action) (before, after verdict.Action) {
	a, b, found := strings.Cut(string(joined), bar)
	if !found { // nothing is policed here: an address outside, on every side
		return verdict.Allow, verdict.Allow
	}
	return verdict.Action(a), verdict.Action(b)
}
