package equiv

import "github.com/policyferry/policyferry/validate/verdict"

// partition is a division of the elements of one family into blocks.
type partition struct {
	// block is the number of the block of each element, counted from the first of the family.
	block []int32
	// first are elements of each block: two, if it has two.
	first [][2]int32
}

const nobody = int32(-1)

// refine divides the elements from from up to, and without, to by all splits: two are in one block only if every split
// has them in the same group.
func refine(from, to int, lists ...[]*verdict.Split) *partition {
	p := &partition{block: make([]int32, to-from)}
	blocks := int32(1)
	// heirs are the new numbers of blocks of which a group takes a part.
	heirs := map[int32]int32{}
	for _, splits := range lists {
		for _, s := range splits {
			for _, group := range s.Groups {
				clear(heirs)
				for _, e := range group {
					i := int(e) - from
					if i < 0 || i >= len(p.block) {
						continue
					}
					heir, known := heirs[p.block[i]]
					if !known {
						heir = blocks
						heirs[p.block[i]] = heir
						blocks++
					}
					p.block[i] = heir
				}
			}
		}
	}
	p.number(int(blocks))
	return p
}

// number numbers the blocks that are left in the order of their first elements.
func (p *partition) number(blocks int) {
	numbers := make([]int32, blocks)
	for i := range numbers {
		numbers[i] = nobody
	}
	for i, b := range p.block {
		if numbers[b] == nobody {
			numbers[b] = int32(len(p.first))
			p.first = append(p.first, [2]int32{int32(i), nobody})
		} else if at := &p.first[numbers[b]]; at[1] == nobody {
			at[1] = int32(i)
		}
		p.block[i] = numbers[b]
	}
}
