package lint

import (
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// fixAnyProtocol writes down that the ports of a rule are open for every protocol with ports.
var fixAnyProtocol = fixer{diag.AnyProtocol, func(_ *linter, _ Finding, at field) *Fix {
	i := strings.LastIndex(at.path, ".toPorts[")
	if i < 0 {
		return nil
	}
	fix := &Fix{Title: "add protocol: ANY"}
	rule := field{at.doc, at.doc.Node(at.path[:i]), at.path[:i]}
	for _, ports := range rule.get("toPorts").items() {
		for _, port := range ports.get("ports").items() {
			if port.get("protocol").node == nil && port.get("port").present() {
				fix.Changes = append(fix.Changes, edit.Change{Kind: edit.Insert, Path: port.get("port").path, Key: "protocol", Value: `"ANY"`})
			}
		}
	}
	return fix
}}
