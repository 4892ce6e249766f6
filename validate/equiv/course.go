package equiv

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// Course is a sequence of states of one set, counted from 0. An end of connections meets only the changes that concern
// it, so it goes through a few levels, and not through all states: what a level is for it, a stage tells.
type Course struct {
	// Stages are sets. A stage need be no state: it must hold, for the ends that are sent to it, the policies that concern
	// them in some state.
	Stages []*Side
	// Levels are those of an end, the first from state 0.
	Levels func(at verdict.Endpoint) []Level
}

// Level sends an end to a stage from a state on.
type Level struct{ From, Stage int }

// selective is a judge that can tell which documents matter at an end.
type selective interface {
	Concerning(at verdict.Endpoint) ([]*source.Document, bool)
}

// Concerning are the documents whose policies can make a difference where connections leave or enter a pod or a node. It
// is false if that is not known, or others may make a difference as well. Documents that are no policies (tiers, sets of
// addresses, host endpoints) are not among them, and concern every end.
func (s *Side) Concerning(at verdict.Endpoint) ([]*source.Document, bool) {
	if j, ok := s.Judge.(selective); ok {
		return j.Concerning(at)
	}
	return nil, false
}

// Outside is the first state of a course that is not between the ends.
type Outside struct {
	At         int
	Difference Difference
}

// Along judges every connection of the cluster in every state of a course, beside two ends. It returns the first state
// that allows what both ends deny, or denies what both allow; nil if there is none.
//
// It judges the ends of connections level by level and puts them together state by state, so that its cost goes with the
// number of levels of an end, and not with the number of states.
func Along(before *Side, c *Course, after *Side, facts *cluster.Facts) (*Outside, error) {
	way := &course{Course: c}
	p, leaving, entering, err := pair(joined(before, after), way.side(), facts, betweenness{})
	if err != nil {
		return nil, err
	}
	p.prune(leaving, entering)
	p.pods(leaving, entering)
	p.nodes(leaving, entering)
	at, found := p.firstOutside()
	if !found {
		return nil, nil
	}
	p.relation = betweenness{only: &at}
	out := &Outside{At: at, Difference: p.differences()[0]} // one witness is as good as all
	return out, way.explain(before, out)
}

// firstOutside is the first state in which a connection is outside.
func (p *pairing) firstOutside() (at int, found bool) {
	for _, of := range p.inOrder {
		for m := range p.joint(of, false) {
			if m.egress.beside || m.ingress.beside {
				continue
			}
			if kind, from := outsideFrom(m); kind != "" && (!found || from < at) {
				at, found = from, true
			}
		}
	}
	return at, found
}

// prune leaves out what can make no difference, now that all ends are judged. At an end where before and after are two
// verdicts, the state on the way has one of them; for the whole to be outside all the same, the other end must change in
// the other direction. If no end does, such ends need not be paired.
func (p *pairing) prune(leaving, entering []*view) {
	if slices.ContainsFunc(p.space.nodes, p.polices) {
		return // ends at nodes are judged later
	}
	up, down := false, false
	for _, one := range p.profiles {
		for i := range one.answers {
			before, after := apart(one.answers[i].left.action)
			up = up || before == verdict.Deny && after == verdict.Allow
			down = down || before == verdict.Allow && after == verdict.Deny
		}
	}
	if up && down {
		return
	}
	p.relation = betweenness{oneWay: true}
	for _, one := range p.profiles {
		one.differs = false
		for i := range one.answers {
			a := &one.answers[i]
			a.different = a.different && p.relation.differs(&p.inside, a.left, a.right)
			one.differs = one.differs || a.different
		}
	}
	for _, v := range slices.Concat(leaving, entering) {
		if v != nil {
			v.differs = slices.ContainsFunc(v.profiles, func(n int32) bool { return p.differs(n) })
		}
	}
}

// course is the judge of a course: its action is what the levels say, one after the other.
type course struct{ *Course }

func (c *course) side() *Side {
	first := c.Stages[0]
	seen := map[*source.Document]bool{}
	s := &Side{CNI: first.CNI, Judge: c, Facts: first.Facts}
	for _, stage := range c.Stages {
		for _, d := range stage.Documents {
			if !seen[d] {
				seen[d] = true
				s.Documents = append(s.Documents, d)
			}
		}
	}
	return s
}

// step stands between the levels of an action, from between the state in which one begins and what it says.
const (
	step = "\x03"
	from = "\x04"
)

// JudgeEnd implements verdict.Partitioner.
func (c *course) JudgeEnd(of verdict.Connection, ingress bool) (verdict.End, error) {
	self := of.From
	if ingress {
		self = of.To
	}
	var b strings.Builder
	last := verdict.Action("")
	for _, l := range c.Levels(self) {
		action := one(c.Stages[l.Stage].Judge, of, ingress).settled()
		if action == last {
			continue
		}
		if last != "" {
			b.WriteString(step + strconv.Itoa(l.From) + from)
		}
		b.WriteString(string(action))
		last = action
	}
	return verdict.End{Action: verdict.Action(b.String())}, nil
}

// turn is what an end says from a state on.
type turn struct {
	from   int
	action verdict.Action
}

// turnsOf reads what JudgeEnd of a course wrote. What any other judge says holds in every state.
func turnsOf(o opinion) []turn {
	text := string(o.settled())
	if !strings.Contains(text, step) {
		return []turn{{0, verdict.Action(text)}}
	}
	parts := strings.Split(text, step)
	out := []turn{{0, verdict.Action(parts[0])}}
	for _, part := range parts[1:] {
		number, action, _ := strings.Cut(part, from)
		n, err := strconv.Atoi(number)
		if err != nil {
			panic("equiv: an action of a course cannot be read: " + text)
		}
		out = append(out, turn{n, verdict.Action(action)})
	}
	return out
}

// Judge implements verdict.Judge: the verdict in the first state. Nobody asks, since explain knows the state.
func (c *course) Judge(of verdict.Connection) (verdict.Verdict, error) {
	return c.Stages[0].Judge.Judge(of)
}

// Trace implements verdict.Partitioner.
func (c *course) Trace(of verdict.Connection) ([]verdict.Step, error) {
	return c.Stages[0].Judge.Trace(of)
}

// explain fills in the verdicts on the witness: of before, and in the state outside, for which each end has a stage.
func (c *course) explain(before *Side, o *Outside) error {
	d := &o.Difference
	var err error
	if d.Left, err = before.Judge.Judge(d.Witness); err != nil {
		return err
	}
	leaves, enters := c.stage(d.Witness.From, o.At), c.stage(d.Witness.To, o.At)
	egress, err := leaves.Judge(d.Witness)
	if err != nil {
		return err
	}
	ingress, err := enters.Judge(d.Witness)
	if err != nil {
		return err
	}
	d.Right = egress
	d.Right.Ingress, d.Right.IngressBy, d.Right.IngressWhen = ingress.Ingress, ingress.IngressBy, ingress.IngressWhen
	for _, end := range []struct {
		judge   verdict.Partitioner
		ingress bool
	}{{leaves, false}, {enters, true}} {
		steps, err := decisive(end.judge, d.Witness, d.Right)
		if err != nil {
			return err
		}
		for _, s := range steps {
			if s.Ingress == end.ingress {
				d.RightBy = append(d.RightBy, s)
			}
		}
	}
	return nil
}

// stage is the judge that speaks for an end in a state.
func (c *course) stage(at verdict.Endpoint, state int) verdict.Partitioner {
	out := 0
	for _, l := range c.Levels(at) {
		if l.From <= state {
			out = l.Stage
		}
	}
	return c.Stages[out].Judge
}

// Ranges implements verdict.Partitioner.
func (c *course) Ranges() []netip.Prefix {
	all := map[netip.Prefix]bool{}
	for _, s := range c.Stages {
		for _, r := range s.Judge.Ranges() {
			all[r] = true
		}
	}
	return slices.Collect(maps.Keys(all))
}

// Protocols implements verdict.Partitioner.
func (c *course) Protocols() []uint8 {
	var out []uint8
	for _, s := range c.Stages {
		out = append(out, s.Judge.Protocols()...)
	}
	return out
}

// NodeKey implements verdict.Partitioner.
func (c *course) NodeKey(node string, inPlay func(string) bool) string {
	var keys []string
	for _, s := range c.Stages {
		keys = append(keys, s.Judge.NodeKey(node, inPlay))
	}
	if len(slices.Compact(slices.Clone(keys))) == 1 {
		return keys[0]
	}
	return fmt.Sprintf("%q", keys)
}

// Polices implements verdict.Partitioner.
func (c *course) Polices(node string) bool {
	return slices.ContainsFunc(c.Stages, func(s *Side) bool { return s.Judge.Polices(node) })
}

// Beside implements verdict.Partitioner. What a dataplane does beside policy depends on the cluster, so that all stages
// say the same.
func (c *course) Beside(of verdict.Connection) string { return c.Stages[0].Judge.Beside(of) }

// Divide implements verdict.Partitioner.
func (c *course) Divide(peers []verdict.Peer) verdict.Divider {
	d := &courseDivider{course: c}
	for _, s := range c.Stages {
		d.stages = append(d.stages, s.Judge.Divide(peers))
	}
	return d
}

// courseDivider tells apart what any level of an end does.
type courseDivider struct {
	*course
	stages []verdict.Divider
}

// Governs implements verdict.Divider.
func (d *courseDivider) Governs(end verdict.Peer, ingress bool) verdict.Governing {
	var out verdict.Governing
	for _, l := range d.Levels(end.Endpoint) {
		g := d.stages[l.Stage].Governs(end, ingress)
		out.Splits = append(out.Splits, g.Splits...)
		out.Cuts.Add(g.Cuts)
	}
	return out
}
