package edit

import (
	"fmt"
	"strings"

	"github.com/policyferry/policyferry/translate/source"
)

// insert writes a field behind another one.
func (t *Text) insert(p place, c Change) (Edit, error) {
	if p.key == nil {
		return Edit{}, fmt.Errorf("%s is no field", c.Path)
	}
	at, err := t.start(p.key)
	if err != nil {
		return Edit{}, err
	}
	value, err := t.rendered(c.Value, p)
	if err != nil {
		return Edit{}, err
	}
	if flow(p.parent) {
		end, err := t.memberEnd(at)
		if err != nil {
			return Edit{}, err
		}
		key := c.Key
		if t.data[at] == '"' {
			key = `"` + key + `"`
		}
		return Edit{From: end, To: end, Text: ", " + key + ": " + value}, nil
	}
	indent := p.key.Column - 1
	last := t.lastLine(p.key.Line, indent, p.value.Kind == source.Sequence)
	if last, err = t.throughFlow(p.value, last); err != nil {
		return Edit{}, err
	}
	end, line := t.lineEnd(last), strings.Repeat(" ", indent)+c.Key+": "+value
	return Edit{From: end, To: end, Text: t.breakOf(last) + line}, nil
}

// append writes an element behind another one.
func (t *Text) append(p place, c Change) (Edit, error) {
	if p.key != nil {
		return Edit{}, fmt.Errorf("%s is no element", c.Path)
	}
	at, err := t.start(p.value)
	if err != nil {
		return Edit{}, err
	}
	value, err := t.rendered(c.Value, p)
	if err != nil {
		return Edit{}, err
	}
	if flow(p.parent) {
		if strings.HasPrefix(strings.TrimLeft(string(t.data[at+1:min(at+9, len(t.data))]), " "), `"`) {
			value = c.Value // JSON
		}
		end, err := t.memberEnd(at)
		return Edit{From: end, To: end, Text: ", " + value}, err
	}
	lead, err := t.dash(p.value, at)
	if err != nil {
		return Edit{}, err
	}
	last, err := t.throughFlow(p.value, t.lastLine(p.value.Line, len(lead), false))
	if err != nil {
		return Edit{}, err
	}
	end := t.lineEnd(last)
	return Edit{From: end, To: end, Text: t.breakOf(last) + string(lead) + "- " + value}, nil
}
