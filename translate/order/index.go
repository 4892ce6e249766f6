package order

import (
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// subjectsOf lists the subjects of boxes, under which their entry is filed in an index.
func subjectsOf(boxes []model.Box) []selector.Selector {
	out := make([]selector.Selector, len(boxes))
	for i, b := range boxes {
		out[i] = b.Subject
	}
	return out
}
