package crossing

import (
	"slices"
)

// searchable is how many changes are put into another order, mostSearched how many states are judged for that.
const (
	searchable   = 48
	mostSearched = 96
)

// search looks for another order, one change at a time: the first that leads to a state between the ends is made. It
// gives up when no change does, or when it has judged too many states.
func (c *Crossing) search(w *walk, changes []Change) (*Phase, error) {
	p := &Phase{Polices: w.polices.CNI}
	at, left := w.start.clone(), slices.Clone(changes)
	for len(left) > 0 {
		i, err := c.next(w, at, left, p, mostSearched)
		if err != nil || i < 0 {
			return nil, err
		}
		ch := left[i]
		ch.Batch = len(p.Changes) + 1
		p.Changes = append(p.Changes, ch)
		at.make(left[i : i+1])
		left = slices.Delete(left, i, i+1)
	}
	return p, nil
}

// next is the first change that can be made now; -1 if there is none.
func (c *Crossing) next(w *walk, at *state, left []Change, p *Phase, most int) (int, error) {
	here := at.readBy(w.polices.CNI)
	for i := range left {
		if p.States >= most {
			return -1, nil
		}
		then := at.clone()
		then.make(left[i : i+1])
		if sameDocuments(then.readBy(w.polices.CNI), here) {
			return i, nil
		}
		ok, err := c.between(w, then)
		if err != nil {
			return -1, err
		}
		p.States++
		if ok {
			return i, nil
		}
	}
	return -1, nil
}
