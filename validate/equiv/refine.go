package equiv

import (
	"slices"
	"sync"

	"github.com/policyferry/policyferry/validate/verdict"
)

// partition is a division of the elements of one family into blocks. Most elements are in no group of any split: they
// are block 0, and only the others are listed.
type partition struct {
	// listed are elements in ascending order, and block their blocks.
	listed []int32
	block  []int32
	// first are elements of each block: two, if it has two.
	first [][2]int32
}

const nobody = int32(-1)

// at is the block of an element.
func (p *partition) at(e int32) int32 {
	if i, found := slices.BinarySearch(p.listed, e); found {
		return p.block[i]
	}
	return 0
}

// scratch is room for one refinement: the block of each element, which is 0 between uses.
var scratch = sync.Pool{New: func() any { return new([]int32) }}

// refine divides the elements from from up to, and without, to by all splits: two are in one block only if every split
// has them in the same group.
func refine(from, to int, lists ...[]*verdict.Split) *partition {
	room := scratch.Get().(*[]int32)
	defer scratch.Put(room)
	if len(*room) < to {
		*room = make([]int32, to)
	}
	r := refinement{block: *room, from: int32(from), to: int32(to), blocks: 1, heirs: map[int32]int32{}}
	for _, splits := range lists {
		for _, s := range splits {
			for _, group := range s.Groups {
				r.split(group)
			}
		}
	}
	return r.partition()
}

// refinement is a partition in the making.
type refinement struct {
	block    []int32
	from, to int32
	blocks   int32
	listed   []int32
	heirs    map[int32]int32
}

// split moves a group out of the blocks that hold a part of it.
func (r *refinement) split(group []int32) {
	clear(r.heirs) // the new blocks of the parts
	for _, e := range group {
		if e < r.from || e >= r.to {
			continue
		}
		if r.block[e] == 0 {
			r.listed = append(r.listed, e)
		}
		heir, known := r.heirs[r.block[e]]
		if !known {
			heir = r.blocks
			r.heirs[r.block[e]] = heir
			r.blocks++
		}
		r.block[e] = heir
	}
}

// partition numbers the blocks in the order of their first elements, and leaves the room as it was.
func (r *refinement) partition() *partition {
	slices.Sort(r.listed)
	p := &partition{listed: r.listed, block: make([]int32, len(r.listed)), first: [][2]int32{r.untouched()}}
	numbers := make([]int32, r.blocks)
	for i, e := range r.listed {
		b := r.block[e]
		r.block[e] = 0
		if numbers[b] == 0 {
			numbers[b] = int32(len(p.first))
			p.first = append(p.first, [2]int32{e, nobody})
		} else if at := &p.first[numbers[b]]; at[1] == nobody {
			at[1] = e
		}
		p.block[i] = numbers[b]
	}
	return p
}

// untouched are the first two elements that are in no group.
func (r *refinement) untouched() [2]int32 {
	out, n := [2]int32{nobody, nobody}, 0
	for e := r.from; e < r.to && n < 2; e++ {
		if r.block[e] == 0 {
			out[n] = e
			n++
		}
	}
	return out
}
