package rehearse

import (
	"cmp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/source"
)

// Place is a line in the policies side by side.
type Place struct {
	// Policy is an index into the policies of the estate.
	Policy int `json:"policy"`
	// Side is source or output: whose texts the line is counted in.
	Side string `json:"side"`
	// Line counts the lines of all texts of that side, one after the other, from 1, as Policy.Aligned does.
	Line int `json:"line"`
}

// The sides of a policy.
const (
	sideSource = "source"
	sideOutput = "output"
)

// standing is where one object stands in the policies side by side: which policy, and after how many lines.
type standing struct {
	Text
	policy, before int
	// shown is the text as it is read again.
	shown *source.Document
}

// places finds the line of a rule.
type places struct {
	side      string
	namespace string
	// judged are the documents that the judges read.
	judged  []*source.Document
	objects map[string][]*standing
}

func newPlaces(side, namespace string, judged []*source.Document) *places {
	return &places{side, cmp.Or(namespace, "default"), judged, map[string][]*standing{}}
}

// enter says where an object stands, under the name by which judges call it.
func (p *places) enter(s *standing) {
	o := s.Object
	if p.objects[o.String()] = append(p.objects[o.String()], s); o.Namespace == "" {
		o.Namespace = p.namespace
		p.objects[o.String()] = append(p.objects[o.String()], s)
	}
}

// of is the place of what a step names; nil if it names no object, or none of this side. Kinds of several groups share
// names, so of several objects it is the one in which the rule stands where the step says.
func (p *places) of(s JudgeStep) *Place {
	all := p.objects[s.Policy]
	if s.Policy == "" || len(all) == 0 {
		return nil
	}
	at := all[0]
	if len(all) > 1 {
		at = all[max(0, slices.IndexFunc(all, func(c *standing) bool { return p.stands(s, c) }))]
	}
	if at.shown == nil {
		at.shown = again(at.Text.Text)
	}
	line := 1
	if at.shown != nil {
		line = max(1, at.shown.Position(s.Path).Line)
	}
	return &Place{at.policy, p.side, at.before + line}
}

// stands reports whether the rule of a step stands in an object.
func (p *places) stands(s JudgeStep, in *standing) bool {
	return slices.ContainsFunc(p.judged, func(d *source.Document) bool {
		return d.Object == in.Object && (in.Position == nil || d.Pos == *in.Position) &&
			(s.Where == d.Pos.String() || s.Where == d.Position(s.Path).String())
	})
}

// again reads a text as it is shown; nil if it cannot be read.
func again(text string) *source.Document {
	docs, _ := source.ReadBytes("text", []byte(text), source.Options{})
	if len(docs) != 1 {
		return nil
	}
	return docs[0]
}

// place gives the rules in all that is judged the lines in which they stand side by side.
func (e *estate) place() {
	sources, outputs := newPlaces(sideSource, e.opt.Namespace, e.policies), newPlaces(sideOutput, "", e.output)
	for i, p := range e.Policies {
		sources.enterAll(i, p.Sources)
		outputs.enterAll(i, p.Outputs)
	}
	placed := func(p *places, steps []JudgeStep) {
		for i := range steps {
			steps[i].At = p.of(steps[i])
		}
	}
	for _, d := range e.Differences {
		placed(sources, d.Before.By)
		placed(outputs, d.After.By)
	}
	if e.RoundTrip != nil {
		for _, d := range e.RoundTrip.Differences {
			placed(sources, d.Before.By)
		}
	}
	if e.Replay == nil {
		return
	}
	placed(sources, e.Replay.Unused)
	for _, f := range e.Replay.Flows {
		if f.Before != nil {
			placed(sources, f.Before.By)
		}
		if f.After != nil {
			placed(outputs, f.After.By)
		}
	}
}

// enterAll enters the texts of one side of a policy.
func (p *places) enterAll(policy int, texts []Text) {
	before := 0
	for _, t := range texts {
		p.enter(&standing{Text: t, policy: policy, before: before})
		before += strings.Count(t.Text, "\n")
	}
}
