package snapshot

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// selects reports whether a field of Calico's kinds holds a selector.
func selects(key string) bool {
	switch key {
	case "selector", "notSelector", "namespaceSelector", "serviceAccountSelector", "nodeSelector":
		return true
	}
	return false
}

// domains are the fields that hold DNS names.
var domains = wordSet(`matchName matchPattern domains serverNames`)

// paths are the fields that hold HTTP paths, hosts, headers, or patterns of them.
var paths = wordSet(`path paths exact prefix host headers`)

// object renames one object.
func (a *anonymiser) object(o *Object, content fields) fields {
	out := fields{"apiVersion": o.APIVersion, "kind": o.Kind, "metadata": a.metadata(o, content)}
	if o.resource.Role == Moves {
		return out // what it says is of no use without its addresses and numbers
	}
	for key, value := range content {
		switch {
		case key == "metadata" || key == "apiVersion" || key == "kind":
		case o.Kind == "ConfigMap":
			out[key] = a.settings(value)
		case o.Kind == "Service" && key == "spec":
			spec, _ := a.field("spec", value).(fields)
			given, _ := value.(fields)
			if selector, ok := given["selector"].(fields); ok {
				spec["selector"] = a.labels(selector)
			}
			out[key] = spec
		case o.resource.Role == Fact && (groupOf(o.APIVersion) == calicoGroup || groupOf(o.APIVersion) == calicoStore):
			out[key] = a.setting(value)
		default:
			out[key] = a.field(key, value)
		}
	}
	return out
}

func (a *anonymiser) metadata(o *Object, content fields) fields {
	meta, _ := content["metadata"].(fields)
	out := fields{}
	if name, ok := meta["name"].(string); ok {
		if out["name"] = name; o.Kind != "ConfigMap" && !(o.resource.Role == Fact && words[name]) {
			out["name"] = a.name(o, content, name)
		}
	}
	if ns, ok := meta["namespace"].(string); ok {
		out["namespace"] = a.word(ns)
	}
	if labels, ok := meta["labels"].(fields); ok {
		out["labels"] = a.labels(labels)
	}
	annotations := fields{}
	given, _ := meta["annotations"].(fields)
	for key, value := range given {
		text, _ := value.(string)
		if key == storedMetadata {
			annotations[key] = a.stored(o, content, text)
		} else if renamed, ok := a.listed(text); ok {
			annotations[key] = renamed
		}
	}
	set(out, "annotations", annotations)
	return out
}

// stored renames the metadata that Calico keeps in an annotation.
func (a *anonymiser) stored(o *Object, content fields, text string) string {
	var meta fields
	if json.Unmarshal([]byte(text), &meta) != nil {
		return "?" // what cannot be read stays unreadable
	}
	out := fields{}
	if labels, ok := meta["labels"].(fields); ok {
		out["labels"] = a.labels(labels)
	}
	if name, ok := meta["name"].(string); ok {
		out["name"] = a.name(o, content, name)
	}
	renamed, err := json.Marshal(out)
	if err != nil {
		return "?"
	}
	return string(renamed)
}

func (a *anonymiser) labels(labels fields) fields {
	out := fields{}
	for key, value := range labels {
		if text, ok := value.(string); ok {
			out[a.labelKey(key)] = a.value(text)
		} else {
			out[a.labelKey(key)] = value
		}
	}
	return out
}

// value renames a label's value. One that is refused stays refused.
func (a *anonymiser) value(text string) string {
	a.values[text] = true
	return a.labelled(text)
}

// labelled renames what a label is made of. Names may be longer than that, and what selectors look for inside of labels
// may end in any way.
func (a *anonymiser) labelled(text string) string {
	renamed := a.word(text)
	if renamed != text && !slices.Contains(a.literals, text) && !fit.MatchString(text) && !strings.HasSuffix(renamed, misfitting) {
		return renamed + misfitting
	}
	return renamed
}

// field renames the value of a field.
func (a *anonymiser) field(key string, value any) any {
	switch v := value.(type) {
	case fields:
		if key == "labels" || key == "matchLabels" {
			return a.labels(v)
		}
		return a.members(key, v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			if label, ok := item.(fields); ok && key == "labels" {
				out[i] = a.written(label)
				continue
			}
			out[i] = a.field(key, item)
		}
		return out
	case string:
		return a.text(key, v)
	}
	return value
}

// written renames a label that is written as key, value and source, as Cilium's rules may carry them.
func (a *anonymiser) written(label fields) fields {
	out := fields{}
	for part, content := range label {
		text, _ := content.(string)
		switch part {
		case "key":
			out[part] = a.labelKey(text)
		case "source":
			out[part] = text
		default:
			out[part] = a.value(text)
		}
	}
	return out
}

// members renames those of an object that stands under parent.
func (a *anonymiser) members(parent string, m fields) fields {
	out := fields{}
	_, isExpression := m["operator"]
	for key, value := range m {
		text, isText := value.(string)
		switch {
		case forgotten[key]:
		case key == "annotations": // of a rule of Calico
		case parent == "ports" && key == "name" && isText:
			out[key] = a.port(text)
		case isExpression && key == "key" && isText:
			out[key] = a.labelKey(text)
		case isExpression && key == "values":
			list, _ := value.([]any)
			renamed := make([]any, len(list))
			for i, item := range list {
				renamed[i] = item
				if text, ok := item.(string); ok {
					renamed[i] = a.value(text)
				}
			}
			out[key] = renamed
		default:
			out[key] = a.field(key, value)
		}
	}
	return out
}

func (a *anonymiser) text(key, text string) string {
	switch {
	case verbatim[key]:
		return text
	case key == "labels":
		return a.filter(text)
	case key == "interfaceName" && text != "*" && text != "":
		if !interfaceForm.MatchString(text) {
			return a.hashed(text) + misfitting
		}
		return a.hashed(text)
	case selects(key):
		return a.expression(text)
	case domains[key]:
		return a.domain(text)
	case paths[key]:
		return a.path(text)
	case strings.HasSuffix(strings.ToLower(key), "ports") || key == "port" || key == "targetPort":
		if number(strings.ReplaceAll(text, ":", "")) {
			return text
		}
		return a.port(text)
	case key == "profiles":
		return a.profile(text)
	}
	if renamed, ok := a.addresses(text); ok {
		return renamed
	}
	return a.word(text)
}

// interfaceForm is the name of an interface of a host endpoint.
var interfaceForm = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,15}$`)

// port renames the name of a port, which has 15 characters at most.
func (a *anonymiser) port(name string) string {
	if name == "" || len(name) > 15 {
		return strings.Repeat("x", len(name)) // empty, or longer than the name of any port
	}
	return a.hashed(name)
}

func number(text string) bool {
	_, err := strconv.ParseUint(text, 10, 64)
	return err == nil
}
