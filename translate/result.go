package translate

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/ledger"
	"github.com/policyferry/policyferry/translate/source"
)

// Result is what a translation yields.
type Result struct {
	// Source and Target are the releases that were assumed or given.
	Source, Target compat.Release
	// Outputs are the objects of the target's set, in the order in which they should be read.
	Outputs []Output
	// Findings are everything that the user must know, sorted.
	Findings []diag.Finding
	// Blocked holds the findings for which the outputs must not be written: what would open and is not accepted, and
	// faults of our own.
	Blocked []diag.Finding
	// Objects says of each policy object of the input what became of it.
	Objects []ObjectReport
	// PassedOver counts the objects that carry no policy, by kind.
	PassedOver map[string]int
	// Facts are the cluster facts, and Relied those of them that the result depends on.
	Facts  *cluster.Facts
	Relied []cluster.Fact
}

// Output is one object to be written.
type Output struct {
	Object diag.Object
	// JSON is the object. Package emit turns it into the text that is written.
	JSON []byte
	// From are the source objects that it stands for.
	From []diag.Object
	// File is the source file of the first of them.
	File string
}

// ObjectReport is what became of one policy object of the input.
type ObjectReport struct {
	Object diag.Object
	Pos    diag.Position
	// Effect is the gravest effect of its findings. It is exact if it has none, and also if all that its findings speak of
	// is parts without effect, while the rest is carried: inert is an object of which nothing has an effect.
	Effect diag.Effect
	// PartlyInert says that a part of the object has no effect, and the rest has one.
	PartlyInert bool
	// Codes are the codes of its findings, sorted, each once.
	Codes []string
	// Fields is the ledger of the object: what became of every field.
	Fields []ledger.Entry
}

// Summary counts the objects by what became of them: each of those that were read is exact, narrowed, opened, inert or
// refused. PartlyInert are those of the exact of which a part has no effect.
type Summary struct {
	Read, Exact, PartlyInert, Narrowed, Opened, Inert, Refused, PassedOver, Written int
}

// Summary returns the counts.
func (r *Result) Summary() Summary {
	s := Summary{Read: len(r.Objects), Written: len(r.Outputs)}
	for _, o := range r.Objects {
		switch o.Effect {
		case diag.Exact:
			s.Exact++
			if o.PartlyInert {
				s.PartlyInert++
			}
		case diag.Narrows:
			s.Narrowed++
		case diag.Opens:
			s.Opened++
		case diag.Inert:
			s.Inert++
		case diag.Refused:
			s.Refused++
		}
	}
	for _, n := range r.PassedOver {
		s.PassedOver += n
	}
	return s
}

// became says of every policy object what became of it, given the effects of its findings.
func (r *Result) became(effects map[diag.Object][]diag.Effect) {
	written := map[diag.Object]bool{}
	for _, o := range r.Outputs {
		for _, from := range o.From {
			written[from] = true
		}
	}
	for i := range r.Objects {
		o := &r.Objects[i]
		o.Effect = worst(effects[o.Object])
		carried := written[o.Object]
		if !strings.HasSuffix(o.Object.Kind, "Policy") { // sets, tiers and host endpoints are carried by the policies that use them
			carried = slices.ContainsFunc(o.Fields, func(e ledger.Entry) bool {
				return e.Disposition == ledger.Carried && source.Within(e.Path, "spec")
			})
		}
		if o.PartlyInert = carried && slices.Contains(effects[o.Object], diag.Inert); o.PartlyInert && o.Effect == diag.Inert {
			o.Effect = diag.Exact
		}
	}
}
