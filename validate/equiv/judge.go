package equiv

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/policyferry/policyferry/validate/verdict"
)

// comparison is one run.
type comparison struct {
	left, right verdict.Partitioner
	relation    relation
	space       *space
	traffic     *traffic
	dividers    [2]verdict.Divider
	judged      atomic.Int64
	inside      inside

	mu       sync.Mutex
	beside   map[string]bool
	profiles []*profile
	numbers  map[string]int32 // of profiles, by their key
}

// answers are the verdicts of both sides at one end.
type answers struct {
	left, right       opinion
	beside, different bool
}

// end judges one end of a witness of the cell on both sides.
func (c *comparison) end(of verdict.Connection, t cell, ingress bool) answers {
	at := c.traffic.witness(t, of, false)
	why := c.besides(at)
	if why != "" {
		if at = c.traffic.witness(t, of, true); c.besides(at) != "" {
			c.leaveOut(why)
			return answers{beside: true}
		}
	}
	c.judged.Add(1)
	a := answers{}
	a.left, a.right = one(c.left, at, ingress), one(c.right, at, ingress)
	a.different = c.relation.differs(&c.inside, a.left, a.right)
	if !a.different {
		a.left.by, a.right.by = "", ""
	}
	return a
}

// one asks one judge. What it cannot answer is unknown.
func one(j verdict.Partitioner, at verdict.Connection, ingress bool) opinion {
	v, err := j.JudgeEnd(at, ingress)
	if err != nil {
		return opinion{action: verdict.Unknown, by: err.Error()}
	}
	if v.Action == verdict.Unknown && v.When == nil {
		return opinion{action: v.Action, by: v.Why}
	}
	return opinion{v.Action, strings.Join(v.By, ", "), v.When}
}

// besides says why a dataplane decides a connection whatever the policies say. None does so for TCP.
func (c *comparison) besides(at verdict.Connection) string {
	if at.Protocol == tcp {
		return ""
	}
	if why := c.left.Beside(at); why != "" {
		return why
	}
	return c.right.Beside(at)
}

func (c *comparison) leaveOut(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.beside[why] = true
}

// profile is how the traffic between two ends fares at one of them.
type profile struct {
	cells   []cell
	answers []answers
	// differs says that the sides do not agree on some cell.
	differs bool
}

// profile judges every cell.
func (c *comparison) profile(of verdict.Connection, cells []cell, ingress bool) *profile {
	p := &profile{cells: cells, answers: make([]answers, len(cells))}
	for i, t := range cells {
		p.answers[i] = c.end(of, t, ingress)
		p.differs = p.differs || p.answers[i].different
	}
	return p
}

// key is equal for profiles that are the same.
func (p *profile) key() string {
	b := make([]byte, 0, 64*len(p.cells))
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
	return string(b)
}

// governs joins what both sides tell apart at an end.
func (c *comparison) governs(at verdict.Peer, ingress bool) (splits [2][]*verdict.Split, cuts verdict.Cuts) {
	for i, d := range c.dividers {
		g := d.Governs(at, ingress)
		splits[i] = g.Splits
		cuts.Add(g.Cuts)
	}
	return splits, cuts
}

// restrict drops the protocols that are beside policy for all pods from the comparison, once and for all.
func (c *comparison) restrict() {
	pods := slices.IndexFunc(c.space.elements, func(e *element) bool { return len(e.members) > 0 })
	if pods < 0 {
		return
	}
	e := c.space.elements[pods]
	for _, o := range c.space.elements {
		if o != e && o.family == e.family {
			c.drop(e, o)
			return
		}
	}
}

// drop tries protocols between a pod and somebody else, both ways.
func (c *comparison) drop(a, b *element) {
	for _, protocol := range append([]uint8{sctp, c.traffic.rest}, c.traffic.others...) {
		both := verdict.Connection{Protocol: protocol, IPVersion: a.family, Port: 1, SourcePort: 40000}
		both.From, both.To = a.end(0), b.end(0)
		why := c.besides(both)
		both.From, both.To = both.To, both.From
		if why != "" && c.besides(both) != "" {
			c.traffic.without[protocol] = true
			c.leaveOut(why)
		}
	}
}
