package report

import (
	"encoding/json"
	"io"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint"
)

// document is what JSON writes; docs/lint.md describes it. Keys are added, never renamed.
type document struct {
	Version     string   `json:"version"`
	Releases    []string `json:"releases"`
	Summary     summary  `json:"summary"`
	Findings    []entry  `json:"findings"`
	Objects     []object `json:"objects"`
	Portability []estate `json:"portability"`
}

type summary struct {
	Objects  int `json:"objects"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
	// Suppressed is the number of findings that comments take away.
	Suppressed int `json:"suppressed"`
	// Fixed is the number of findings that this run has fixed.
	Fixed int `json:"fixed"`
}

type entry struct {
	Code     string         `json:"code"`
	Name     string         `json:"name"`
	Severity string         `json:"severity"`
	Topic    lint.Topic     `json:"topic"`
	Position diag.Position  `json:"position"`
	Object   diag.Object    `json:"object"`
	Path     string         `json:"path,omitempty"`
	Message  string         `json:"message"`
	Hint     string         `json:"hint,omitempty"`
	Related  []diag.Related `json:"related,omitempty"`
	Fix      *fix           `json:"fix,omitempty"`
	// Fingerprint is that of lint.Fingerprints.
	Fingerprint string `json:"fingerprint"`
}

// fix is the way out as a change of the text.
type fix struct {
	Title string `json:"title"`
	// Safe says that the new text is to say the same, and --fix writes it once that is proven. Reason says why not.
	Safe   bool   `json:"safe"`
	Reason string `json:"reason,omitempty"`
	Edits  []span `json:"edits"`
}

// span is a part of the text that text takes the place of.
type span struct {
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
	Text      string `json:"text"`
}

func fixOf(f lint.Finding, texts *indexed) *fix {
	if f.Fix == nil {
		return nil
	}
	out := &fix{Title: f.Fix.Title, Safe: f.Fix.Unsafe == "", Reason: f.Fix.Unsafe}
	for _, r := range texts.regions(f) {
		out.Edits = append(out.Edits, span(r))
	}
	return out
}

type object struct {
	Object   diag.Object   `json:"object"`
	Position diag.Position `json:"position"`
	Rules    int           `json:"rules"`
	Leaves   []leave       `json:"leaves,omitempty"`
}

type leave struct {
	To    lint.Target    `json:"to"`
	Class lint.Class     `json:"class"`
	Codes []string       `json:"codes,omitempty"`
	Facts []cluster.Fact `json:"facts,omitempty"`
	Rules classes        `json:"rules"`
}

type classes struct {
	Exact       int `json:"exact"`
	NeedsFact   int `json:"needsFact"`
	Narrows     int `json:"narrows"`
	CannotLeave int `json:"cannotLeave"`
}

type estate struct {
	To          lint.Target          `json:"to"`
	Policies    classes              `json:"policies"`
	Rules       classes              `json:"rules"`
	ByCode      map[string]int       `json:"byCode"`
	ByFact      map[cluster.Fact]int `json:"byFact"`
	ByNamespace map[string]classes   `json:"byNamespace"`
}

// JSON writes the run as one document.
func JSON(w io.Writer, run *Run) error {
	doc := document{Version: run.Version, Releases: []string{}, Findings: []entry{}, Objects: []object{}, Portability: []estate{}}
	for _, r := range run.Releases {
		doc.Releases = append(doc.Releases, r.String())
	}
	doc.Summary.Objects, doc.Summary.Suppressed, doc.Summary.Fixed = len(run.Objects), len(run.Suppressed), len(run.Fixed)
	texts := run.indexed()
	prints := lint.Fingerprints(run.Findings)
	for i, f := range run.Findings {
		switch f.Severity {
		case diag.Error:
			doc.Summary.Errors++
		case diag.Warning:
			doc.Summary.Warnings++
		default:
			doc.Summary.Notes++
		}
		doc.Findings = append(doc.Findings, entry{Code: f.Code.ID, Name: f.Code.Name, Severity: f.Severity.String(), Topic: f.Topic,
			Position: f.Pos, Object: f.Object, Path: f.Path, Message: f.Message, Hint: f.Hint, Related: f.Related, Fix: fixOf(f, texts), Fingerprint: prints[i]})
	}
	for _, o := range run.Objects {
		out := object{Object: o.Object, Position: o.Pos, Rules: o.Rules}
		for _, l := range o.Leaves {
			out.Leaves = append(out.Leaves, leave{To: l.To, Class: l.Class, Codes: l.Codes, Facts: l.Facts, Rules: classesOf(l.Rules)})
		}
		doc.Objects = append(doc.Objects, out)
	}
	for _, s := range run.Portability {
		out := estate{To: s.To, Policies: classesOf(s.Policies), Rules: classesOf(s.Rules), ByCode: s.ByCode, ByFact: s.ByFact, ByNamespace: map[string]classes{}}
		for ns, counts := range s.ByNamespace {
			out.ByNamespace[ns] = classesOf(counts)
		}
		doc.Portability = append(doc.Portability, out)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(doc)
}

func classesOf(counts map[lint.Class]int) classes {
	return classes{counts[lint.Exact], counts[lint.NeedsFact], counts[lint.Narrows], counts[lint.CannotLeave]}
}
