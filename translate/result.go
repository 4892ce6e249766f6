package translate

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/ledger"
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
	// Effect is the gravest effect of its findings; exact if it has none.
	Effect diag.Effect
	// Codes are the codes of its findings, sorted, each once.
	Codes []string
	// Fields is the ledger of the object: what became of every field.
	Fields []ledger.Entry
}

// Summary counts the objects by what became of them.
type Summary struct {
	Read, Exact, Narrowed, Opened, Inert, Refused, PassedOver, Written int
}

// Summary returns the counts.
func (r *Result) Summary() Summary {
	s := Summary{Read: len(r.Objects), Written: len(r.Outputs)}
	for _, o := range r.Objects {
		switch o.Effect {
		case diag.Exact:
			s.Exact++
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
