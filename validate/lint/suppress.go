package lint

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// Suppressed is a finding that a comment takes away, and why.
type Suppressed struct {
	Finding
	Reason string
}

// suppression is a comment # policyferry:ignore CODE REASON.
type suppression struct {
	remark source.Remark
	code   *diag.Code
	reason string
	area   area
	used   bool
}

// suppress parts the findings into those that stay and those that a comment takes away. What is wrong with the comments
// themselves is added to the former, and no comment takes that away.
func (l *linter) suppress(findings []Finding) (kept []Finding, suppressed []Suppressed) {
	var all []*suppression
	for _, r := range l.opt.Remarks {
		s, problem := parseSuppression(r)
		at := areaOf(l.docs, r)
		if problem != nil {
			kept = append(kept, remarkFinding(diag.IgnoreIncomplete, r, at, problem))
			continue
		}
		s.area = at
		all = append(all, s)
	}
	for _, f := range findings {
		i := slices.IndexFunc(all, func(s *suppression) bool { return s.code == f.Code && s.area.holds(f.Pos) })
		if i < 0 {
			kept = append(kept, f)
			continue
		}
		all[i].used = true
		suppressed = append(suppressed, Suppressed{f, all[i].reason})
	}
	for _, s := range all {
		if !s.used && l.wouldFind(s.code) {
			kept = append(kept, remarkFinding(diag.IgnoreUnused, s.remark, s.area, &problem{
				"nothing that this comment is about is " + s.code.ID + ", so it suppresses nothing",
				"delete it, or put it at the field that the finding names, on the same line or on the line above"}))
		}
	}
	slices.SortStableFunc(kept, func(a, b Finding) int {
		switch {
		case a.Pos.Before(b.Pos):
			return -1
		case b.Pos.Before(a.Pos):
			return 1
		}
		return 0
	})
	return kept, suppressed
}

// problem is what is wrong with a comment, and the way out.
type problem struct{ message, hint string }

const ignoreForm = "write # policyferry:ignore CODE REASON, with a code as policyferry explain lists them"

// parseSuppression reads what a comment says. One without a reason takes nothing away.
func parseSuppression(r source.Remark) (*suppression, *problem) {
	words := strings.Fields(r.Text)
	switch {
	case len(words) == 0 || words[0] != "ignore":
		return nil, &problem{"the comment says policyferry:" + first(words) + ", and only policyferry:ignore has a meaning", ignoreForm}
	case len(words) == 1:
		return nil, &problem{"the comment does not say what is to be ignored, so it suppresses nothing", ignoreForm}
	}
	code, ok := diag.Lookup(words[1])
	switch {
	case !ok:
		return nil, &problem{"there is no code " + words[1] + ", so the comment suppresses nothing", ignoreForm}
	case code == diag.IgnoreIncomplete || code == diag.IgnoreUnused:
		return nil, &problem{code.ID + " is about comments like this one and cannot be ignored", "mend or delete the comment"}
	case len(words) == 2:
		return nil, &problem{"the comment gives no reason to ignore " + code.ID + ", so it suppresses nothing", "add the reason behind the code"}
	}
	return &suppression{remark: r, code: code, reason: strings.Join(words[2:], " ")}, nil
}

func first(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

func remarkFinding(code *diag.Code, r source.Remark, at area, p *problem) Finding {
	f := code.At(r.Pos, at.object, at.path, "%s", p.message)
	f.Hint = p.hint
	return Finding{Finding: f, Topic: Reading, Severity: severityOf(f)}
}

// wouldFind reports whether this run looks for a code at all. Whoever asks about leaving only now and then, or has the
// facts about the cluster elsewhere, need not delete the comments in between.
func (l *linter) wouldFind(code *diag.Code) bool {
	switch {
	case code == diag.ServiceAddress || code == diag.MatchesNoPod || code == diag.BadFacts:
		return len(l.opt.Cluster) > 0
	case strings.HasPrefix(code.ID, "PF2") || strings.HasPrefix(code.ID, "PF3") || code == diag.NotStandard:
		return len(l.opt.PortableTo) > 0
	}
	return true
}
