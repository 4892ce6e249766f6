package condition

import (
	"encoding/binary"
	"maps"
	"regexp/syntax"
	"slices"
	"unicode"
)

// component is an expression over a whole value as a group; everything, if it is empty. Anchors at its ends are left
// out; false if it cannot be read, or has conditions inside that a set of strings cannot tell.
func component(expression string) (string, bool) {
	if expression == "" {
		return `[^\x00]*`, true
	}
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return "", false
	}
	parsed = unanchored(parsed, true, true)
	return "(?:" + parsed.String() + ")", !conditional(parsed)
}

// unanchored drops the anchors that stand at the ends of an expression, where they say nothing.
func unanchored(re *syntax.Regexp, first, last bool) *syntax.Regexp {
	begins := re.Op == syntax.OpBeginText || re.Op == syntax.OpBeginLine
	ends := re.Op == syntax.OpEndText || re.Op == syntax.OpEndLine
	switch {
	case begins && first, ends && last:
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	case re.Op == syntax.OpConcat, re.Op == syntax.OpAlternate, re.Op == syntax.OpCapture:
		out := *re
		out.Sub = slices.Clone(re.Sub)
		for i, sub := range re.Sub {
			all := re.Op != syntax.OpConcat
			out.Sub[i] = unanchored(sub, first && (all || i == 0), last && (all || i == len(re.Sub)-1))
		}
		return &out
	}
	return re
}

// conditional reports whether an expression looks around itself.
func conditional(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginText, syntax.OpBeginLine, syntax.OpEndText, syntax.OpEndLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(re.Sub, conditional)
}

// machine reads texts against an expression. Its states are sets of instructions, numbered as they are met.
type machine struct {
	prog    *syntax.Prog
	states  [][]uint32
	fitting []bool
	numbers map[string]int
	moves   map[move]int
}

// move is a rune read in a state.
type move struct {
	state int
	rune  rune
}

// start is the state before the first rune.
const start = 0

func newMachine(expression string) (*machine, bool) {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, false
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, false
	}
	m := &machine{prog: prog, numbers: map[string]int{}, moves: map[move]int{}}
	m.number([]uint32{uint32(prog.Start)})
	return m, true
}

// number follows the instructions that read nothing, and finds the state of those at which it stops: they wait for a
// rune, or say that the text fits.
func (m *machine) number(from []uint32) int {
	seen, todo := map[uint32]bool{}, from
	var out []uint32
	fits := false
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch i := &m.prog.Inst[pc]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, i.Out, i.Arg)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth: // component has left no condition in
			todo = append(todo, i.Out)
		case syntax.InstFail:
		default:
			out = append(out, pc)
			fits = fits || i.Op == syntax.InstMatch
		}
	}
	slices.Sort(out)
	var key []byte
	for _, pc := range out {
		key = binary.AppendUvarint(key, uint64(pc))
	}
	n, known := m.numbers[string(key)]
	if !known {
		n = len(m.states)
		m.numbers[string(key)] = n
		m.states, m.fitting = append(m.states, out), append(m.fitting, fits)
	}
	return n
}

// next is the state after a rune.
func (m *machine) next(state int, r rune) int {
	at := move{state, r}
	if n, known := m.moves[at]; known {
		return n
	}
	var to []uint32
	for _, pc := range m.states[state] {
		if i := &m.prog.Inst[pc]; i.Op != syntax.InstMatch && i.MatchRune(r) {
			to = append(to, i.Out)
		}
	}
	n := m.number(to)
	m.moves[at] = n
	return n
}

// fits reports whether a text that leads to the state fits, and fails whether none that begins so can.
func (m *machine) fits(state int) bool  { return m.fitting[state] }
func (m *machine) fails(state int) bool { return len(m.states[state]) == 0 }

// runes gives one rune of each kind that no machine tells apart, those that people write first.
func runes(machines []*machine) []rune {
	starts := map[rune]bool{0: true}
	cut := func(low, high rune) {
		starts[low] = true
		starts[high+1] = true
	}
	for _, m := range machines {
		for i := range m.prog.Inst {
			inst := &m.prog.Inst[i]
			switch inst.Op {
			case syntax.InstRune1:
				cut(inst.Rune[0], inst.Rune[0])
			case syntax.InstRune:
				if len(inst.Rune) == 1 { // perhaps with its other cases
					cut(inst.Rune[0], inst.Rune[0])
					for f := unicode.SimpleFold(inst.Rune[0]); f != inst.Rune[0]; f = unicode.SimpleFold(f) {
						cut(f, f)
					}
					continue
				}
				for k := 0; k+1 < len(inst.Rune); k += 2 {
					cut(inst.Rune[k], inst.Rune[k+1])
				}
			case syntax.InstRuneAnyNotNL:
				cut('\n', '\n')
			}
		}
	}
	bounds := slices.Sorted(maps.Keys(starts))
	var out []rune
	taken := map[int]bool{}
	take := func(r rune) {
		at, found := slices.BinarySearch(bounds, r)
		if !found {
			at--
		}
		if !taken[at] && r <= unicode.MaxRune {
			taken[at] = true
			out = append(out, r)
		}
	}
	for _, r := range "xX0-_/.abcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWYZ123456789" {
		take(r)
	}
	for _, r := range bounds {
		take(r)
	}
	return out
}
