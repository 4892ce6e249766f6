package rehearse

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/emit"
	"github.com/policyferry/policyferry/translate/source"
)

// sideBySide puts every source policy beside what it becomes. Sources that share an output stand together.
func (e *estate) sideBySide() {
	groups := e.groups()
	for _, g := range groups {
		p := Policy{Effect: string(diag.Exact), Sources: []Text{}, Outputs: []Text{}, Findings: []int{}}
		lines := map[diag.Object]*source.Document{}
		before := map[diag.Object]int{}
		at := 0
		for _, i := range g.sources {
			o := e.forward.Objects[i]
			t, doc := textOf(e.documentAt(o))
			pos := o.Pos
			t.Object, t.Position = o.Object, &pos
			lines[o.Object], before[o.Object] = doc, at
			at += strings.Count(t.Text, "\n")
			p.Sources = append(p.Sources, t)
			p.Effect = graver(p.Effect, string(o.Effect))
		}
		for _, i := range g.outputs {
			p.Outputs = append(p.Outputs, outputText(e.forward.Outputs[i]))
		}
		e.findingsOf(&p, lines, before)
		p.Aligned = align(p.Sources, p.Outputs)
		e.Policies = append(e.Policies, p)
	}
}

// group are sources and outputs, by index.
type group struct{ sources, outputs []int }

// groups joins sources and outputs that belong together, in the order of the sources; outputs of no source are last.
func (e *estate) groups() []*group {
	at := map[diag.Object]*group{}
	var order []*group
	for i, o := range e.forward.Objects {
		g := &group{sources: []int{i}}
		at[o.Object] = g
		order = append(order, g)
	}
	for i, o := range e.forward.Outputs {
		var into *group
		for _, from := range o.From {
			g := at[from]
			switch {
			case g == nil || g == into:
			case into == nil:
				into = g
			default:
				into.sources, into.outputs = append(into.sources, g.sources...), append(into.outputs, g.outputs...)
				for object, other := range at {
					if other == g {
						at[object] = into
					}
				}
				g.sources, g.outputs = nil, nil
			}
		}
		if into == nil {
			into = &group{}
			order = append(order, into)
		}
		into.outputs = append(into.outputs, i)
	}
	order = slices.DeleteFunc(order, func(g *group) bool { return len(g.sources)+len(g.outputs) == 0 })
	for _, g := range order {
		slices.Sort(g.sources)
		slices.Sort(g.outputs)
	}
	return order
}

func (e *estate) documentAt(o translate.ObjectReport) *source.Document {
	for _, d := range e.policies {
		if d.Object == o.Object && d.Pos == o.Pos {
			return d
		}
	}
	return nil
}

// textOf writes a source as people do, and reads the text again, which tells the line of each field.
func textOf(d *source.Document) (Text, *source.Document) {
	if d == nil {
		return Text{}, nil
	}
	json, err := d.JSON()
	if err != nil {
		return Text{}, nil
	}
	text, err := emit.YAML([][]byte{json})
	if err != nil {
		return Text{}, nil
	}
	return Text{Text: string(text)}, again(string(text))
}

func outputText(o translate.Output) Text {
	text, err := emit.YAML([][]byte{o.JSON})
	if err != nil {
		text = o.JSON
	}
	return Text{Object: o.Object, Text: string(text), From: o.From}
}

// findingsOf gives a policy its findings, and them their lines.
func (e *estate) findingsOf(p *Policy, docs map[diag.Object]*source.Document, before map[diag.Object]int) {
	for i := range e.Findings {
		f := &e.Findings[i]
		doc, mine := docs[f.Object]
		if !mine {
			continue
		}
		p.Findings = append(p.Findings, i)
		if doc != nil {
			f.Line = before[f.Object] + max(1, doc.Position(f.Path).Line)
		}
	}
}

func graver(a, b string) string {
	if weight(b) >= 0 && weight(b) < weight(a) {
		return b
	}
	return a
}
