package lint

import "github.com/policyferry/policyferry/translate/diag"

// fixDenyOnly keeps the rest of a direction open in which a policy only denies.
var fixDenyOnly = fixer{diag.DenyOnly, func(_ *linter, _ Finding, at field) *Fix {
	if at.node == nil {
		return nil
	}
	owner := at.parent()
	_, list := splitPath(at.path)
	direction := section{name: list}.direction()
	behind := owner.get("endpointSelector")
	if behind.node == nil {
		behind = owner.get("nodeSelector")
	}
	if owner.get("enableDefaultDeny").node != nil {
		return nil
	}
	return insert(behind, "enableDefaultDeny", `{"`+direction+`":false}`).unsafe("the direction is closed as it is")
}}
