package equiv

import (
	"slices"
	"sync"

	"github.com/policyferry/policyferry/validate/verdict"
)

// profile is how the traffic between two ends fares at one of them.
type profile struct {
	cells   []cell
	answers []answers
	// differs says that the sides do not agree on some cell.
	differs bool
}

// drafting is room for a profile in the making. Most profiles turn out to be known.
type drafting struct {
	profile
	asked  []verdict.Connection
	beside []bool
	key    []byte
	// rooms are for the opinions of one judge after the other, seen for the slots of a grain.
	rooms [6][]opinion
	used  int
	seen  []int32
}

var drafts = sync.Pool{New: func() any { return new(drafting) }}

// room is one for n opinions.
func (d *drafting) room(n int) []opinion {
	d.rooms[d.used] = slices.Grow(d.rooms[d.used][:0], n)[:n]
	d.used++
	return d.rooms[d.used-1]
}

// slots is room for what is known by slot, with nothing known.
func (d *drafting) slots(n int) []int32 {
	d.seen = slices.Grow(d.seen[:0], n)[:n]
	clear(d.seen)
	return d.seen
}

// profileOf judges every cell between two ends, at one of them. Equal profiles have one number.
func (c *comparison) profileOf(of verdict.Connection, cells []cell, by [2]*grain, ingress bool) (number int32, differs bool) {
	d := drafts.Get().(*drafting)
	defer drafts.Put(d)
	c.draft(d, of, cells, by, ingress)
	d.key = d.profile.appendKey(d.key[:0])
	c.mu.Lock()
	defer c.mu.Unlock()
	number, known := c.numbers[string(d.key)]
	if !known {
		number = int32(len(c.profiles))
		c.numbers[string(d.key)] = number
		c.profiles = append(c.profiles, &profile{cells, slices.Clone(d.answers), d.differs})
	}
	return number, d.differs
}

func (c *comparison) draft(d *drafting, of verdict.Connection, cells []cell, by [2]*grain, ingress bool) {
	d.used, d.cells, d.differs = 0, cells, false
	d.asked, d.beside = d.asked[:0], d.beside[:0]
	d.answers = slices.Grow(d.answers[:0], len(cells))[:len(cells)]
	judged := int64(0)
	for _, t := range cells {
		at, beside := c.asked(of, t)
		d.asked, d.beside = append(d.asked, at), append(d.beside, beside)
		if !beside {
			judged++
		}
	}
	c.judged.Add(judged)
	left, right := by[0].opinions(c.left, d, ingress), by[1].opinions(c.right, d, ingress)
	for i := range cells {
		if d.beside[i] {
			d.answers[i] = answers{beside: true}
			continue
		}
		d.answers[i] = answersOf(&c.inside, c.relation, left[i], right[i])
		d.differs = d.differs || d.answers[i].different
	}
}

func answersOf(i *inside, r relation, left, right opinion) answers {
	a := answers{left: left, right: right, different: r.differs(i, left, right)}
	if !a.different {
		a.left.forget()
		a.right.forget()
	}
	return a
}

// appendKey appends what is equal for profiles that are the same.
func (p *profile) appendKey(b []byte) []byte {
	for i, t := range p.cells {
		a := &p.answers[i]
		for _, n := range [...]uint16{uint16(t.protocol), t.first.Low, t.first.High, t.second.Low, t.second.High} {
			b = append(b, byte(n>>8), byte(n))
		}
		for _, o := range [...]*opinion{&a.left, &a.right} {
			b = append(append(append(append(b, o.action...), 0), o.by...), 0)
			if o.when != nil {
				b = append(append(b, o.when.Key()...), 0)
			}
		}
		if a.beside {
			b = append(b, 1)
		}
	}
	return b
}
