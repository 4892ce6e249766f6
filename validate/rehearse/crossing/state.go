package crossing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
)

// state are the policies that an API server holds.
type state struct {
	objects map[diag.Object]*source.Document
}

func newState(docs []*source.Document) *state {
	s := &state{map[diag.Object]*source.Document{}}
	for _, d := range docs {
		s.objects[d.Object] = d
	}
	return s
}

func (s *state) clone() *state { return &state{maps.Clone(s.objects)} }

// applying are the changes that bring objects in. What is there already and says the same is left out.
func (s *state) applying(docs []*source.Document) []Change {
	var out []Change
	for _, d := range docs {
		if known := s.objects[d.Object]; known == nil || !sameSpec(known, d) {
			out = append(out, Change{Document: d})
		}
	}
	return out
}

// sameSpec reports whether two documents of one object say the same, annotations and the like aside.
func sameSpec(a, b *source.Document) bool {
	x, y := spec(a), spec(b)
	return x != nil && bytes.Equal(x, y)
}

// spec is the spec with its keys in order; nil if there is none.
func spec(d *source.Document) []byte {
	text, err := d.JSON()
	var object struct {
		Spec map[string]any `json:"spec"`
	}
	if err != nil || json.Unmarshal(text, &object) != nil || object.Spec == nil {
		return nil
	}
	out, err := json.Marshal(object.Spec)
	if err != nil {
		return nil
	}
	return out
}

func (s *state) make(changes []Change) {
	for _, c := range changes {
		if c.Delete {
			delete(s.objects, c.Document.Object)
		} else {
			s.objects[c.Document.Object] = c.Document
		}
	}
}

// owner is the CNI that alone reads a document; empty for a standard policy.
func owner(d *source.Document) compat.CNI {
	cni, _ := equiv.CNIOf([]*source.Document{d})
	return cni
}

// readBy are the documents that a CNI reads, in an order that depends only on what they are.
func (s *state) readBy(cni compat.CNI) []*source.Document {
	var out []*source.Document
	for _, d := range s.objects {
		if o := owner(d); o == "" || o == cni {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, byKey)
	return out
}

func byKey(a, b *source.Document) int { return strings.Compare(key(a), key(b)) }

func key(d *source.Document) string {
	o := d.Object
	return fmt.Sprint(o.Kind, "\x00", o.Namespace, "\x00", o.Name, "\x00", o.APIVersion)
}

func (c *Crossing) side(r compat.Release, s *state) (*equiv.Side, error) {
	return equiv.NewSide(equiv.Set{CNI: r.CNI, Version: r.Version.String(), Documents: s.readBy(r.CNI)}, c.World.Facts, c.World.Objects)
}
