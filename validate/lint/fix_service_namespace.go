package lint

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// fixServiceNamespace names the policy's own namespace, which is what was meant by a Service without one.
var fixServiceNamespace = fixer{diag.ServiceWithoutNamespace, func(_ *linter, _ Finding, at field) *Fix {
	if at.node == nil || at.doc.Object.Namespace == "" || !namespaced(at.doc.Object.Kind) || at.get("namespace").node != nil {
		return nil
	}
	value := edit.JSON(at.doc.Object.Namespace)
	return insert(at.get("name"), "namespace", value).unsafe("the rule matches nothing as it is")
}}
