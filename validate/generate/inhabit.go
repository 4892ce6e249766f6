package generate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Inhabit makes the cluster that policies talk about, to stand beside the cast: the namespaces that they name or
// describe, and in them a pod for every combination of labels and service account that they ask for.
func Inhabit(policies []map[string]any, pods int) string {
	w := &inhabitants{set: &set{counts: map[string]int{}}, spaces: map[string]object{}, seen: map[string]bool{}, limit: pods}
	for _, p := range policies {
		m, _ := p["metadata"].(object)
		namespace, _ := m["namespace"].(string)
		if namespace == "" {
			namespace = "default"
		}
		w.space(namespace, nil)
		w.walk(p["spec"], namespace)
		w.walk(p["specs"], namespace)
	}
	for _, name := range slices.Sorted(maps.Keys(w.spaces)) {
		w.pod(class{namespace: name, labels: object{}})
		w.add(object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": name, "labels": w.spaces[name]}})
	}
	return w.text()
}

// inhabitants are the pods and namespaces so far.
type inhabitants struct {
	*set
	spaces map[string]object
	seen   map[string]bool
	limit  int
}

// class is a kind of pod that a policy asks for.
type class struct {
	namespace, account string
	labels             object
}

func (w *inhabitants) space(name string, labels object) {
	if w.spaces[name] == nil {
		w.spaces[name] = object{"kubernetes.io/metadata.name": name}
	}
	maps.Copy(w.spaces[name], labels)
}

// walk looks for selectors in every part of a policy.
func (w *inhabitants) walk(v any, namespace string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			w.walk(item, namespace)
		}
	case object:
		w.selectors(v, namespace)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			w.walk(v[key], namespace)
		}
	}
}

// selectors reads the selectors that stand side by side in one object.
func (w *inhabitants) selectors(o object, namespace string) {
	spaces := []string{namespace}
	for _, key := range []string{"namespaceSelector", "namespaces"} {
		switch s := o[key].(type) {
		case string:
			spaces = append(spaces, w.described(pairs(s)))
		case object:
			spaces = append(spaces, w.described(labelsOf(s)))
		}
	}
	for _, name := range spaces {
		for _, key := range []string{"podSelector", "endpointSelector", "selector", "notSelector"} {
			switch s := o[key].(type) {
			case string:
				w.ask(pairs(s), name)
			case object:
				w.ask(labelsOf(s), name)
			}
		}
		for _, key := range []string{"fromEndpoints", "toEndpoints"} {
			list, _ := o[key].([]any)
			for _, item := range list {
				if s, ok := item.(object); ok {
					w.ask(labelsOf(s), name)
				}
			}
		}
	}
}

// described is the namespace of that name or with those labels, or none in particular.
func (w *inhabitants) described(labels object) string {
	for _, key := range []string{"kubernetes.io/metadata.name", "projectcalico.org/name"} {
		if name, ok := labels[key].(string); ok && dns.MatchString(name) {
			w.space(name, nil)
			return name
		}
	}
	if len(labels) == 0 {
		return "default"
	}
	name := "ns-" + regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(fmt.Sprint(labels)), "-")
	name = strings.Trim(name[:min(len(name), 60)], "-")
	w.space(name, labels)
	return name
}

var (
	dns   = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	label = regexp.MustCompile(`^([A-Za-z0-9.-]+/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`)
)

// ask adds a pod with labels, some of which may be those of Cilium and Calico for its namespace and service account.
func (w *inhabitants) ask(labels object, namespace string) {
	c := class{namespace: namespace, labels: object{}}
	inherited := object{}
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		value, _ := labels[key].(string)
		key = strings.TrimPrefix(strings.TrimPrefix(key, "k8s:"), "any:")
		rest, ofNamespace := strings.CutPrefix(key, "io.cilium.k8s.namespace.labels.")
		switch {
		case key == "io.kubernetes.pod.namespace" || key == "projectcalico.org/namespace":
			if dns.MatchString(value) {
				c.namespace = value
			}
		case key == "io.cilium.k8s.policy.serviceaccount":
			c.account = value
		case ofNamespace:
			inherited[rest] = value
		case label.MatchString(key) && !strings.HasPrefix(key, "io.cilium") && !strings.HasPrefix(key, "projectcalico.org/") && (value == "" || label.MatchString(value) && !strings.Contains(value, "/")):
			c.labels[key] = value
		}
	}
	if len(inherited) > 0 {
		c.namespace = w.described(inherited)
	}
	w.space(c.namespace, nil)
	w.pod(c)
}

func (w *inhabitants) pod(c class) {
	key := fmt.Sprint(c)
	if w.seen[key] || len(w.seen) >= w.limit {
		return
	}
	w.seen[key] = true
	i := len(w.seen)
	net := 1 + i%2
	spec := object{"nodeName": []string{"beta", "alpha"}[i%2], "containers": []any{object{"name": "c", "ports": []any{
		object{"name": "http", "containerPort": 8080}, object{"name": "https", "containerPort": 8443}, object{"name": "metrics", "containerPort": 9090}}}}}
	if c.account != "" {
		spec["serviceAccountName"] = c.account
	}
	ip := fmt.Sprintf("10.244.%d.%d", net, 100+i/2)
	w.add(object{"apiVersion": "v1", "kind": "Pod", "metadata": object{"name": fmt.Sprintf("pod-%d", i), "namespace": c.namespace, "labels": c.labels},
		"spec": spec, "status": object{"phase": "Running", "podIP": ip, "podIPs": []any{object{"ip": ip}}}})
}

// labelsOf are labels that a label selector asks for.
func labelsOf(s object) object {
	out := object{}
	labels, _ := s["matchLabels"].(object)
	maps.Copy(out, labels)
	expressions, _ := s["matchExpressions"].([]any)
	for _, item := range expressions {
		e, _ := item.(object)
		key, _ := e["key"].(string)
		values, _ := e["values"].([]any)
		if value := ""; len(values) > 0 {
			value, _ = values[0].(string)
			out[key] = value
		} else if e["operator"] == "Exists" {
			out[key] = "x"
		}
	}
	return out
}

var equality = regexp.MustCompile(`([A-Za-z0-9_./-]+)\s*(?:==|!=|(?:not )?in\s*\{)\s*['"]([^'"]*)['"]`)

// pairs are labels that a selector of Calico names.
func pairs(text string) object {
	out := object{}
	for _, m := range equality.FindAllStringSubmatch(text, -1) {
		out[m[1]] = m[2]
	}
	return out
}
