package lint

import (
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
)

// severities differ here from those of a translation. What a translation passes over because nothing enforces it is
// the worst that a policy can be; what it carries with its meaning may still not be what the author meant; a policy for
// hosts is mostly meant for hosts; and two versions of one object, which it must refuse, are what every repository with
// overlays holds.
var severities = map[*diag.Code]diag.Severity{
	diag.NotEnforced:     diag.Error,
	diag.NoObject:        diag.Warning,
	diag.EmptyInput:      diag.Warning,
	diag.DuplicateObject: diag.Warning,
	diag.HostOnlyFlag:    diag.Note,
	diag.RawTypes:        diag.Warning,
	diag.InertRules:      diag.Warning,
	diag.EmptyForm:       diag.Warning,
	diag.SelectsNothing:  diag.Warning,
	diag.Unreachable:     diag.Warning,
}

// severityOf is what a finding weighs. What would be otherwise if a fact were known is never an error.
func severityOf(f diag.Finding) diag.Severity {
	severity, ok := severities[f.Code]
	if !ok {
		severity = f.Code.Severity
	}
	switch {
	case f.Code == diag.UnknownKind && strings.HasPrefix(f.Hint, didYouMean):
		return diag.Error
	case severity == diag.Error && (strings.Contains(f.Hint, "state spec.") || f.Hint == storedEmpty):
		return diag.Warning
	}
	return severity
}
