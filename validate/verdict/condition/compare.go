package condition

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Relation is how what passes on the right compares with what passes on the left.
type Relation struct {
	// Known is false if the two cannot be compared.
	Known bool
	// Opened passes on the right only, and Closed on the left only; empty if there is nothing of the kind.
	Opened, Closed string
}

// Everything stands in a Relation for whatever a connection may carry.
const Everything = "everything"

// Passing is what passes of a connection: what all conditions let pass, those of its source and of its destination;
// everything if there are none.
type Passing struct {
	// Nothing says that the connection is denied.
	Nothing    bool
	Conditions []*Condition
}

// Key is the same for what is written the same way.
func (p Passing) Key() string {
	if p.Nothing {
		return "nothing"
	}
	keys := make([]string, len(p.Conditions))
	for i, c := range p.Conditions {
		keys[i] = c.Key()
	}
	return strings.Join(distinct(keys), "\x01")
}

// Compare says what passes on one side only.
func Compare(left, right Passing) Relation {
	if len(left.Conditions)+len(right.Conditions) == 0 {
		switch r := (Relation{Known: true}); {
		case left.Nothing == right.Nothing:
			return r
		case left.Nothing:
			r.Opened = Everything
			return r
		default:
			r.Closed = Everything
			return r
		}
	}
	if left.Key() == right.Key() {
		return Relation{Known: true}
	}
	all := slices.Concat(left.Conditions, right.Conditions)
	for _, c := range all {
		if c.about != all[0].about || c.about == other {
			return Relation{}
		}
	}
	s, ok := newSearch(all, len(left.Conditions))
	if !ok {
		return Relation{}
	}
	s.nothing = [2]bool{left.Nothing, right.Nothing}
	return s.run()
}

// search looks for a text that passes on one side only.
type search struct {
	// machines are that of all texts, then those of the left side and then those of the right one.
	machines []*machine
	left     int
	nothing  [2]bool
	headers  headers
	http     bool
}

// mostStates bounds a search. What is not decided by then is not known.
const mostStates = 20000

// everyName is the form of DNS names.
const everyName = `(?:[-a-z0-9_]+[.])+|[.]`

func newSearch(all []*Condition, left int) (*search, bool) {
	s := &search{left: left, headers: headers{}, http: all[0].about == httpRequests}
	for _, c := range all {
		if !s.headers.gather(c) {
			return nil, false
		}
	}
	expressions := []string{everyName}
	if s.http {
		expressions[0] = s.headers.every(slices.ContainsFunc(all, (*Condition).normal))
	}
	for _, c := range all {
		var alternatives []string
		for _, r := range c.requests {
			text, ok := s.headers.expression(r)
			if !ok {
				return nil, false
			}
			alternatives = append(alternatives, text)
		}
		for _, name := range c.names {
			text, ok := component(name)
			if !ok {
				return nil, false
			}
			alternatives = append(alternatives, text)
		}
		if len(alternatives) == 0 {
			alternatives = []string{`[^\x00-\x{10FFFF}]`}
		}
		expressions = append(expressions, strings.Join(alternatives, "|"))
	}
	for _, text := range expressions {
		m, ok := newMachine(text)
		if !ok {
			return nil, false
		}
		s.machines = append(s.machines, m)
	}
	return s, true
}

// sides says whether a text passes on the left and on the right, from the states that it leads to.
func (s *search) sides(at []int) (left, right bool) {
	left, right = !s.nothing[0], !s.nothing[1]
	for i, m := range s.machines[1:] {
		if i < s.left {
			left = left && m.fits(at[i+1])
		} else {
			right = right && m.fits(at[i+1])
		}
	}
	return left, right
}

// place is a text on its way, by the place before its last rune.
type place struct {
	at     []int
	before int
	last   rune
}

// run walks through all states that texts lead to, breadth first.
func (s *search) run() Relation {
	alphabet := runes(s.machines)
	first := place{at: make([]int, len(s.machines)), before: -1} // every machine is at its start
	places, seen := []place{first}, map[string]bool{key(first.at): true}
	out := Relation{Known: true}
	for n := 0; n < len(places); n++ {
		if len(places) > mostStates {
			// What was found stands; that there is nothing else does not.
			return Relation{}
		}
		if left, right := s.sides(places[n].at); left != right && s.machines[0].fits(places[n].at[0]) {
			if text := s.readable(textTo(places, n), left); left && out.Closed == "" {
				out.Closed = text
			} else if right && out.Opened == "" {
				out.Opened = text
			}
			if out.Opened != "" && out.Closed != "" {
				return out
			}
		}
		for _, r := range alphabet {
			to := place{at: make([]int, len(s.machines)), before: n, last: r}
			for i, m := range s.machines {
				to.at[i] = m.next(places[n].at[i], r)
			}
			if s.machines[0].fails(to.at[0]) {
				continue // nothing begins so
			}
			if k := key(to.at); !seen[k] {
				seen[k] = true
				places = append(places, to)
			}
		}
	}
	return out
}

func key(at []int) string {
	var b []byte
	for _, n := range at {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return string(b)
}

func textTo(places []place, n int) string {
	var out []rune
	for ; places[n].before >= 0; n = places[n].before {
		out = append(out, places[n].last)
	}
	slices.Reverse(out)
	return string(out)
}

// readable replaces the method of an example by one that people know, if it serves as well, and writes it down.
func (s *search) readable(text string, left bool) string {
	if !s.http {
		return text
	}
	_, rest, _ := strings.Cut(text, "\x00")
	for _, method := range []string{"GET", "POST", "DELETE"} {
		if other := method + "\x00" + rest; s.shows(other, left) {
			return s.headers.example(other)
		}
	}
	return s.headers.example(text)
}

// shows reports whether a text passes on one side only, the left one or else the right one.
func (s *search) shows(text string, left bool) bool {
	at := make([]int, len(s.machines))
	for i, m := range s.machines {
		at[i] = start
		for _, r := range text {
			at[i] = m.next(at[i], r)
		}
	}
	onLeft, onRight := s.sides(at)
	return s.machines[0].fits(at[0]) && onLeft == left && onRight == !left
}
