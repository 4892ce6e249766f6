package cilium

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// labelFilter decides which labels of a pod or policed node become part of its identity. Policies see no others
// (pkg/labelsfilter/filter.go).
type labelFilter struct {
	patterns []labelPattern
	// whitelist says that only labels which a pattern includes are kept. The patterns of the default filter do not
	// switch it on, a configured one does.
	whitelist bool
	// weighed remembers for each key of a source whether it is kept: pods are many, their keys few.
	weighed sync.Map
}

// sourcedKey is all of a label that the filter looks at.
type sourcedKey struct{ source, key string }

// labelPattern includes or ignores the labels whose key it matches at the start.
type labelPattern struct {
	source string
	ignore bool
	key    *regexp.Regexp
}

// defaultPatterns are Cilium's own, in its syntax: [source:][!]regular expression.
var defaultPatterns = []string{
	`reserved:.*`,
	`io\.kubernetes\.pod\.namespace`,
	`io\.cilium\.k8s\.namespace\.labels`,
	`app\.kubernetes\.io`,
	`!io\.kubernetes`,
	`!kubernetes\.io`,
	`!statefulset\.kubernetes\.io/pod-name`,
	`!apps\.kubernetes\.io/pod-index`,
	`!batch\.kubernetes\.io/job-completion-index`,
	`!batch\.kubernetes\.io/controller-uid`,
	`!.*beta\.kubernetes\.io`,
	`!k8s\.io`,
	`!pod-template-generation`,
	`!pod-template-hash`,
	`!controller-revision-hash`,
	`!controller-uid`,
	`!annotation.*`,
	`!etcd_node`,
}

// newLabelFilter builds the default filter of a release, extended by the patterns of the agent's option labels,
// which are separated by blanks.
func newLabelFilter(r release, configured string) (*labelFilter, error) {
	patterns := defaultPatterns
	for _, later := range []struct {
		minor   int
		pattern string
	}{
		{16, `io\.cilium\.k8s\.policy\.cluster`},
		{18, `io\.cilium\.k8s\.policy\.serviceaccount`},
		{19, `!topology\.kubernetes\.io`},
	} {
		if r.since(1, later.minor) {
			patterns = append(patterns[:len(patterns):len(patterns)], later.pattern)
		}
	}
	f := &labelFilter{}
	for _, text := range patterns {
		p, err := parseLabelPattern(text)
		if err != nil {
			return nil, err
		}
		f.patterns = append(f.patterns, p)
	}
	for _, text := range strings.Fields(configured) {
		p, err := parseLabelPattern(text)
		if err != nil {
			return nil, err
		}
		f.whitelist = f.whitelist || !p.ignore
		f.patterns = append(f.patterns, p)
	}
	return f, nil
}

func parseLabelPattern(text string) (labelPattern, error) {
	var p labelPattern
	source, rest, found := strings.Cut(text, ":")
	if !found {
		source, rest = "", text
	}
	p.source = source
	rest, p.ignore = strings.CutPrefix(rest, "!")
	var err error
	if p.key, err = regexp.Compile(rest); err != nil || rest == "" {
		return p, fmt.Errorf("identity label pattern %q is not [source:][!]regular expression", text)
	}
	return p, nil
}

// matched is the length of the key that the pattern matches at its start; 0 when it does not match.
func (p *labelPattern) matched(l label) int {
	if p.source != "" && p.source != l.source {
		return 0
	}
	if at := p.key.FindStringIndex(l.key); at != nil && at[0] == 0 {
		return at[1]
	}
	return 0
}

// keeps reports whether a label is kept.
func (f *labelFilter) keeps(l label) bool {
	at := sourcedKey{l.source, l.key}
	if kept, ok := f.weighed.Load(at); ok {
		return kept.(bool)
	}
	kept := f.weigh(l)
	f.weighed.Store(at, kept)
	return kept
}

// weigh weighs the longest include against the shortest ignore.
func (f *labelFilter) weigh(l label) bool {
	included, ignored := 0, 0
	for i := range f.patterns {
		p := &f.patterns[i]
		length := p.matched(l)
		switch {
		case length == 0:
		case p.ignore && (ignored == 0 || length < ignored):
			ignored = length
		case !p.ignore:
			included = max(included, length)
		}
	}
	return !f.whitelist && ignored == 0 || included > ignored
}

// apply returns the labels that are kept.
func (f *labelFilter) apply(set labelSet) labelSet {
	kept := labelSet{}
	for key, l := range set {
		if f.keeps(l) {
			kept[key] = l
		}
	}
	return kept
}
