package replay

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/fqdn"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/replay/flow"
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
	// Names are what Cilium has learned about DNS names, beside what the logs tell; nil for nothing.
	Names *fqdn.Cache
	// Limit is how many groups of connections are kept apart; 0 means DefaultLimit. What goes beyond is counted
	// (flow.Excess) and not judged.
	Limit int
	// Progress is told the bytes that were read, from time to time; it may be nil.
	Progress func(bytes int64)
	// Judging is told how many of the groups of connections are judged, from time to time; it may be nil.
	Judging func(done, of int)
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
	if o.Names == nil {
		o.Names = &fqdn.Cache{}
	}
	p, err := newPlacer(o.Facts, classes, o.Names, o.Before, after)
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
	groups := g.sorted()
	names := g.names(groups, o.Names)
	var err error
	if t.before, err = newBench(o.Before, p, names); err != nil {
		return nil, err
	}
	if o.After != nil {
		if t.after, err = newBench(o.After, p, names); err != nil {
			return nil, err
		}
	}
	for i, of := range groups {
		t.group(of, g.groups[of])
		if o.Judging != nil && i%100 == 0 {
			o.Judging(i+1, len(groups))
		}
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
			cmp.Compare(a.kind, b.kind), cmp.Compare(a.code, b.code), cmp.Compare(a.family, b.family), cmp.Compare(a.source, b.source),
			cmp.Compare(number(a.own), number(b.own)), cmp.Compare(number(a.self), number(b.self)),
		)
	})
	return out
}
