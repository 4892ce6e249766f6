package lint

import (
	"regexp"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// fixFieldName corrects a typing mistake. What nobody has read until now is in force then.
var fixFieldName = fixer{diag.UnknownField, func(_ *linter, f Finding, at field) *Fix {
	m := meantName.FindStringSubmatch(f.Hint)
	if m == nil || at.node == nil || at.parent().get(m[1]).node != nil {
		return nil
	}
	_, key := splitPath(at.path)
	return (&Fix{Title: "write " + m[1] + " for " + key, Changes: []edit.Change{{Kind: edit.Rename, Path: at.path, Key: m[1]}}}).unsafe(notEnforced)
}}

var meantName = regexp.MustCompile(`^` + didYouMean + ` "([A-Za-z0-9-]+)"\?$`)
