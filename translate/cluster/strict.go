package cluster

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/policyferry/policyferry/translate/source"
)

// statementReader reads the ClusterFacts document. It refuses what it does not know: a misspelt fact would
// otherwise be an unknown one.
type statementReader struct {
	l      *loader
	doc    *source.Document
	stated map[Fact]bool
}

// reading is how the value of one key is read, and the fact that it states.
type reading struct {
	fact Fact
	read func(path string)
}

var ignore = reading{read: func(string) {}}

func (r *statementReader) wrong(path, format string, args ...any) pending {
	return r.l.bad(r.doc, path, format, args...)
}

// mapping reads the keys of the mapping at the path.
func (r *statementReader) mapping(path string, known map[string]reading) {
	n := r.doc.Node(path)
	if n.Kind != source.Mapping {
		r.wrong(path, "%s is not a mapping", name(path))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		at := source.Field(path, key)
		reading, ok := known[key]
		switch {
		case !ok:
			r.wrong(at, "unknown key %q in %s", key, name(path)).hint("the keys are %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		case n.Content[i+1].Type == source.Null:
			r.wrong(at, "%s has no value", at).hint("leave the key out when the fact is not known")
		default:
			if reading.fact != "" {
				r.stated[reading.fact] = true
			}
			reading.read(at)
		}
	}
}

func name(path string) string {
	if path == "" {
		return "ClusterFacts"
	}
	return path
}

func (r *statementReader) text(path string) string {
	n := r.doc.Node(path)
	if n.Kind != source.Scalar {
		r.wrong(path, "%s is not a text", path)
		return ""
	}
	return n.Value
}

func (r *statementReader) texts(path string) []string {
	n := r.doc.Node(path)
	if n.Kind != source.Sequence {
		r.wrong(path, "%s is not a list", path)
		return nil
	}
	out := make([]string, len(n.Content))
	for i := range n.Content {
		out[i] = r.text(source.Item(path, i))
	}
	return out
}

func (r *statementReader) truth(path string) bool {
	n := r.doc.Node(path)
	value, err := strconv.ParseBool(strings.ToLower(n.Value))
	if n.Kind != source.Scalar || n.Type != source.Bool || err != nil {
		r.wrong(path, "%s is neither true nor false", path)
	}
	return value
}

func (r *statementReader) flag(fact Fact, into **bool) reading {
	return reading{fact, func(path string) {
		value := r.truth(path)
		*into = &value
	}}
}

func (r *statementReader) word(fact Fact, into *string, known ...string) reading {
	return reading{fact, func(path string) {
		if text := r.text(path); r.oneOf(path, text, known...) {
			*into = text
		}
	}}
}

func (r *statementReader) oneOf(path, text string, known ...string) bool {
	if slices.Contains(known, text) {
		return true
	}
	r.wrong(path, "%s is %q", path, text).hint("write one of %s", strings.Join(known, ", "))
	return false
}

func (r *statementReader) version(fact Fact, into *string) reading {
	return reading{fact, func(path string) {
		v, ok := parseVersion(r.text(path))
		if !ok {
			r.wrong(path, "%s is %q", path, r.text(path)).hint("write major, minor and patch, as in 1.20.1")
			return
		}
		*into = v
	}}
}
