package source

import (
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
)

// unfold keeps the objects of a value: the value itself, the items of a List, or the elements of a list of objects,
// which calicoctl reads.
func (r *reader) unfold(c chunk, n *Node, depth int) {
	if n.Kind == Sequence && len(n.Content) > 0 && depth > 0 {
		for _, item := range n.Content {
			r.unfold(c, item, depth-1)
		}
		return
	}
	if n.Kind != Mapping {
		r.noObject(n, "%s is not a Kubernetes object", nodeType(n))
		return
	}
	kind, items := text(n, "kind"), child(n, "items")
	if list := strings.HasSuffix(kind, "List"); list && (kind == "List" || items != nil && items.Kind == Sequence) {
		r.unfoldList(c, n, kind, items, depth)
		return
	}
	r.object(c, n)
}

func (r *reader) noObject(n *Node, format string, args ...any) {
	r.report(diag.NoObject, n.Line, n.Column, format, args...).
		hint("an object has apiVersion, kind and metadata; leave files out that are not for Kubernetes")
}

func (r *reader) unfoldList(c chunk, n *Node, kind string, items *Node, depth int) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch n.Content[i].Value {
		case "apiVersion", "kind", "metadata", "items":
		default:
			k := n.Content[i]
			f := r.report(diag.UnknownField, k.Line, k.Column, "a list of objects has no field %q", k.Value)
			f.finding.Path = Field("", k.Value)
			f.finding.Object = diag.Object{APIVersion: text(n, "apiVersion"), Kind: kind}
			f.hint("the fields of a list are apiVersion, kind, metadata and items")
		}
	}
	if items == nil || items.Kind != Sequence {
		if items == nil || items.Type != Null {
			r.noObject(n, "a List without items")
		}
		return
	}
	for _, item := range items.Content {
		if item.Kind == Mapping && kind != "List" {
			item = typed(item, n, strings.TrimSuffix(kind, "List"))
		}
		if item.Kind == Sequence || depth == 0 {
			r.noObject(item, "%s is not a Kubernetes object", nodeType(item))
			continue
		}
		r.unfold(c, item, depth-1)
	}
}

// typed gives an item of a typed list the apiVersion and kind that the API server leaves out in such lists.
func typed(item, list *Node, kind string) *Node {
	out := *item
	out.Content = nil
	if child(item, "apiVersion") == nil {
		if v := child(list, "apiVersion"); v != nil {
			out.Content = append(out.Content, word(item, "apiVersion"), v)
		}
	}
	if child(item, "kind") == nil {
		out.Content = append(out.Content, word(item, "kind"), word(item, kind))
	}
	if out.Content == nil {
		return item
	}
	out.Content = append(out.Content, item.Content...)
	return &out
}

func word(at *Node, text string) *Node {
	return &Node{Type: String, Value: text, Line: at.Line, Column: at.Column}
}

// object keeps one object.
func (r *reader) object(c chunk, n *Node) {
	d := &Document{
		Object: diag.Object{
			APIVersion: text(n, "apiVersion"),
			Kind:       text(n, "kind"),
		},
		Pos:   diag.Position{File: r.current.name, Line: n.Line, Column: n.Column},
		kept:  &tree{root: n},
		Index: len(r.set.Documents),
	}
	if meta := child(n, "metadata"); meta != nil && meta.Kind == Mapping {
		d.Object.Name, d.Object.Namespace = text(meta, "name"), text(meta, "namespace")
	}
	if c.maybeTemplate() {
		if at := templated(d); at != nil {
			r.template(at.Line, at.Column, d.Object)
			return
		}
	}
	switch {
	case d.Object.APIVersion == "" && d.Object.Kind == "":
		r.noObject(n, "a document without apiVersion and kind is not a Kubernetes object")
	case d.Object.APIVersion == "":
		r.noObject(n, "%s has no apiVersion", d.Object)
	case d.Object.Kind == "":
		r.noObject(n, "an object of %s has no kind", d.Object.APIVersion)
	case pathBytes(n, 0) > maxPathBytes:
		r.report(diag.TooLarge, n.Line, n.Column, "%s has too many or too long keys", d.Object)
	default:
		r.set.Documents = append(r.set.Documents, d)
	}
}

// child is the value of a key, or nil.
func child(n *Node, key string) *Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// text is the value of a key that holds a scalar, or empty.
func text(n *Node, key string) string {
	if c := child(n, key); c != nil && c.Kind == Scalar && c.Type != Null {
		return c.Value
	}
	return ""
}

// nodeType is what a value is, with its article.
func nodeType(n *Node) string {
	switch n.Kind {
	case Mapping:
		return "a mapping"
	case Sequence:
		return "a list"
	}
	switch n.Type {
	case Null:
		return "null"
	case Bool:
		return "a boolean"
	case Int, Float:
		return "a number"
	}
	return "a string"
}
