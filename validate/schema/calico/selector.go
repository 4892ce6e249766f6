package calico

import (
	"strings"

	"github.com/projectcalico/calico/libcalico-go/lib/selector"
	"github.com/projectcalico/calico/libcalico-go/lib/selector/tokenizer"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

const (
	globalSelector = "global()"
	globalOpening  = "global("
)

// named is the text of a selector and the field that it stands in.
type named struct{ field, text string }

// parses reports a selector that Calico cannot read. The empty one is all().
func parses(problems *problem.List, text string, at *problem.Path) {
	if err := selector.Validate(text); err != nil {
		problems.Wrong(at, "%q is not a selector: %v", text, err)
	}
}

func entitySelectors(e *entity) {
	for _, s := range e.selectors() {
		parses(e.List, s.text, e.entityAt(s.field))
	}
	text, at := e.serviceAccountSelector()
	parses(e.List, text, at)
}

// entityAt is the path of a field of the entity.
func (e *entity) entityAt(field string) *problem.Path { return e.at.Field(field) }

func entityGlobalSelector(e *entity) {
	if strings.Contains(e.Selector, globalSelector) || e.Release >= 33 && strings.Contains(e.Selector, globalOpening) {
		e.Wrong(e.entityAt("selector"), "global() can stand only in a namespaceSelector")
	}
}

func globalStandsAlone(e *entity) {
	text := e.NamespaceSelector
	if !strings.Contains(text, globalOpening) || text == globalSelector {
		return
	}
	// The last token is the end of the text.
	tokens, err := tokenizer.Tokenize(text)
	if err != nil || len(tokens) != 2 || tokens[0].Kind != tokenizer.TokGlobal {
		e.Wrong(e.entityAt("namespaceSelector"), "global() cannot be combined with anything")
	}
}
