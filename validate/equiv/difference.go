package equiv

import (
	"cmp"
	"fmt"
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
	for _, of := range p.inOrder {
		for _, m := range p.joint(of, false) {
			for _, change := range p.changes(&m) {
				key := m.key(change.Kind)
				f := byKey[key]
				if f == nil {
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
	egress, ingress answers
}

// joint intersects the cells of both ends: those that can differ, or all of them.
func (p *pairing) joint(of *pairs, all bool) []moment {
	var out []moment
	passing := answers{left: opinion{action: verdict.None}, right: opinion{action: verdict.None}}
	switch {
	case of.ingress == none:
		e := p.profiles[of.egress]
		for i, t := range e.cells {
			out = append(out, moment{t, e.answers[i], passing})
		}
	case of.egress == none:
		in := p.profiles[of.ingress]
		for i, t := range in.cells {
			out = append(out, moment{t, passing, in.answers[i]})
		}
	default:
		e, in := p.profiles[of.egress], p.profiles[of.ingress]
		for i, t := range e.cells {
			for k, u := range in.cells {
				if both, some := t.meet(u); some && (all || e.answers[i].different || in.answers[k].different) {
					out = append(out, moment{both, e.answers[i], in.answers[k]})
				}
			}
		}
	}
	return out
}

// changes tells how the sides differ.
func (c *comparison) changes(m *moment) []Change {
	if m.egress.beside || m.ingress.beside {
		return nil
	}
	return c.relation.changes(&c.inside, m)
}

// key is the same for the same reasons.
func (m *moment) key(kind Kind) string {
	at, end := m.egress, "egress"
	if !at.different {
		at, end = m.ingress, "ingress"
	}
	key := fmt.Sprint(kind, "|", end, "|", at.left.action, at.left.by, "|", at.right.action, at.right.by)
	for _, o := range []opinion{m.egress.left, m.ingress.left, m.egress.right, m.ingress.right} {
		key += "|"
		if o.when != nil {
			key += o.when.Key()
		}
	}
	return key
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
