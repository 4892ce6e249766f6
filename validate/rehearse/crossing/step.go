package crossing

import (
	"slices"

	"github.com/policyferry/policyferry/translate/compat"
)

// step leads from one state to the next: changes that are made together, of which the CNI reads one at least.
type step struct {
	// from and to are indices of the changes, to without, and read is behind the last one that the CNI reads.
	from, to, read int
	// concerns are the groups of ends that it may make a difference to, or everyone.
	concerns []int
	everyone bool
}

// steps divides changes into steps of so many that the CNI reads. What it does not read belongs to the step before.
func steps(changes []Change, cni compat.CNI, size int) []step {
	var out []step
	in := size
	for i, ch := range changes {
		if reads(cni, ch) {
			if in == size {
				out, in = append(out, step{from: i}), 0
			}
			in++
			out[len(out)-1].read = i + 1
		}
		if len(out) > 0 {
			out[len(out)-1].to = i + 1
		}
	}
	return out
}

// numbered gives the changes of a step one number, and those before the first step a number of their own.
func numbered(changes []Change, steps []step) []Change {
	out := slices.Clone(changes)
	batch, at := 0, 0
	for i := range out {
		if at < len(steps) && i == steps[at].from {
			batch, at = batch+1, at+1
		} else if batch == 0 {
			batch = 1
		}
		out[i].Batch = batch
	}
	return out
}

// layers puts steps into layers: a step is in a layer behind every earlier one that concerns somebody whom it concerns.
// For any one end, the steps that concern it are therefore in different layers, in their order.
func layers(steps []step) (layer []int, depth int) {
	last := map[int]int{} // the layer of the last step that concerned a group
	all := 0              // and of the last that concerned everyone
	for i := range steps {
		s := &steps[i]
		at := all
		for _, g := range s.concerns {
			at = max(at, last[g])
		}
		if s.everyone {
			at = depth
		}
		at++
		layer = append(layer, at)
		depth = max(depth, at)
		for _, g := range s.concerns {
			last[g] = at
		}
		if s.everyone {
			all = at
		}
	}
	return layer, depth
}
