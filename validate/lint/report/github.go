package report

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
)

// GitHub writes workflow commands: GitHub Actions shows each finding beside the line that it is about.
func GitHub(w io.Writer, run *Run) error {
	out := bufio.NewWriter(w)
	for _, f := range run.Findings {
		var at []string
		if f.Pos.File != "" {
			at = append(at, "file="+githubProperty.Replace(filepath.ToSlash(relative(run.Dir, f.Pos.File))))
		}
		if f.Pos.Line > 0 {
			at = append(at, fmt.Sprintf("line=%d", f.Pos.Line))
		}
		if f.Pos.Column > 0 {
			at = append(at, fmt.Sprintf("col=%d", f.Pos.Column))
		}
		at = append(at, "title="+githubProperty.Replace(f.Code.ID+" "+f.Code.Name))
		text := f.Message
		if f.Hint != "" {
			text += "\nhint: " + f.Hint
		}
		fmt.Fprintf(out, "::%s %s::%s\n", githubCommand(f.Severity), strings.Join(at, ","), githubData.Replace(text))
	}
	return out.Flush()
}

func githubCommand(s diag.Severity) string {
	if s == diag.Note {
		return "notice"
	}
	return s.String()
}

// A command ends with its line, and its properties with a comma or colon; GitHub's own toolkit escapes them so
// (actions/toolkit, packages/core/src/command.ts, escapeData and escapeProperty).
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
