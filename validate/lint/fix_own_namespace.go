package lint

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// fixOwnNamespace writes down what the agent adds to an empty selector of peers. Where kustomize or Helm sets the
// namespace there is no word for it.
var fixOwnNamespace = fixer{diag.OwnNamespace, func(_ *linter, _ Finding, at field) *Fix {
	if at.node == nil || len(at.node.Content) > 0 {
		return nil
	}
	const key = "k8s:io.kubernetes.pod.namespace"
	if !namespaced(at.doc.Object.Kind) {
		return replace(at, `{"matchExpressions":[{"key":"`+key+`","operator":"Exists"}]}`)
	}
	if at.doc.Object.Namespace == "" {
		return nil
	}
	value := edit.JSON(map[string]map[string]string{"matchLabels": {key: at.doc.Object.Namespace}})
	return replace(at, value)
}}
