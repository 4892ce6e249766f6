package equiv

import (
	"fmt"
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

// Matrix says who reaches whom under both sets, by workload.
type Matrix struct {
	// Ends are workloads, sorted by name, then the nodes if there are any, then what is outside of the cluster.
	Ends []MatrixEnd
	// Reaches are the distinct contents of cells.
	Reaches []Reach
	// Cells are indexes into Reaches, by source and destination.
	Cells [][]int32
	// ByNamespace says that there were too many workloads, and namespaces stand in for them.
	ByNamespace bool
}

// The names of the ends that are no workloads.
const (
	NodesEnd   = "nodes"
	OutsideEnd = "outside"
)

// MatrixEnd is a row and a column.
type MatrixEnd struct {
	// Workload is the name that Options.Workload gave; empty for nodes and for what is outside.
	Workload string
	// Name is the workload, NodesEnd or OutsideEnd.
	Name string
	// Members counts pods, nodes or ranges of addresses.
	Members int
}

// Reach is what some member of one end may do to some member of the other.
type Reach struct {
	Left, Right Allowed
	// Kinds are those of the differences, Differences their indexes.
	Kinds       []Kind
	Differences []int
	// Leaving and Entering say where the left set denies what the right one allows.
	Leaving, Entering bool
}

// Allowed is the traffic that a set allows.
type Allowed struct {
	// Whole says that everything is allowed between some two members.
	Whole bool
	// Ports are what is allowed otherwise; InPart that of which a proxy lets something pass, by what it carries; and
	// Unsure that of which the verdict is not known. Protocol 0 stands for all that nobody names. They are sorted, and
	// those of one list do not overlap.
	Ports, InPart, Unsure []PortRange
}

// PortRange is a range of destination ports, of ICMP types, or of nothing in other protocols.
type PortRange struct {
	Protocol  uint8
	Low, High uint16
}

// matrix is a Matrix in the making.
type matrix struct {
	*pairing
	workload    func(*cluster.Pod) string
	byNamespace bool
	ends        []MatrixEnd
	place       map[string]int
	nodesAt     int
	outside     int
	// of holds the ends of each element.
	of map[*element][]int
	// met are the pairs of profiles in each cell; reaches is what they amount to.
	met     map[[2]int][][2]int32
	reaches map[[2]int32]*Reach
	buffer  []byte // for keys
}

// maxElements bounds the elements of which a matrix is made: their pairs are gone through one by one.
const maxElements = 4000

// newMatrix is nil if there are too many classes, or namespaces.
func newMatrix(p *pairing, o Options) *matrix {
	if len(p.space.elements) > maxElements {
		return nil
	}
	m := &matrix{pairing: p, workload: o.Workload, place: map[string]int{}, of: map[*element][]int{},
		met: map[[2]int][][2]int32{}, reaches: map[[2]int32]*Reach{}}
	pods := m.grouped()
	if o.MaxWorkloads > 0 && len(pods) > o.MaxWorkloads {
		m.workload, m.byNamespace = func(pod *cluster.Pod) string { return pod.Namespace }, true
		if pods = m.grouped(); len(pods) > o.MaxWorkloads {
			return nil
		}
	}
	m.addEnds(pods)
	return m
}

// grouped counts the pods of each workload.
func (m *matrix) grouped() map[string]map[string]bool {
	pods := map[string]map[string]bool{}
	for _, e := range m.space.elements {
		for _, pod := range e.members {
			name := m.workload(pod)
			if pods[name] == nil {
				pods[name] = map[string]bool{}
			}
			pods[name][pod.Namespace+"/"+pod.Name] = true
		}
	}
	return pods
}

func (m *matrix) addEnds(pods map[string]map[string]bool) {
	for i, name := range slices.Sorted(maps.Keys(pods)) {
		m.place[name] = i
		m.ends = append(m.ends, MatrixEnd{name, name, len(pods[name])})
	}
	m.nodesAt = len(m.ends)
	if n := len(m.space.facts.Nodes); n > 0 {
		m.ends = append(m.ends, MatrixEnd{"", NodesEnd, n})
	}
	m.outside = len(m.ends)
	m.ends = append(m.ends, MatrixEnd{"", OutsideEnd, m.space.outside})
	for _, e := range m.space.elements {
		m.of[e] = m.endsOf(e)
	}
}

func (m *matrix) endsOf(e *element) []int {
	if len(e.members) == 0 {
		return []int{m.outside}
	}
	var out []int
	for _, pod := range e.members {
		out = append(out, m.place[m.workload(pod)])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (m *matrix) meet(from, to int, of [2]int32) {
	cell := [2]int{from, to}
	if known := m.met[cell]; !slices.Contains(known, of) {
		m.met[cell] = append(known, of)
	}
}

// node takes in a pair of pods or addresses with a node; a nil matrix takes in nothing.
func (m *matrix) node(e *element, of pairs) {
	if m == nil {
		return
	}
	for _, end := range m.of[e] {
		if from := of.witness.From; from.Pod != "" || len(e.members) == 0 && from == e.end(0) {
			m.meet(end, m.nodesAt, [2]int32{of.egress, of.ingress})
		} else {
			m.meet(m.nodesAt, end, [2]int32{of.egress, of.ingress})
		}
	}
}

// fill pairs all elements of a family, and sums up.
func (m *matrix) fill(leaving, entering []*view) *Matrix {
	for _, family := range []int{4, 6} {
		from, to := m.space.span(family)
		for i := from; i < to; i++ {
			for j := from; j < to; j++ {
				m.pair(i, j, leaving[i], entering[j])
			}
		}
	}
	out := &Matrix{Ends: m.ends, ByNamespace: m.byNamespace}
	known := map[string]int32{}
	for from := range m.ends {
		row := make([]int32, len(m.ends))
		for to := range m.ends {
			r := m.sum(m.met[[2]int{from, to}])
			key := fmt.Sprint(*r)
			n, seen := known[key]
			if !seen {
				n = int32(len(out.Reaches))
				known[key] = n
				out.Reaches = append(out.Reaches, *r)
			}
			row[to] = n
		}
		out.Cells = append(out.Cells, row)
	}
	return out
}

func (m *matrix) pair(i, j int, leaving, entering *view) {
	of := [2]int32{none, none}
	if leaving != nil {
		of[0] = leaving.at(j)
	}
	if entering != nil {
		of[1] = entering.at(i)
	}
	a, b := m.space.elements[i], m.space.elements[j]
	if leaving == nil && entering == nil || i == j && len(a.members) < 2 {
		return
	}
	for _, from := range m.of[a] {
		for _, to := range m.of[b] {
			m.meet(from, to, of)
		}
	}
}

// sum joins what all pairs of a cell may do.
func (m *matrix) sum(met [][2]int32) *Reach {
	out := &Reach{}
	for _, of := range met {
		r := m.reach(of)
		out.Left.join(r.Left)
		out.Right.join(r.Right)
		out.Kinds = append(out.Kinds, r.Kinds...)
		out.Leaving, out.Entering = out.Leaving || r.Leaving, out.Entering || r.Entering
		out.Differences = append(out.Differences, r.Differences...)
	}
	out.Left.tidy()
	out.Right.tidy()
	slices.Sort(out.Kinds)
	out.Kinds = slices.Compact(out.Kinds)
	slices.Sort(out.Differences)
	out.Differences = slices.Compact(out.Differences)
	return out
}

// reach is what one pair of profiles allows.
func (m *matrix) reach(of [2]int32) *Reach {
	if r := m.reaches[of]; r != nil {
		return r
	}
	r := &Reach{Left: Allowed{Whole: true}, Right: Allowed{Whole: true}}
	m.reaches[of] = r
	for moment := range m.joint(&pairs{egress: of[0], ingress: of[1]}, true) {
		if moment.egress.beside || moment.ingress.beside {
			continue
		}
		r.Left.take(moment.cell, moment.egress.left, moment.ingress.left)
		r.Right.take(moment.cell, moment.egress.right, moment.ingress.right)
		for _, change := range m.changes(moment) {
			r.Kinds = append(r.Kinds, change.Kind)
			r.Leaving = r.Leaving || change.Kind == Opens && moment.egress.left.action == verdict.Deny
			r.Entering = r.Entering || change.Kind == Opens && moment.ingress.left.action == verdict.Deny
			m.buffer = moment.appendKey(m.buffer[:0], change.Kind)
			r.Differences = append(r.Differences, m.difference[string(m.buffer)])
		}
	}
	r.Left.tidy()
	r.Right.tidy()
	return r
}

func (a *Allowed) take(c cell, egress, ingress opinion) {
	p := PortRange{c.protocol, c.first.Low, c.first.High}
	switch action := whole(egress.action, ingress.action); {
	case action == verdict.Allow:
		a.Ports = append(a.Ports, p)
		return
	case action == verdict.Unknown:
		if _, known := join(egress, ingress); known {
			a.InPart = append(a.InPart, p)
		} else {
			a.Unsure = append(a.Unsure, p)
		}
	}
	a.Whole = false
}

func (a *Allowed) join(b Allowed) {
	a.Whole = a.Whole || b.Whole
	a.Ports = append(a.Ports, b.Ports...)
	a.InPart = append(a.InPart, b.InPart...)
	a.Unsure = append(a.Unsure, b.Unsure...)
}

// tidy sorts ranges and joins those that touch.
func (a *Allowed) tidy() { a.Ports, a.InPart, a.Unsure = tidy(a.Ports), tidy(a.InPart), tidy(a.Unsure) }

func tidy(ranges []PortRange) []PortRange {
	slices.SortFunc(ranges, func(a, b PortRange) int {
		return (int(a.Protocol)-int(b.Protocol))<<20 + int(a.Low) - int(b.Low)
	})
	var out []PortRange
	for _, r := range ranges {
		if n := len(out); n > 0 && out[n-1].Protocol == r.Protocol && int(out[n-1].High)+1 >= int(r.Low) {
			out[n-1].High = max(out[n-1].High, r.High)
			continue
		}
		out = append(out, r)
	}
	return out
}
