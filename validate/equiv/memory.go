package equiv

import (
	"encoding/binary"
	"sync"

	"github.com/policyferry/policyferry/validate/verdict"
)

// memory keeps what was judged of one set for the next: an end that is governed as it was in an earlier set fares as it
// did there. A nil memory remembers nothing. It is safe for concurrent use.
type memory struct {
	mu sync.Mutex
	// numbers are those of single values, lists those of what governs an end.
	numbers map[any]uint32
	lists   map[string]int32
	// judge is that of the set in hand, and governed what governs its ends.
	judge    verdict.Recogniser
	governed map[policedEnd]int32

	views  map[viewed]*view
	single map[singleEnd]int32
	both   map[bothEnds][2]int32
	// alike are pairs of profiles that have been found to differ nowhere.
	alike map[[2]int32]bool
}

// policedEnd is one end of connections in one direction.
type policedEnd struct {
	end     verdict.Endpoint
	ingress bool
}

// viewed is an element with what governs it.
type viewed struct {
	element int
	ingress bool
	by      int32
}

// singleEnd is one end of a connection, with the cells of a view and what governs the end.
type singleEnd struct {
	of      verdict.Connection
	ingress bool
	cells   *view
	by      int32
}

// bothEnds are the ends of a connection, and what governs them and the first members of their classes.
type bothEnds struct {
	of verdict.Connection
	by [4]int32
}

func newMemory() *memory {
	return &memory{
		numbers: map[any]uint32{}, lists: map[string]int32{}, views: map[viewed]*view{}, single: map[singleEnd]int32{},
		both: map[bothEnds][2]int32{}, alike: map[[2]int32]bool{},
	}
}

// turnTo takes up another set.
func (m *memory) turnTo(j verdict.Recogniser) {
	m.judge, m.governed = j, map[policedEnd]int32{}
}

// by is the number of what governs an end.
func (m *memory) by(end verdict.Endpoint, ingress bool) int32 {
	at := policedEnd{end, ingress}
	m.mu.Lock()
	n, known := m.governed[at]
	m.mu.Unlock()
	if known {
		return n
	}
	list := m.judge.Governed(end, ingress)
	m.mu.Lock()
	defer m.mu.Unlock()
	key := make([]byte, 0, 4*len(list))
	for _, value := range list {
		number, known := m.numbers[value]
		if !known {
			number = uint32(len(m.numbers))
			m.numbers[value] = number
		}
		key = binary.LittleEndian.AppendUint32(key, number)
	}
	n, known = m.lists[string(key)]
	if !known {
		n = int32(len(m.lists))
		m.lists[string(key)] = n
	}
	m.governed[at] = n
	return n
}

// recall is what was remembered for a key, or else what is computed now.
func recall[K comparable, V any](m *memory, in map[K]V, key K, compute func() V) V {
	m.mu.Lock()
	v, known := in[key]
	m.mu.Unlock()
	if known {
		return v
	}
	v = compute()
	m.mu.Lock()
	defer m.mu.Unlock()
	if earlier, known := in[key]; known {
		return earlier
	}
	in[key] = v
	return v
}

func (m *memory) view(element int, end verdict.Endpoint, ingress bool, compute func() *view) *view {
	if m == nil {
		return compute()
	}
	return recall(m, m.views, viewed{element, ingress, m.by(end, ingress)}, compute)
}

func (m *memory) profile(of verdict.Connection, cells *view, ingress bool, compute func() int32) int32 {
	if m == nil {
		return compute()
	}
	end := of.From
	if ingress {
		end = of.To
	}
	return recall(m, m.single, singleEnd{of, ingress, cells, m.by(end, ingress)}, compute)
}

func (m *memory) profiles(of verdict.Connection, classes [2]verdict.Endpoint, compute func() [2]int32) [2]int32 {
	if m == nil {
		return compute()
	}
	key := bothEnds{of, [4]int32{m.by(of.From, false), m.by(of.To, true), m.by(classes[0], false), m.by(classes[1], true)}}
	return recall(m, m.both, key, compute)
}

// same reports whether two profiles are known to differ nowhere together.
func (m *memory) same(of *pairs) bool { return m != nil && m.alike[[2]int32{of.egress, of.ingress}] }

// note remembers that they do not.
func (m *memory) note(of *pairs) {
	if m != nil {
		m.alike[[2]int32{of.egress, of.ingress}] = true
	}
}
