package equiv

import (
	"cmp"
	"iter"
	"slices"

	"github.com/policyferry/policyferry/validate/verdict"
)

// found is a difference on its way.
type found struct {
	Difference
	key string
	// seen is the last pairs that were counted.
	seen *pairs
}

// differences puts the verdicts of both ends together. A connection passes where both ends let it pass, so a
// difference at one end that the other end denies on both sides is none.
func (p *pairing) differences() []Difference {
	byKey := map[string]*found{}
	var all []*found
	var buffer []byte
	for _, of := range p.inOrder {
		if p.memory.same(of) {
			continue
		}
		changed := false
		for m := range p.joint(of, false) {
			for _, change := range p.changes(m) {
				changed = true
				buffer = m.appendKey(buffer[:0], change.Kind)
				f := byKey[string(buffer)]
				if f == nil {
					key := string(buffer)
					f = &found{key: key}
					f.Kind, f.Example, f.Witness = change.Kind, change.Example, p.traffic.witness(m.cell, of.witness, false)
					if p.besides(f.Witness) != "" {
						f.Witness = p.traffic.witness(m.cell, of.witness, true)
					}
					byKey[key] = f
					all = append(all, f)
				}
				if f.seen != of {
					f.seen = of
					f.Pairs += of.count
				}
				f.Connections += of.weight * p.traffic.size(m.cell)
			}
		}
		if !changed {
			p.memory.note(of)
		}
	}
	slices.SortStableFunc(all, func(a, b *found) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(b.Connections, a.Connections), cmp.Compare(a.key, b.key))
	})
	out := make([]Difference, len(all))
	p.difference = map[string]int{}
	for i, f := range all {
		out[i] = f.Difference
		p.difference[f.key] = i
	}
	return out
}

func rank(k Kind) int { return slices.Index([]Kind{Opens, Closes, Unjudged}, k) }

// moment is traffic that fares alike at both ends of some pairs.
type moment struct {
	cell
	egress, ingress *answers
}

// joint intersects the cells of both ends: those that can differ, or all of them. A moment is good until the next.
func (p *pairing) joint(of *pairs, all bool) iter.Seq[*moment] {
	return func(yield func(*moment) bool) {
		m := moment{egress: &passing, ingress: &passing}
		switch {
		case of.ingress == none:
			e := p.profiles[of.egress]
			for i, t := range e.cells {
				if m.cell, m.egress = t, &e.answers[i]; !yield(&m) {
					return
				}
			}
		case of.egress == none:
			in := p.profiles[of.ingress]
			for i, t := range in.cells {
				if m.cell, m.ingress = t, &in.answers[i]; !yield(&m) {
					return
				}
			}
		default:
			p.overlaps(p.profiles[of.egress], p.profiles[of.ingress], all, yield)
		}
	}
}

// overlaps are the moments that two profiles share.
func (p *pairing) overlaps(e, in *profile, all bool, yield func(*moment) bool) {
	var m moment
	lookup := &meeting{cells: in.cells}
	for i, t := range e.cells {
		m.egress = &e.answers[i]
		from, to := lookup.candidates(t)
		for k := from; k < to; k++ {
			var some bool
			m.ingress = &in.answers[k]
			m.cell, some = t.meet(in.cells[k])
			if some && (all || m.egress.different || m.ingress.different) && !yield(&m) {
				return
			}
		}
	}
}

// passing are the answers at an end at which nothing is policed.
var passing = answers{left: opinion{action: verdict.None}, right: opinion{action: verdict.None}}

// changes tells how the sides differ.
func (c *comparison) changes(m *moment) []Change {
	if m.egress.beside || m.ingress.beside {
		return nil
	}
	return c.relation.changes(&c.inside, m)
}

// appendKey appends what is the same for the same reasons.
func (m *moment) appendKey(to []byte, kind Kind) []byte {
	at, end := m.egress, "|egress|"
	if !at.different {
		at, end = m.ingress, "|ingress|"
	}
	for _, text := range [...]string{string(kind), end, string(at.left.action), at.left.by, "|", string(at.right.action), at.right.by} {
		to = append(to, text...)
	}
	for _, o := range [...]*opinion{&m.egress.left, &m.ingress.left, &m.egress.right, &m.ingress.right} {
		to = append(to, '|')
		if o.when != nil {
			to = append(to, o.when.Key()...)
		}
	}
	return to
}

// explain fills in the verdicts on the witness and how they came about.
func (c *comparison) explain(d *Difference) error {
	var err error
	if d.Left, err = c.left.Judge(d.Witness); err != nil {
		return err
	}
	if d.Right, err = c.right.Judge(d.Witness); err != nil {
		return err
	}
	if d.LeftBy, err = decisive(c.left, d.Witness, d.Left); err != nil {
		return err
	}
	d.RightBy, err = decisive(c.right, d.Witness, d.Right)
	return err
}

// decisive are the steps that decided.
func decisive(j verdict.Partitioner, at verdict.Connection, v verdict.Verdict) ([]verdict.Step, error) {
	steps, err := j.Trace(at)
	if err != nil {
		return nil, err
	}
	return Decisive(steps, v), nil
}

// Decisive are those steps of a trace that brought a verdict about. Of a connection that is denied, only those that
// deny count.
func Decisive(steps []verdict.Step, v verdict.Verdict) []verdict.Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s verdict.Step) bool {
		action := v.Egress
		if s.Ingress {
			action = v.Ingress
		}
		return !s.Decides || !v.Allowed() && action != verdict.Deny
	})
}
