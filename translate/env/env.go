// Package env is what every stage of one translation shares: the facts, the releases, the findings, the ledgers.
package env

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/fqdn"
	"github.com/policyferry/policyferry/translate/ledger"
	"github.com/policyferry/policyferry/translate/source"
)

// Env is the surroundings of one translation. It is not safe for concurrent use.
type Env struct {
	Facts    *cluster.Facts
	Relied   *cluster.Relied
	Source   compat.Release
	Target   compat.Release
	Findings *diag.List
	// Accepted holds the codes whose findings with effect "opens" the user accepts, by ID.
	Accepted map[string]bool
	// FQDNCache is what Cilium has learned about DNS names, or nil if that was not given.
	FQDNCache *fqdn.Cache
	// DefaultNamespace stands in for a namespace that an object leaves out.
	DefaultNamespace string
	// WithoutLedgers says that nobody asks what became of the fields, so that no books are kept.
	WithoutLedgers bool
	ledgers        map[*source.Document]*ledger.Ledger
}

// Ledger returns the ledger of a document, opening it at first use.
func (e *Env) Ledger(doc *source.Document) *ledger.Ledger {
	if e.WithoutLedgers {
		return &ledger.Ledger{}
	}
	if e.ledgers == nil {
		e.ledgers = map[*source.Document]*ledger.Ledger{}
	}
	l := e.ledgers[doc]
	if l == nil {
		l = ledger.New(doc)
		e.ledgers[doc] = l
	}
	return l
}

// Report adds a finding about a field and discharges the field, and all below it, in the document's ledger.
func (e *Env) Report(doc *source.Document, code *diag.Code, path, hint, format string, args ...any) {
	f := code.At(doc.Position(path), doc.Object, path, format, args...)
	f.Hint = hint
	e.Findings.Add(f)
	e.Ledger(doc).Reported(path, code.ID)
}

// Note adds a finding about a field that is carried all the same, leaving its ledger entry alone.
func (e *Env) Note(doc *source.Document, code *diag.Code, path, hint, format string, args ...any) {
	f := code.At(doc.Position(path), doc.Object, path, format, args...)
	f.Hint = hint
	e.Findings.Add(f)
}
