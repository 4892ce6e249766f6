package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/policyferry/policyferry/validate/lint"
)

// Baseline is an earlier run, as JSON has written it.
type Baseline struct {
	prints map[string]bool
	scores map[lint.Target]estate
}

// ReadBaseline reads what JSON writes.
func ReadBaseline(text []byte) (*Baseline, error) {
	var doc document
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if doc.Findings == nil || doc.Version == "" {
		return nil, fmt.Errorf("it is no report of lint")
	}
	b := &Baseline{map[string]bool{}, map[lint.Target]estate{}}
	for i, f := range doc.Findings {
		if f.Fingerprint == "" {
			return nil, fmt.Errorf("findings[%d] has no fingerprint", i)
		}
		b.prints[f.Fingerprint] = true
	}
	for _, s := range doc.Portability {
		b.scores[s.To] = s
	}
	return b, nil
}

// New parts findings into those that the baseline does not have and the number of those that it has.
func (b *Baseline) New(findings []lint.Finding) (fresh []lint.Finding, known int) {
	prints := lint.Fingerprints(findings)
	for i, f := range findings {
		if b.prints[prints[i]] {
			known++
			continue
		}
		fresh = append(fresh, f)
	}
	return slices.Clip(fresh), known
}

// Trend writes how the scores have changed, a line for each place that both runs have judged.
func (b *Baseline) Trend(w io.Writer, scores []lint.Score) {
	for _, s := range scores {
		before, ok := b.scores[s.To]
		if !ok {
			continue
		}
		was := before.Policies
		fmt.Fprintf(w, "portable to %s: %d of %d policies exactly, %d of %d in the baseline\n", s.To, s.Policies[lint.Exact], lint.Total(s.Policies),
			was.Exact, was.Exact+was.NeedsFact+was.Narrows+was.CannotLeave)
	}
}
