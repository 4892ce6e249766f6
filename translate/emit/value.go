package emit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// value is a JSON value whose objects have their keys in the order in which they are written.
type value struct {
	kind kind
	// text is what a string says, or how a number, true, false or null is spelled.
	text string
	// values are the items of a list or the values of an object's members.
	values []value
	// keys are those of an object, each with the value of the same index.
	keys []string
}

type kind uint8

const (
	word kind = iota // a number, true, false or null
	str
	list
	mapping
)

// read turns an object's JSON into a value, without the fields that only a server sets; with the status if that is asked
// for.
func read(text []byte, status bool) (value, error) {
	if !json.Valid(text) {
		var any json.RawMessage
		return value{}, fmt.Errorf("reading an object of the output: %w", json.Unmarshal(text, &any))
	}
	r := reading{text: string(text)}
	v := r.value("")
	if r.err != nil {
		return value{}, fmt.Errorf("reading an object of the output: %w", r.err)
	}
	if v.kind == mapping {
		if !status {
			v.drop("status", false)
		}
		if i := slices.Index(v.keys, "metadata"); i >= 0 && v.values[i].kind == mapping {
			v.values[i].drop("creationTimestamp", true)
		}
	}
	return v, nil
}

// drop takes a member away, or does so only if it is null.
func (v *value) drop(key string, onlyNull bool) {
	i := slices.Index(v.keys, key)
	if i < 0 || onlyNull && !(v.values[i].kind == word && v.values[i].text == "null") {
		return
	}
	v.keys, v.values = slices.Delete(v.keys, i, i+1), slices.Delete(v.values, i, i+1)
}

// reading goes through a text that is known to be one JSON value.
type reading struct {
	text string
	err  error
}

// value reads the value that stands next. The key is that under which it stands.
func (r *reading) value(key string) value {
	r.blank()
	switch r.text[0] {
	case '{':
		return r.object(key)
	case '[':
		v := value{kind: list}
		for r.more(']') {
			v.values = append(v.values, r.value(key))
		}
		return v
	case '"':
		return value{kind: str, text: r.string()}
	}
	end := strings.IndexAny(r.text, ",]} \t\r\n")
	if end < 0 {
		end = len(r.text)
	}
	v := value{text: r.text[:end]}
	r.text = r.text[end:]
	return v
}

// object reads the members of an object and puts them into order. Of a key that stands twice the last one counts.
func (r *reading) object(key string) value {
	type member struct {
		rank  int
		key   string
		value value
	}
	var room [8]member
	members := room[:0]
	for r.more('}') {
		r.blank()
		m := member{key: r.string()}
		r.blank()
		r.text = r.text[1:] // the colon
		m.value = r.value(m.key)
		if !named(key) {
			m.rank = rank(m.key, key)
		}
		members = append(members, m)
	}
	slices.SortStableFunc(members, func(a, b member) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return strings.Compare(a.key, b.key)
	})
	v := value{kind: mapping, keys: make([]string, 0, len(members)), values: make([]value, 0, len(members))}
	for i, m := range members {
		if i+1 == len(members) || members[i+1].key != m.key {
			v.keys, v.values = append(v.keys, m.key), append(v.values, m.value)
		}
	}
	return v
}

// more steps over the bracket or comma before the next item and reports whether there is one; if not, it steps over
// the closing bracket.
func (r *reading) more(closing byte) bool {
	r.blank()
	if c := r.text[0]; c == ',' || c == '[' || c == '{' {
		r.text = r.text[1:]
		r.blank()
		if c == ',' || r.text[0] != closing {
			return true
		}
	}
	r.text = r.text[1:]
	return false
}

// blank steps over white space.
func (r *reading) blank() {
	i := 0
	for i < len(r.text) && (r.text[i] == ' ' || r.text[i] == '\n' || r.text[i] == '\t' || r.text[i] == '\r') {
		i++
	}
	r.text = r.text[i:]
}

// string reads a string. One that holds anything but plain signs is left to encoding/json.
func (r *reading) string() string {
	plain := true
	for i := 1; ; i++ {
		switch c := r.text[i]; {
		case c == '\\':
			plain = false
			i++
		case c >= utf8.RuneSelf:
			plain = false
		case c == '"':
			quoted := r.text[:i+1]
			r.text = r.text[i+1:]
			if plain {
				return quoted[1:i]
			}
			var s string
			if err := json.Unmarshal([]byte(quoted), &s); err != nil {
				r.err = err
			}
			return s
		}
	}
}
