package source

import (
	"bytes"

	"github.com/policyferry/policyferry/translate/parallel"
)

// step is a chunk of a file that is to be taken in, or something to do when all before it is.
type step struct {
	file  *file
	chunk chunk
	then  func()
}

// atOnce is how much text is looked at side by side before it is taken in, and inARow how much of it one after the
// other: what was looked at in vain, because a limit was reached, must not cost much.
const (
	atOnce = 1 << 20
	inARow = 32 << 10
)

// wait puts a step behind those that wait, and takes them in when there are many.
func (r *reader) wait(s step) {
	r.waiting = append(r.waiting, s)
	if r.waitingBytes += len(s.chunk.data); r.waitingBytes >= atOnce {
		r.takeIn()
	}
}

func (r *reader) later(f *file, then func()) {
	r.waiting = append(r.waiting, step{file: f, then: then})
}

// takeIn looks at all chunks that wait and takes them in, one after the other.
func (r *reader) takeIn() {
	steps := r.waiting
	r.waiting, r.waitingBytes = nil, 0
	seen := r.lookAt(steps)
	for i, s := range steps {
		switch r.current = s.file; {
		case s.then != nil:
			s.then()
		case s.file.allowed >= 0:
			r.chunk(s.chunk, seen[i])
		}
	}
}

// look is what a chunk shows without anything else being known.
type look struct {
	blank bool
	bad   *failure
	// possible is at least the number of its nodes.
	possible int
	// root is the document if it is an ordinary one, with so many nodes, and text is what it was read from.
	root  *Node
	nodes int
	text  string
}

// lookAt looks at chunks side by side.
func (r *reader) lookAt(steps []step) []look {
	seen := make([]look, len(steps))
	var starts []int
	size := inARow
	for i, s := range steps {
		if size >= inARow {
			starts, size = append(starts, i), 0
		}
		size += len(s.chunk.data)
	}
	starts = append(starts, len(steps))
	parallel.Map(len(starts)-1, func(g int) struct{} {
		p := newOrdinary(r.opt)
		for i := starts[g]; i < starts[g+1]; i++ {
			if steps[i].then == nil {
				seen[i] = p.look(steps[i].chunk)
			}
		}
		return struct{}{}
	})
	return seen
}

func (p *ordinary) look(c chunk) look {
	if c.blank() {
		return look{blank: true}
	}
	if f, bad := c.notText(); bad {
		return look{bad: &f}
	}
	l := look{possible: possibleNodes(c.data)}
	// Whether a mark stands in a comment is seen in what the parser makes of the text.
	if l.possible <= p.maxNodes && !bytes.Contains(c.data, remarkMark) {
		l.text = string(c.data)
		l.root, l.nodes = p.read(l.text, c.line), p.nodes
	}
	return l
}
