package equiv

import (
	"maps"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/translate/source"
)

// words are the words that documents hold: whatever could be the key of a label. A label whose key is in no selector
// cannot tell ends apart.
type words map[string]bool

// wordsOf gathers the words of both sets. What is given with a set and is no policy, such as the pods in a snapshot, asks
// for no label.
func wordsOf(sets ...[]*source.Document) (words, error) {
	docs := slices.DeleteFunc(slices.Concat(sets...), asksNothing)
	all := words{}
	for _, some := range parallel.Ahead(len(docs), func(i int) wordsOrError { return wordsIn(docs[i]) }) {
		if some.err != nil {
			return nil, some.err
		}
		for _, word := range some.words {
			all[word] = true
		}
	}
	return all, nil
}

// asksNothing is true of objects that are no policy and that no policy refers to by a selector of endpoints: those of the
// core group, which has no kind of policy, endpoint slices, agents and cluster facts.
func asksNothing(doc *source.Document) bool {
	group, _, grouped := strings.Cut(doc.Object.APIVersion, "/")
	return !grouped || group == "discovery.k8s.io" || group == "apps" || group == "policyferry.io"
}

type wordsOrError struct {
	words []string
	err   error
}

func wordsIn(doc *source.Document) wordsOrError {
	text, err := doc.JSON()
	if err != nil {
		return wordsOrError{err: err}
	}
	w := words{}
	w.add(string(text))
	return wordsOrError{words: slices.Collect(maps.Keys(w))}
}

// add splits a text at whatever cannot be in the key of a label. Keys are also found behind a dot, because both CNIs
// put a prefix before keys.
func (w words) add(text string) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./", r))
	}) {
		for {
			w[word] = true
			_, rest, dotted := strings.Cut(word, ".")
			if !dotted {
				break
			}
			word = rest
		}
	}
}

// reserved are keys of pod labels that Cilium takes for its own reserved labels, with whatever follows.
var reserved = map[string]bool{
	"host": true, "world": true, "world-ipv4": true, "world-ipv6": true, "remote-node": true, "init": true,
	"health": true, "ingress": true, "unmanaged": true, "kube-apiserver": true, "none": true,
}

// inPlay reports whether a label with this key can matter.
func (w words) inPlay(key string) bool { return w[key] || reserved[key] }
