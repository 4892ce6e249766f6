package cilium

import (
	"net/netip"
	"slices"
	"strings"
)

// The sources of labels that matter here. In a selector, a key without source means any.
const (
	sourceAny       = "any"
	sourceK8s       = "k8s"
	sourceReserved  = "reserved"
	sourceNode      = "node"
	sourceCIDR      = "cidr"
	sourceCIDRGroup = "cidrgroup"
)

// The keys that Cilium gives to pods beside their own labels (pkg/k8s/apis/cilium.io/const.go).
const (
	keyCiliumPrefix    = "io.cilium.k8s"
	keyNamespace       = "io.kubernetes.pod.namespace"
	keyNamespaceLabels = "io.cilium.k8s.namespace.labels"
	keyServiceAccount  = "io.cilium.k8s.policy.serviceaccount"
	keyCluster         = "io.cilium.k8s.policy.cluster"
	keyCIDRGroupName   = "io.cilium.policy.cidrgroupname/"
)

// label is one label of an identity.
type label struct{ source, key, value string }

// splitKey separates the source from a key of a selector (pkg/labels/labels.go, NewSourceEncodedLabelKey).
func splitKey(key, defaultSource string) (source, rest string) {
	if key != "" && key[0] == '$' {
		return sourceReserved, key[1:]
	}
	source, rest, found := strings.Cut(key, ":")
	if !found || source == "" {
		return defaultSource, strings.TrimPrefix(key, ":")
	}
	return source, rest
}

// operator is the operator of a requirement.
type operator string

const (
	opIn           operator = "In"
	opNotIn        operator = "NotIn"
	opExists       operator = "Exists"
	opDoesNotExist operator = "DoesNotExist"
)

// requirement is one clause of a selector.
type requirement struct {
	source, key string
	operator    operator
	values      []string
}

// labelled is anything that has labels to look up.
type labelled interface {
	lookup(source, key string) (value string, exists bool)
}

// matches follows pkg/policy/types/requirements.go, MatchesRequirement: the negative operators hold for
// whoever lacks the key.
func (r *requirement) matches(on labelled) bool {
	value, exists := on.lookup(r.source, r.key)
	switch r.operator {
	case opIn:
		return exists && slices.Contains(r.values, value)
	case opNotIn:
		return !exists || !slices.Contains(r.values, value)
	case opExists:
		return exists
	case opDoesNotExist:
		return !exists
	}
	return false
}

// String is the same for requirements that mean the same.
func (r *requirement) String() string {
	values := slices.Sorted(slices.Values(r.values))
	return r.source + ":" + r.key + " " + string(r.operator) + " " + strings.Join(values, ",")
}

// selector is a conjunction of requirements; without any it selects everything.
type selector []requirement

// matches reports whether all requirements hold.
func (s selector) matches(on labelled) bool {
	for i := range s {
		if !s[i].matches(on) {
			return false
		}
	}
	return true
}

// hasKey reports whether a requirement has this key with the source k8s or any.
func (s selector) hasKey(key string) bool {
	return slices.ContainsFunc(s, func(r requirement) bool {
		return r.key == key && (r.source == sourceK8s || r.source == sourceAny)
	})
}

// hasKeyPrefix is hasKey for keys that begin with prefix.
func (s selector) hasKeyPrefix(prefix string) bool {
	return slices.ContainsFunc(s, func(r requirement) bool {
		return strings.HasPrefix(r.key, prefix) && (r.source == sourceK8s || r.source == sourceAny)
	})
}

// hasSource reports whether a requirement has this source.
func (s selector) hasSource(source string) bool {
	return slices.ContainsFunc(s, func(r requirement) bool { return r.source == source })
}

// with returns the selector with one more requirement.
func (s selector) with(source, key string, op operator, values ...string) selector {
	return append(slices.Clip(s), requirement{source: source, key: key, operator: op, values: values})
}

// String is the same for selectors that mean the same.
func (s selector) String() string {
	texts := make([]string, len(s))
	for i := range s {
		texts[i] = s[i].String()
	}
	slices.Sort(texts)
	return strings.Join(texts, " && ")
}

// labelSelector is a label selector as written.
type labelSelector struct {
	MatchLabels      map[string]string `json:"matchLabels"`
	MatchExpressions []struct {
		Key      string   `json:"key"`
		Operator operator `json:"operator"`
		Values   []string `json:"values"`
	} `json:"matchExpressions"`
}

// compile turns a selector as written into requirements. Keys without a source get defaultSource.
func (w *labelSelector) compile(defaultSource string) selector {
	out := selector{}
	if w == nil {
		return out
	}
	for key, value := range w.MatchLabels {
		source, key := splitKey(key, defaultSource)
		out = out.with(source, key, opIn, value)
	}
	for _, e := range w.MatchExpressions {
		source, key := splitKey(e.Key, defaultSource)
		out = out.with(source, key, e.Operator, e.Values...)
	}
	return out
}

// labelSet are labels by key. Labels of one identity that differ only in their source overwrite each other, as in
// pkg/labels/labels.go, Labels.
type labelSet map[string]label

// lookup finds the value of a key, if its source fits.
func (set labelSet) lookup(source, key string) (string, bool) {
	l, ok := set[key]
	if !ok || source != sourceAny && source != l.source {
		return "", false
	}
	return l.value, true
}

// add puts labels of one source into the set.
func (set labelSet) add(source string, labels map[string]string) {
	for key, value := range labels {
		set[key] = label{source: source, key: key, value: value}
	}
}

// reserve puts reserved labels into the set.
func (set labelSet) reserve(names ...string) {
	for _, name := range names {
		set[name] = label{source: sourceReserved, key: name}
	}
}

// within reports whether the prefix holds one of those given.
func within(given []netip.Prefix, prefix netip.Prefix) bool {
	return slices.ContainsFunc(given, func(p netip.Prefix) bool {
		return prefix.Bits() <= p.Bits() && prefix.Contains(p.Addr())
	})
}
