package equiv

import (
	"math"
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

// betweenness asks whether the right side does something that neither of the ends on the left does. The right side may be
// a course; then the question is asked in each of its states.
type betweenness struct {
	// oneWay says that no end is opened from before to after, or none is closed.
	oneWay bool
	// only is the one state that is asked about; nil for all.
	only *int
}

// differs is true unless all three say the same: then the whole cannot be outside for what happens here. With oneWay the
// same holds where before and after differ and all is known: a whole that is denied on both sides would be denied at this
// end on one side only, so the other end would have to deny on the other side and allow on this one.
func (b betweenness) differs(_ *inside, left, right opinion) bool {
	before, after := apart(left.action)
	turns := turnsOf(right)
	if before == after {
		return slices.ContainsFunc(turns, func(t turn) bool { return t.action != before })
	}
	return !b.oneWay || !known(before) || !known(after) || slices.ContainsFunc(turns, func(t turn) bool { return !known(t.action) })
}

func known(a verdict.Action) bool { return a == verdict.Allow || a == verdict.Deny }

func (b betweenness) changes(_ *inside, m *moment) []Change {
	kind, at := outsideFrom(m)
	if kind == "" || b.only != nil && *b.only != at {
		return nil
	}
	return []Change{{Kind: kind}}
}

// outsideFrom is the first state in which the whole is outside, and how.
func outsideFrom(m *moment) (Kind, int) {
	a, b := apart(m.egress.left.action)
	c, d := apart(m.ingress.left.action)
	before, after := both(a, c), both(b, d)
	egress, ingress := turnsOf(m.egress.right), turnsOf(m.ingress.right)
	for {
		at := max(egress[0].from, ingress[0].from)
		if kind := outside(before, both(egress[0].action, ingress[0].action), after); kind != "" {
			return kind, at
		}
		// the end that turns next goes on, both if they turn at once
		next := min(nextTurn(egress), nextTurn(ingress))
		if next == never {
			return "", 0
		}
		if nextTurn(egress) == next {
			egress = egress[1:]
		}
		if nextTurn(ingress) == next {
			ingress = ingress[1:]
		}
	}
}

const never = math.MaxInt

func nextTurn(turns []turn) int {
	if len(turns) == 1 {
		return never
	}
	return turns[1].from
}

// outside says how a state differs from both ends, if it does.
func outside(before, middle, after verdict.Action) Kind {
	switch {
	case middle == before || middle == after:
		return ""
	case middle == verdict.Allow && before == verdict.Deny && after == verdict.Deny:
		return Opens
	case middle == verdict.Deny && before == verdict.Allow && after == verdict.Allow:
		return Closes
	}
	return Unjudged
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
