package equiv

import (
	"slices"
	"sort"
)

// meeting finds the cells that a cell may have traffic in common with. Cells stand in the order in which traffic.cells
// makes them: those of a protocol together, ascending by their first interval.
type meeting struct {
	cells []cell
	// from and to, without it, are the cells of the protocol that was asked for last.
	known    bool
	protocol uint8
	from, to int
}

// candidates are the cells from the first up to the second, without it: those whose first intervals meet.
func (m *meeting) candidates(t cell) (from, to int) {
	if !m.known || m.protocol != t.protocol {
		m.known, m.protocol = true, t.protocol
		m.from = slices.IndexFunc(m.cells, func(u cell) bool { return u.protocol == t.protocol })
		if m.from < 0 {
			m.from = len(m.cells)
		}
		for m.to = m.from; m.to < len(m.cells) && m.cells[m.to].protocol == t.protocol; m.to++ {
		}
	}
	of := m.cells[m.from:m.to]
	first := sort.Search(len(of), func(i int) bool { return of[i].first.High >= t.first.Low })
	last := first + sort.Search(len(of)-first, func(i int) bool { return of[first+i].first.Low > t.first.High })
	return m.from + first, m.from + last
}
