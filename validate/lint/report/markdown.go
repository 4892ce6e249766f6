package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint"
)

// markdownFindings and markdownBytes are what is written at most: GitHub takes 65,536 characters in a comment, and
// nobody reads as many. What does not fit is counted.
const (
	markdownFindings = 100
	markdownBytes    = 50_000
)

// Markdown writes a comment for a pull request: a table of what was found, the findings by file, and the scores.
func Markdown(w io.Writer, run *Run) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "## policyferry lint\n\n")
	counts := map[diag.Severity]int{}
	for _, f := range run.Findings {
		counts[f.Severity]++
	}
	fmt.Fprintf(out, "| policy objects | errors | warnings | notes |\n|---:|---:|---:|---:|\n| %d | %d | %d | %d |\n",
		len(run.Objects), counts[diag.Error], counts[diag.Warning], counts[diag.Note])
	if len(run.Findings) == 0 {
		fmt.Fprintf(out, "\nNothing was found.\n")
	}
	file, bytes, written := "", 0, 0
	for _, f := range run.Findings {
		entry := markdownFinding(f)
		if written == markdownFindings || bytes+len(entry) > markdownBytes {
			break
		}
		if written == 0 || f.Pos.File != file {
			file = f.Pos.File
			fmt.Fprintf(out, "\n### %s\n\n", markdownCode(file))
		}
		out.WriteString(entry)
		bytes += len(entry)
		written++
	}
	if rest := len(run.Findings) - written; rest > 0 {
		fmt.Fprintf(out, "\n_%d of %d findings are shown; the other %d are in the log and in the other formats._\n",
			written, len(run.Findings), rest)
	}
	markdownScores(out, run.Portability)
	return out.Flush()
}

func markdownFinding(f lint.Finding) string {
	var out strings.Builder
	where := ""
	if f.Pos.Line > 0 {
		where = fmt.Sprintf(" line %d", f.Pos.Line)
	}
	if o := objectName(f.Object); o != "" {
		where += ", " + markdownCode(o)
	}
	fmt.Fprintf(&out, "- **%s** [%s](%s%s.md)%s: %s\n", f.Severity, f.Code.ID, pages, f.Code.ID, where, markdownText(f.Message))
	if f.Hint != "" {
		fmt.Fprintf(&out, "  <br>hint: %s\n", markdownText(f.Hint))
	}
	if f.Fix != nil {
		fmt.Fprintf(&out, "  <br>fix: %s\n", markdownText(fixLine(f.Fix)))
	}
	return out.String()
}

func markdownScores(w io.Writer, scores []lint.Score) {
	head := false
	for _, s := range scores {
		total := lint.Total(s.Policies)
		if total == 0 {
			continue
		}
		if !head {
			fmt.Fprintf(w, "\n### Portability\n\n| to | exact | needs a fact | narrows | cannot leave |\n|---|---:|---:|---:|---:|\n")
			head = true
		}
		fmt.Fprintf(w, "| %s | %d of %d (%d%%) | %d | %d | %d |\n", s.To, s.Policies[lint.Exact], total, lint.Share(s.Policies),
			s.Policies[lint.NeedsFact], s.Policies[lint.Narrows], s.Policies[lint.CannotLeave])
	}
}

// markdownText writes text that others have written so that it is shown and not obeyed: no markup, no links, nobody
// mentioned.
func markdownText(s string) string {
	var out strings.Builder
	for _, r := range strings.Join(strings.Fields(s), " ") {
		switch {
		case r == '@':
			out.WriteString("&#64;")
		case r == '#':
			out.WriteString("&#35;")
		case strings.ContainsRune("\\`*_{}[]<>()!|~&", r):
			out.WriteByte('\\')
			out.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// markdownCode is a code span, with a fence longer than any run of backticks in the text.
func markdownCode(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if fence == "`" {
		return fence + s + fence
	}
	return fence + " " + s + " " + fence
}
