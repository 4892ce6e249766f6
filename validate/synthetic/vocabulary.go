package synthetic

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/source"
)

// labels are the labels of one pod, namespace or service account.
type labels map[string]string

// wanted are labels that a selector asks for together.
type wanted struct {
	labels labels
	// homes are the namespaces of the policies that ask.
	homes map[string]bool
}

// vocabulary is what policies name.
type vocabulary struct {
	pods, spaces, accounts []wanted
	// home is the namespace of the document that is read.
	home string
	// namespaces and names of service accounts.
	namespaces, names map[string]bool
	// ports are port names.
	ports map[string]bool
}

func newVocabulary() *vocabulary {
	return &vocabulary{namespaces: map[string]bool{}, names: map[string]bool{}, ports: map[string]bool{}}
}

// read goes through a document. What is a selector is told by the names of fields, which all kinds of policy have
// in common.
func (v *vocabulary) read(doc *source.Document) error {
	if v.home = doc.Object.Namespace; v.home != "" {
		v.namespaces[v.home] = true
	}
	var object map[string]any
	text, err := doc.JSON()
	if err == nil {
		err = json.Unmarshal(text, &object)
	}
	if err != nil {
		return err
	}
	for _, field := range []string{"spec", "specs"} {
		v.field(field, object[field])
	}
	return nil
}

// field reads one field and what is below it.
func (v *vocabulary) field(name string, value any) {
	switch x := value.(type) {
	case []any:
		for _, item := range x {
			v.field(name, item)
		}
	case map[string]any:
		if x["matchLabels"] != nil || x["matchExpressions"] != nil {
			v.selector(name, labelsOf(x))
			return
		}
		if name == "services" {
			return // its name and namespace are those of a Service
		}
		for _, key := range slices.Sorted(maps.Keys(x)) {
			v.field(key, x[key])
		}
	case string:
		v.text(name, x)
	}
}

// text reads a field that is a text: a selector of Calico, a name or a port.
func (v *vocabulary) text(name, text string) {
	switch name {
	case "selector", "notSelector":
		v.expression(text, &v.pods)
	case "namespaceSelector":
		v.expression(text, &v.spaces)
	case "serviceAccountSelector":
		v.expression(text, &v.accounts)
	case "names":
		v.names[text] = true
	case "port", "ports", "notPorts", "destinationNamedPort":
		if text != "" && strings.IndexFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' }) >= 0 {
			v.ports[text] = true
		}
	}
}

// labelsOf are labels that a selector of Kubernetes asks for: of several values the first.
func labelsOf(selector map[string]any) labels {
	out := labels{}
	matchLabels, _ := selector["matchLabels"].(map[string]any)
	for key, value := range matchLabels {
		out[key], _ = value.(string)
	}
	expressions, _ := selector["matchExpressions"].([]any)
	for _, item := range expressions {
		e, _ := item.(map[string]any)
		key, _ := e["key"].(string)
		values, _ := e["values"].([]any)
		switch {
		case key == "":
		case len(values) > 0:
			out[key], _ = values[0].(string)
		default:
			out[key] = "set"
		}
	}
	return out
}

// selector sorts labels by whose they are. Cilium's selectors of endpoints name namespaces and service accounts by
// labels of their own.
func (v *vocabulary) selector(field string, of labels) {
	pod, space := labels{}, labels{}
	for key, value := range of {
		if source, rest, found := strings.Cut(key, ":"); found && (source == "k8s" || source == "any") {
			key = rest
		}
		switch {
		case strings.Contains(key, ":") || strings.HasPrefix(key, "reserved."):
		case key == "io.kubernetes.pod.namespace" || key == "kubernetes.io/metadata.name":
			v.namespaces[value] = true
		case strings.HasPrefix(key, "io.cilium.k8s.namespace.labels."):
			v.own(&space, strings.TrimPrefix(key, "io.cilium.k8s.namespace.labels."), value)
		case key == "io.cilium.k8s.policy.serviceaccount":
			v.names[value] = true
		case strings.HasPrefix(key, "io.cilium.") || strings.HasPrefix(key, "io.kubernetes."):
		case field == "namespaceSelector" || field == "namespaces":
			space[key] = value
		default:
			pod[key] = value
		}
	}
	if field == "nodeSelector" || field == "fromNodes" || field == "toNodes" || field == "nodes" || field == "cidrGroupSelector" {
		return
	}
	v.add(&v.pods, pod)
	v.add(&v.spaces, space)
}

// own adds a label of a namespace, or the namespace, if that is what the label says.
func (v *vocabulary) own(to *labels, key, value string) {
	if key == "kubernetes.io/metadata.name" {
		v.namespaces[value] = true
		return
	}
	(*to)[key] = value
}

func (v *vocabulary) add(to *[]wanted, set labels) {
	if len(set) == 0 {
		return
	}
	i := slices.IndexFunc(*to, func(w wanted) bool { return maps.Equal(w.labels, set) })
	if i < 0 {
		i = len(*to)
		*to = append(*to, wanted{set, map[string]bool{}})
	}
	(*to)[i].homes[v.home] = true
}
