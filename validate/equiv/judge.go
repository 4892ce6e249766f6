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
	// memory is nil where nothing is remembered from one set to the next.
	memory *memory

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

// asked is a witness of the cell, or that the dataplane decides it.
func (c *comparison) asked(of verdict.Connection, t cell) (at verdict.Connection, beside bool) {
	at = c.traffic.witness(t, of, false)
	why := c.besides(at)
	if why == "" {
		return at, false
	}
	if at = c.traffic.witness(t, of, true); c.besides(at) == "" {
		return at, false
	}
	c.leaveOut(why)
	return at, true
}

// governs joins what both sides tell apart at an end.
func (c *comparison) governs(at verdict.Peer, ingress bool) (splits [2][]*verdict.Split, cuts verdict.Cuts, by [2]*divided) {
	for i, j := range []verdict.Partitioner{c.left, c.right} {
		var g verdict.Governing
		g, by[i] = divideAt(j, c.dividers[i], at, ingress)
		splits[i] = g.Splits
		cuts.Add(g.Cuts)
	}
	return splits, cuts, by
}

// over binds what both sides tell apart to cells.
func over(by [2]*divided, cells []cell) [2]*grain {
	return [2]*grain{by[0].over(cells), by[1].over(cells)}
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
