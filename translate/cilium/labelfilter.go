package cilium

import (
	"regexp"
	"strings"
	"sync"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/selector"
)

// labelFilter decides which labels become part of an identity. Policy sees no others
// (pkg/labelsfilter/filter.go).
type labelFilter struct {
	patterns []labelPattern
	// only says that a label needs an including pattern; without, it only must not be ignored.
	only bool
	// kept remembers the answers of keeps by source and key: sets name the same few labels again and again.
	kept *sync.Map
}

// labelName is a label without its value.
type labelName struct{ source, key string }

type labelPattern struct {
	source string
	ignore bool
	expr   *regexp.Regexp
}

// newLabelFilter is the default filter of a release and the patterns of the setting "labels", which are separated by
// spaces. A pattern that is no regular expression stops the agent, so it is passed over here.
func newLabelFilter(v compat.Version, setting string) labelFilter {
	f := labelFilter{kept: &sync.Map{}}
	for _, text := range defaultPatterns(v) {
		f.add(text)
	}
	f.only = false
	for text := range strings.FieldsSeq(setting) {
		f.add(text)
	}
	return f
}

func defaultPatterns(v compat.Version) []string {
	list := []string{
		`reserved:.*`, `io\.kubernetes\.pod\.namespace`, `io\.cilium\.k8s\.namespace\.labels`, `app\.kubernetes\.io`,
		`!io\.kubernetes`, `!kubernetes\.io`, `!statefulset\.kubernetes\.io/pod-name`, `!apps\.kubernetes\.io/pod-index`,
		`!batch\.kubernetes\.io/job-completion-index`, `!batch\.kubernetes\.io/controller-uid`,
		`!.*beta\.kubernetes\.io`, `!k8s\.io`, `!pod-template-generation`, `!pod-template-hash`,
		`!controller-revision-hash`, `!controller-uid`, `!annotation.*`, `!etcd_node`,
	}
	if v.AtLeast(1, 16) {
		list = append(list, `io\.cilium\.k8s\.policy\.cluster`)
	}
	if v.AtLeast(1, 18) {
		list = append(list, `io\.cilium\.k8s\.policy\.serviceaccount`)
	}
	if v.AtLeast(1, 19) {
		list = append(list, `!topology\.kubernetes\.io`)
	}
	return list
}

func (f *labelFilter) add(text string) {
	var p labelPattern
	if source, rest, found := strings.Cut(text, ":"); found {
		p.source, text = source, rest
	}
	text, p.ignore = strings.CutPrefix(text, "!")
	expr, err := regexp.Compile(text)
	if err != nil || text == "" {
		return
	}
	p.expr = expr
	f.patterns = append(f.patterns, p)
	f.only = f.only || !p.ignore
}

// keeps reports whether a label with this source and key is part of identities: the longest including match must
// be longer than the shortest ignoring one.
func (f labelFilter) keeps(source, key string) bool {
	if known, ok := f.kept.Load(labelName{source, key}); ok {
		return known.(bool)
	}
	kept := f.matches(source, key)
	f.kept.Store(labelName{source, key}, kept)
	return kept
}

func (f labelFilter) matches(source, key string) bool {
	included, ignored := 0, 0
	for _, p := range f.patterns {
		at := p.expr.FindStringIndex(key)
		if at == nil || at[0] != 0 || p.source != "" && p.source != source {
			continue
		}
		switch n := at[1]; {
		case !p.ignore:
			included = max(included, n)
		case ignored == 0 || n < ignored:
			ignored = n
		}
	}
	return !f.only && ignored == 0 || included > ignored
}

// sees reports whether selectors can tell the values of a label apart.
func (f labelFilter) sees(k selector.Key) bool {
	switch k.Kind {
	case selector.NamespaceName:
		return f.keeps("k8s", labelNamespace)
	case selector.NamespaceLabel:
		return f.keeps("k8s", labelNamespaceLabel+k.Name)
	case selector.ServiceAccountName:
		return f.keeps("k8s", labelServiceAccount)
	case selector.Cluster:
		return f.keeps("k8s", labelCluster)
	case selector.PodLabel:
		return podLabelIsOwn(k.Name) && f.keeps("k8s", k.Name)
	case selector.NodeLabel:
		return f.keeps("k8s", k.Name)
	}
	return false
}

// podLabelIsOwn reports whether Cilium takes the key from the pod: it sets io.kubernetes.pod.namespace itself, and
// drops every pod label that begins like its own (pkg/k8s/utils/utils.go, StripPodSpecialLabels and
// SanitizePodLabels).
func podLabelIsOwn(key string) bool {
	return key != labelNamespace && !strings.HasPrefix(key, "io.cilium.k8s")
}
