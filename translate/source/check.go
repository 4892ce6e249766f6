package source

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	kubejson "sigs.k8s.io/json"

	"github.com/policyferry/policyferry/translate/diag"
)

// checker compares a document with a Go type, field by field, and so finds every mistake with its position. The
// decoder stops at the first value of a wrong type and knows no positions.
type checker struct {
	doc      *Document
	strict   bool
	findings diag.List
	// failed says that the decoder refused the document, so that types which read their own JSON are tried one by
	// one to find out which did.
	failed bool
}

func (c *checker) add(code *diag.Code, path, format string, args ...any) *diag.Finding {
	c.findings.Add(code.At(c.doc.Position(path), c.doc.Object, path, format, args...))
	all := c.findings.All()
	return &all[len(all)-1]
}

func (c *checker) check(n *Node, t reflect.Type, path string) {
	if n.Type == Null || path == "metadata.managedFields" {
		return
	}
	s := shapeOf(t)
	if s.custom && (s.fields == nil || n.Kind != Mapping) {
		c.try(n, t, path)
		return
	}
	switch s.typ.Kind() {
	case reflect.Struct:
		c.structure(n, s, path)
	case reflect.Map:
		if c.kind(n, Mapping, path, "a mapping") {
			for i := 0; i+1 < len(n.Content); i += 2 {
				c.check(n.Content[i+1], s.typ.Elem(), Field(path, n.Content[i].Value))
			}
		}
	case reflect.Slice, reflect.Array:
		c.list(n, s.typ, path)
	case reflect.Interface:
	default:
		c.scalar(n, s.typ, path)
	}
	if s.custom && c.failed && c.findings.Len() == 0 {
		c.try(n, t, path)
	}
}

func (c *checker) structure(n *Node, s *shape, path string) {
	if !c.kind(n, Mapping, path, "a mapping") {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		at := Field(path, key)
		if t, known := s.fields[key]; known {
			c.check(n.Content[i+1], t, at)
			continue
		}
		if c.strict && !IsServerSet(at) {
			c.unknown(at, key, path, s)
		}
	}
}

func (c *checker) unknown(at, key, parent string, s *shape) {
	where := parent
	if where == "" {
		where = "a " + c.doc.Object.Kind
	}
	f := c.add(diag.UnknownField, at, "%s has no field %q", where, key)
	if near := Nearest(key, names(s.fields)); near != "" {
		f.Hint = fmt.Sprintf("did you mean %q?", near)
	} else if len(s.fields) > 0 && len(s.fields) <= 12 {
		f.Hint = "its fields are " + strings.Join(names(s.fields), ", ")
	}
}

func (c *checker) list(n *Node, t reflect.Type, path string) {
	if t.Elem().Kind() == reflect.Uint8 && n.Kind == Scalar {
		c.try(n, t, path)
		return
	}
	if !c.kind(n, Sequence, path, "a list") {
		return
	}
	for i, item := range n.Content {
		c.check(item, t.Elem(), Item(path, i))
	}
}

// kind reports a value that is not of the kind that its field wants.
func (c *checker) kind(n *Node, want Kind, path, wants string) bool {
	if n.Kind == want {
		return true
	}
	c.wrong(n, path, wants)
	return false
}

func (c *checker) wrong(n *Node, path, wants string) {
	name := path
	if name == "" {
		name = "the object"
	}
	if n.Kind != Scalar {
		c.add(diag.WrongValue, path, "%s wants %s and not %s", name, wants, nodeType(n))
		return
	}
	f := c.add(diag.WrongValue, path, "%s wants %s, and %s is %s", name, wants, shown(n), nodeType(n))
	if wants == "a string" {
		f.Hint = fmt.Sprintf("write it in quotes: %q", n.Value)
	}
}

// shown is a scalar as it stands in the text, cut when it is long.
func shown(n *Node) string {
	text := n.Value
	if len(text) > 60 {
		text = text[:60] + "..."
	}
	if n.Type == String {
		return strconv.Quote(text)
	}
	return text
}

func (c *checker) scalar(n *Node, t reflect.Type, path string) {
	switch t.Kind() {
	case reflect.String:
		if n.Kind != Scalar || n.Type != String {
			c.wrong(n, path, "a string")
		}
	case reflect.Bool:
		if n.Type != Bool {
			c.wrong(n, path, "true or false")
		}
	case reflect.Float32, reflect.Float64:
		if n.Type != Int && n.Type != Float {
			c.wrong(n, path, "a number")
		}
	default:
		c.integer(n, t, path)
	}
}

func (c *checker) integer(n *Node, t reflect.Type, path string) {
	if n.Type != Int && n.Type != Float {
		c.wrong(n, path, "an integer")
		return
	}
	text := string(appendScalar(nil, n))
	var err error
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		_, err = strconv.ParseInt(text, 10, t.Bits())
	default:
		_, err = strconv.ParseUint(text, 10, t.Bits())
	}
	if err != nil {
		c.add(diag.WrongValue, path, "%s wants an integer of %d bits, and %s is not one", path, t.Bits(), n.Value)
	}
}

// try lets a type that reads its own JSON read one value, once it is known that something was refused.
func (c *checker) try(n *Node, t reflect.Type, path string) {
	if !c.failed {
		return
	}
	into := reflect.New(t).Interface()
	if err := kubejson.UnmarshalCaseSensitivePreserveInts(appendJSON(nil, n), into); err != nil {
		what := nodeType(n)
		if n.Kind == Scalar {
			what = shown(n)
		}
		c.add(diag.WrongValue, path, "%s does not take %s: %s", path, what, strings.TrimPrefix(err.Error(), "json: "))
	}
}

func names(fields map[string]reflect.Type) []string {
	out := make([]string, 0, len(fields))
	for name := range fields {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Nearest is the field that was probably meant by a key that is none of the names, or empty.
func Nearest(key string, names []string) string {
	limit := min(max(len(key)/3, 1), 3)
	best, bestDistance := "", limit+1
	for _, name := range names {
		d := distance(strings.ToLower(key), strings.ToLower(name))
		if d < bestDistance || d == bestDistance && name < best {
			best, bestDistance = name, d
		}
	}
	return best
}

// distance is the number of characters to insert, drop, change or swap with their neighbour to make b of a.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	var rows [3][65]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, top := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := above[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(above[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], top[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
