package equiv

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
)

// Classes are the ends of a cluster that neither of two sets tells apart, for whoever meets connections one by one and
// cannot keep them all. Two ends of one class get the same verdicts, as far as they are alike in being the other end's
// own node.
type Classes struct {
	space *space
	words words
	pods  map[string]int32
	nodes map[string]int32
	// outside are the addresses of nobody that stand for their ranges.
	outside []netip.Addr
}

// NewClasses divides the ends of a cluster. Both sides may be the same.
func NewClasses(left, right *Side, facts *cluster.Facts) (*Classes, error) {
	w, err := wordsOf(left.Documents, right.Documents)
	if err != nil {
		return nil, err
	}
	c := &Classes{space: newSpace(facts, left.Judge, right.Judge, w), words: w, pods: map[string]int32{}, nodes: map[string]int32{}}
	for i, e := range c.space.elements {
		if len(e.members) == 0 {
			c.outside = append(c.outside, e.witness)
		}
		for _, p := range e.members {
			name := p.Namespace + "/" + p.Name
			if _, known := c.pods[name]; !known { // one that has addresses of both families is classed by the first
				c.pods[name] = int32(i)
			}
		}
	}
	numbers := map[string]int32{}
	for _, name := range slices.Sorted(maps.Keys(c.space.keys)) {
		key := c.space.keys[name]
		if _, known := numbers[key]; !known {
			numbers[key] = int32(len(numbers))
		}
		c.nodes[name] = numbers[key]
	}
	return c, nil
}

// Pod is the class of a pod, given as "namespace/name". Pods without address and pods of the host network have none.
func (c *Classes) Pod(name string) (int32, bool) {
	class, known := c.pods[name]
	return class, known
}

// Node is the class of a node. Nodes without address have none.
func (c *Classes) Node(name string) (int32, bool) {
	class, known := c.nodes[name]
	return class, known
}

// Address is the class of an address that belongs to nobody in the cluster.
func (c *Classes) Address(a netip.Addr) int32 { return int32(c.space.atoms.at(a.Unmap())) }

// Outside are addresses of nobody in the cluster, one for each class.
func (c *Classes) Outside() []netip.Addr { return c.outside }

// InPlay reports whether a label with this key can matter to either set.
func (c *Classes) InPlay(key string) bool { return c.words.inPlay(key) }
