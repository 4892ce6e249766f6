package replay

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/verdict"
)

// trial judges all groups and puts together what is alike.
type trial struct {
	result        *Result
	before, after *bench
	disagrees     [2]uint64
	rows          map[string]*Connections
}

var seenAs = [...]Seen{flow.Forwarded: Forwarded, flow.Audited: Audited, flow.Denied: Denied, flow.Dropped: Dropped}

func (t *trial) group(of group, s *seen) {
	if s.untyped {
		t.result.Untyped += sum(s.total())
	}
	t.result.StandIns += s.standIn()
	all, why := connections(of, s)
	var fared []opinion
	if why == "" {
		fared = t.before.judge(all)
	}
	for v, n := range s.total() {
		if n > 0 {
			t.part(of, s, seenAs[v], n, t.judged(all, fared, seenAs[v], why))
		}
	}
}

// opinions are what both sets say of connections, and which of those that they may be they can be.
type opinions struct {
	before, after opinion
	of            []verdict.Connection
}

// judged asks both sets. After is before where there is one set only.
func (t *trial) judged(all []verdict.Connection, fared []opinion, saw Seen, why string) opinions {
	if why != "" {
		return opinions{before: opinion{why: why}, after: opinion{why: why}}
	}
	o := opinions{of: possible(all, fared, saw)}
	if len(o.of) < len(all) {
		fared = t.before.judge(o.of)
	}
	o.before = agreed(o.of, fared)
	o.after = o.before
	if t.after != nil {
		o.after = agreed(o.of, t.after.judge(o.of))
	}
	return o
}

// part enters those connections of a group that were seen to fare alike.
func (t *trial) part(of group, s *seen, saw Seen, n uint64, o opinions) {
	t.before.use(o.before, n)
	reference := &o.before
	if t.after != nil {
		t.after.use(o.after, n)
	} else {
		reference = nil
	}
	for i, opinion := range []opinion{o.before, o.after} {
		if kind, _ := weigh(saw, opinion, nil, s); kind == WouldDrop || kind == WouldForward {
			t.disagrees[i] += n
		}
	}
	kind, why := weigh(saw, o.after, reference, s)
	t.result.Totals[kind] += n
	t.row(Connections{
		Kind: kind, From: of.from.party, To: of.to.party, Witness: witness(o.of), Traffic: of.text(), Seen: saw, Count: n,
		First: stamp(s.first), Last: stamp(s.last), Before: o.before.Judged, After: o.after.Judged, Why: why,
	})
}

func sum(counts [4]uint64) (n uint64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// standIn is how many of the connections were of pods that are gone.
func (s *seen) standIn() uint64 { return min(s.standsIn, sum(s.total())) }

func stamp(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}

func witness(all []verdict.Connection) *verdict.Connection {
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}

// text is the traffic as connections are written.
func (t traffic) text() string {
	return verdict.Connection{Protocol: t.protocol, Port: t.port, SourcePort: t.source, ICMPType: t.kind, ICMPCode: t.code}.Traffic()
}

// weigh compares what was seen with what a set says. The reference is the set that was enforced, where that is another
// one.
func weigh(saw Seen, o opinion, reference *opinion, s *seen) (Kind, string) {
	switch {
	case saw == Dropped:
		return Apart, "dropped for another reason than policy: " + s.reason
	case o.beside != "":
		return Apart, o.beside + ", whatever the policies say"
	case o.unlearned && saw == Denied && reference == nil: // nothing that would allow it was learned
		return Same, ""
	case o.why != "":
		return Unjudged, o.why
	case saw == Denied && o.Whole == verdict.Allow:
		return WouldForward, ""
	case saw != Denied && o.Whole == verdict.Deny:
		return WouldDrop, ""
	case o.Whole == verdict.Unknown:
		return inPart(saw, o, reference)
	}
	return Same, ""
}

// inPart is about connections that a proxy looks into, where what passes of them is known. They are let through to the
// proxy, which is what was seen; what it then lets pass must be the same as before.
func inPart(saw Seen, o opinion, reference *opinion) (Kind, string) {
	const only = "a proxy lets only a part of it pass (L7)"
	switch {
	case saw == Denied:
		return Unjudged, only
	case reference == nil:
		return Same, ""
	case reference.Judged == nil:
		return Unjudged, only
	}
	for _, change := range equiv.Contrast(reference.Verdict, o.Verdict) {
		switch {
		case change.Kind == equiv.Closes && change.Example != "":
			return Unjudged, only + ", and no more " + change.Example
		case change.Kind != equiv.Opens:
			return Unjudged, only
		}
	}
	return Same, ""
}

// row enters connections among those that are alike.
func (t *trial) row(c Connections) {
	key := fmt.Sprint(c.Kind, "|", c.From, "|", c.To, "|", c.Traffic, "|", c.Seen, "|", c.Why, "|", by(c.Before, c.Witness), "|", by(c.After, c.Witness))
	known := t.rows[key]
	if known == nil {
		t.rows[key] = &c
		return
	}
	known.Count += c.Count
	if known.First.IsZero() || !c.First.IsZero() && c.First.Before(known.First) {
		known.First = c.First
	}
	if c.Last.After(known.Last) {
		known.Last = c.Last
	}
}

// by names the rules that decided, whichever of the pods of a workload it was.
func by(j *Judged, witness *verdict.Connection) string {
	if j == nil {
		return ""
	}
	parts := []string{string(j.Verdict.Egress), string(j.Verdict.Ingress)}
	for _, s := range j.By {
		parts = append(parts, s.Policy, s.Path, s.Where, s.What)
	}
	text := strings.Join(parts, " ")
	for _, pod := range []string{witness.From.Pod, witness.To.Pod} {
		if pod != "" {
			text = strings.ReplaceAll(text, pod, "a pod")
		}
	}
	return text
}

// finish sorts what was found.
func (t *trial) finish() {
	r := t.result
	keys := make([]string, 0, len(t.rows))
	for key := range t.rows {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		x, y := t.rows[a], t.rows[b]
		return cmp.Or(cmp.Compare(slices.Index(kinds, x.Kind), slices.Index(kinds, y.Kind)), cmp.Compare(y.Count, x.Count), cmp.Compare(a, b))
	})
	for _, key := range keys {
		c := t.rows[key]
		if t.after == nil {
			c.After = nil
		}
		r.Connections = append(r.Connections, *c)
	}
	r.Before = &Side{Disagrees: t.disagrees[0], Rules: t.before.rules()}
	if t.after != nil {
		r.After = &Side{Disagrees: t.disagrees[1], Rules: t.after.rules()}
	}
}
