package mutate

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// syntax is whose fields an object has.
type syntax string

const (
	calico     syntax = "projectcalico.org"
	cilium     syntax = "cilium.io"
	kubernetes syntax = "networking.k8s.io"
)

// syntaxOf tells by the API group; that of the admin policies, policy.networking.k8s.io, is Kubernetes' too.
func syntaxOf(o object) syntax {
	version, _ := o["apiVersion"].(string)
	group, _, _ := strings.Cut(version, "/")
	for _, s := range []syntax{calico, cilium} {
		if strings.HasSuffix(group, string(s)) {
			return s
		}
	}
	return kubernetes
}

func nameOf(o object) string {
	kind, _ := o["kind"].(string)
	meta, _ := o["metadata"].(object)
	name, _ := meta["name"].(string)
	if namespace, ok := meta["namespace"].(string); ok {
		name = namespace + "/" + name
	}
	return kind + " " + name
}

// site is a place in a set.
type site struct {
	syntax syntax
	// path are keys and indexes, from the list of objects on.
	path []any
	// name is the object's.
	name  string
	value any
	// values are the values of labels that the set knows.
	values []string
}

func (s site) below(step, value any) site {
	s.path = append(slices.Clone(s.path), step)
	s.value = value
	return s
}

// key is the field at which the site is, with [] behind it for an item of its list.
func (s site) key() string {
	suffix := ""
	for i := len(s.path) - 1; i > 0; i-- {
		if key, ok := s.path[i].(string); ok {
			return key + suffix
		}
		suffix = "[]"
	}
	return ""
}

// spec is the site's value if it is what a policy says.
func (s site) spec() (object, bool) {
	o, ok := s.value.(object)
	return o, ok && (s.key() == "spec" || s.key() == "specs[]")
}

// rule is the site's value if it is a rule of a policy.
func (s site) rule() (object, bool) {
	o, ok := s.value.(object)
	if !ok || len(s.path) < 4 {
		return nil, false
	}
	_, indexed := s.path[len(s.path)-3].(int)
	above := s.path[len(s.path)-3]
	return o, slices.Contains(sections, strings.TrimSuffix(s.key(), "[]")) && strings.HasSuffix(s.key(), "[]") &&
		(above == "spec" || indexed && len(s.path) == 5)
}

// sections are the lists of rules.
var sections = []string{"ingress", "egress", "ingressDeny", "egressDeny"}

// within reports whether some field above the site, or its own, has one of the names.
func (s site) within(names ...string) bool {
	return slices.ContainsFunc(s.path, func(step any) bool {
		key, ok := step.(string)
		return ok && slices.Contains(names, key)
	})
}

// literal is a value in a selector of Calico.
var literal = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// labelValues gathers what stands where values of labels stand.
func labelValues(docs []any) []string {
	found := map[string]bool{}
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case object:
			for k, child := range v {
				if key == "matchLabels" {
					k = "values"
				}
				walk(k, child)
			}
		case []any:
			for _, item := range v {
				walk(key, item)
			}
		case string:
			if key == "values" {
				found[v] = true
			}
			if isSelector(key) {
				for _, quoted := range literal.FindAllString(v, -1) {
					found[quoted[1:len(quoted)-1]] = true
				}
			}
		}
	}
	walk("", docs)
	return slices.Sorted(maps.Keys(found))
}

// isSelector reports whether a field holds a selector of Calico.
func isSelector(key string) bool {
	return slices.Contains([]string{"selector", "notSelector", "namespaceSelector", "serviceAccountSelector"}, key)
}

// other are values that stand in for a label's: the next one that the set knows, and one that nobody has.
func (s site) other(value string) []string {
	out := []string{value + "-x"}
	if i := slices.Index(s.values, value); i >= 0 && len(s.values) > 1 {
		out = append(out, s.values[(i+1)%len(s.values)])
	}
	return out
}
