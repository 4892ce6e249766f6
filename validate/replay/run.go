package replay

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/verdict"
)

// DefaultLimit is how many groups of connections are kept apart at most, unless Options say otherwise.
const DefaultLimit = 500_000

// Options say by what the traffic is judged.
type Options struct {
	// Before are the policies that were enforced when the traffic was seen; After those that shall be. With Before
	// alone, what was seen is compared with what Before says.
	Before, After *equiv.Side
	// Facts are of the cluster in which the traffic was seen.
	Facts *cluster.Facts
	// Limit is how many groups of connections are kept apart; 0 means DefaultLimit. What goes beyond is counted
	// (flow.Excess) and not judged.
	Limit int
	// Progress is told the bytes that were read, from time to time; it may be nil.
	Progress func(bytes int64)
}

// Run reads the inputs and judges what they tell. An InputError is about an input that cannot be read at all; single
// records that cannot be read are counted.
func Run(ctx context.Context, inputs []Input, o Options) (*Result, error) {
	after := o.After
	if after == nil {
		after = o.Before
	}
	classes, err := equiv.NewClasses(o.Before, after, o.Facts)
	if err != nil {
		return nil, err
	}
	p, err := newPlacer(o.Facts, classes, o.Before, after)
	if err != nil {
		return nil, err
	}
	g := newGathering(cmp.Or(o.Limit, DefaultLimit))
	var bytesRead atomic.Int64
	err = read(ctx, inputs, p, &bytesRead, func(d *decoded) {
		g.take(d)
		if o.Progress != nil {
			o.Progress(bytesRead.Load())
		}
	})
	if err != nil {
		return nil, err
	}
	return g.result(o, p)
}

// result judges what was gathered.
func (g *gathering) result(o Options, p *placer) (*Result, error) {
	r := &Result{Records: map[flow.Kind]uint64{}, Corrupt: g.corrupt, Totals: map[Kind]uint64{}, Coverage: g.coverage(o.Facts, p)}
	for _, name := range g.inputs {
		r.Inputs = append(r.Inputs, Read{name, g.formats[name]})
	}
	for _, k := range flow.Kinds() {
		r.Records[k] = g.records[k]
	}
	t := &trial{result: r, rows: map[string]*Connections{}}
	var err error
	if t.before, err = newBench(o.Before); err != nil {
		return nil, err
	}
	if o.After != nil {
		if t.after, err = newBench(o.After); err != nil {
			return nil, err
		}
	}
	for _, of := range g.sorted() {
		t.group(of, g.groups[of])
	}
	t.finish()
	return r, nil
}

// sorted are the groups in an order that does not depend on how they were gathered.
func (g *gathering) sorted() []group {
	out := make([]group, 0, len(g.groups))
	for of := range g.groups {
		out = append(out, of)
	}
	number := func(b bool) int { return map[bool]int{true: 1}[b] }
	slices.SortFunc(out, func(a, b group) int {
		return cmp.Or(
			cmp.Compare(a.from.key, b.from.key), cmp.Compare(a.to.key, b.to.key), cmp.Compare(a.protocol, b.protocol), cmp.Compare(a.port, b.port),
			cmp.Compare(a.kind, b.kind), cmp.Compare(a.code, b.code), cmp.Compare(a.family, b.family),
			cmp.Compare(number(a.own), number(b.own)), cmp.Compare(number(a.self), number(b.self)),
		)
	})
	return out
}

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
	var before, after opinion
	if why != "" {
		before, after = opinion{why: why}, opinion{why: why}
	} else {
		before = t.before.judge(all)
		after = before
		if t.after != nil {
			after = t.after.judge(all)
		}
	}
	for v, n := range s.total() {
		if n == 0 {
			continue
		}
		saw := seenAs[v]
		t.before.use(before, n)
		if t.after != nil {
			t.after.use(after, n)
		}
		for i, opinion := range []opinion{before, after} {
			if kind, _ := weigh(saw, opinion, s); kind == WouldDrop || kind == WouldForward {
				t.disagrees[i] += n
			}
		}
		kind, why := weigh(saw, after, s)
		t.result.Totals[kind] += n
		t.row(Connections{
			Kind: kind, From: of.from.party, To: of.to.party, Witness: witness(all), Traffic: of.text(), Seen: saw, Count: n,
			First: stamp(s.first), Last: stamp(s.last), Before: before.Judged, After: after.Judged, Why: why,
		})
	}
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
	return verdict.Connection{Protocol: t.protocol, Port: t.port, ICMPType: t.kind, ICMPCode: t.code}.Traffic()
}

// weigh compares what was seen with what a set says.
func weigh(saw Seen, o opinion, s *seen) (Kind, string) {
	switch {
	case saw == Dropped:
		return Apart, "dropped for another reason than policy: " + s.reason
	case o.beside != "":
		return Apart, o.beside + ", whatever the policies say"
	case o.why != "":
		return Unjudged, o.why
	case saw == Denied && o.Whole == verdict.Allow:
		return WouldForward, ""
	case saw != Denied && o.Whole == verdict.Deny:
		return WouldDrop, ""
	}
	return Same, ""
}

// row enters connections among those that are alike.
func (t *trial) row(c Connections) {
	key := fmt.Sprint(c.Kind, "|", c.From, "|", c.To, "|", c.Traffic, "|", c.Seen, "|", c.Why, "|", by(c.Before), "|", by(c.After))
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

// by names the rules that decided.
func by(j *Judged) string {
	if j == nil {
		return ""
	}
	parts := []string{string(j.Verdict.Egress), string(j.Verdict.Ingress)}
	for _, s := range j.By {
		parts = append(parts, s.Policy, s.Path, s.Where, s.What)
	}
	return strings.Join(parts, " ")
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
