package source

import (
	"sync"
	"weak"
)

// tree is the content of a document.
type tree struct {
	root *Node

	wideOnce sync.Once
	wide     map[*Node]map[string]int
}

// again reads an ordinary document once more from its text. What it reads is there as long as somebody uses it, or
// until the memory is wanted for something else: the trees of a large cluster are ten times as large as its files, and
// nobody needs more than one of them at a time.
type again struct {
	text string
	// line is the number of lines before the text, nodes how many nodes it has.
	line, nodes int

	lock sync.Mutex
	last weak.Pointer[tree]
}

func (a *again) tree() *tree {
	a.lock.Lock()
	defer a.lock.Unlock()
	if t := a.last.Value(); t != nil {
		return t
	}
	// Without limits, which it was within when it was read before.
	p := &ordinary{maxDepth: parserDepth, maxNodes: a.nodes, free: make([]Node, a.nodes), freeContent: make([]*Node, a.nodes)}
	t := &tree{root: p.read(a.text, a.line)}
	a.last = weak.Make(t)
	return t
}

func (t *tree) step(n *Node, seg segment) (key, value *Node) {
	if seg.isIndex {
		if n.Kind != Sequence || seg.index >= len(n.Content) {
			return nil, nil
		}
		return nil, n.Content[seg.index]
	}
	if n.Kind != Mapping {
		return nil, nil
	}
	if len(n.Content) > 2*wideMapping {
		if i, ok := t.wideIndex(n)[seg.key]; ok {
			return n.Content[i], n.Content[i+1]
		}
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == seg.key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// wideMapping is the number of keys above which a mapping is looked up by an index and not from its first key on:
// without it, the positions of all keys of one mapping would cost the square of their number.
const wideMapping = 16

func (t *tree) wideIndex(n *Node) map[string]int {
	t.wideOnce.Do(func() {
		t.wide = map[*Node]map[string]int{}
		t.indexWide(t.root)
	})
	return t.wide[n]
}

func (t *tree) indexWide(n *Node) {
	if n.Kind == Mapping && len(n.Content) > 2*wideMapping {
		if t.wide[n] != nil {
			return
		}
		keys := make(map[string]int, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			keys[n.Content[i].Value] = i
		}
		t.wide[n] = keys
	}
	for _, c := range n.Content {
		if c.Kind != Scalar {
			t.indexWide(c)
		}
	}
}
