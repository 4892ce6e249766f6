package lint

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// elsewhere reports whether what a finding says can never match is only not among what was given: Calico's host
// endpoints and global network sets, of which there is none here, and the pods of a cluster of a mesh whose name is not
// known. Whoever lints one file has them in another.
func (l *linter) elsewhere(f diag.Finding) bool {
	doc := l.docAt(f.Pos)
	if f.Code != diag.SelectsNothing || doc == nil {
		return false
	}
	at := field{doc, doc.Node(f.Path), f.Path}
	switch formOf(doc.Object) {
	case calicoForm:
		global := func(side string) bool {
			return strings.Contains(at.at(side, "namespaceSelector").text(), "global()")
		}
		return (global("source") || global("destination")) && !l.given("GlobalNetworkSet", "HostEndpoint")
	case ciliumForm:
		return l.facts.Cilium.ClusterName == "" && mentions(at, "io.cilium.k8s.policy.cluster")
	}
	return false
}

// given reports whether there is a document of one of the kinds.
func (l *linter) given(kinds ...string) bool {
	return slices.ContainsFunc(slices.Concat(l.docs, l.opt.Cluster), func(d *source.Document) bool {
		return slices.Contains(kinds, d.Object.Kind)
	})
}

// mentions reports whether a selector asks for a label, under whatever source.
func mentions(selector field, label string) bool {
	is := func(key string) bool {
		_, name, found := strings.Cut(key, ":")
		return key == label || found && name == label
	}
	return slices.ContainsFunc(selector.get("matchLabels").keys(), is) ||
		slices.ContainsFunc(selector.get("matchExpressions").items(), func(e field) bool { return is(e.get("key").text()) })
}
