package source

import (
	"strings"
)

// templated finds a value of the object that waits for a template engine although the document parses, such as
// namespace: "{{ .Release.Namespace }}". Annotations and the data of other kinds hold such text for good reasons;
// in a policy, and in any object's identity and labels, nothing does.
func templated(d *Document) *Node {
	root := d.Root()
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		switch key.Value {
		case "apiVersion", "kind":
		case "metadata":
			if at := templatedMetadata(value); at != nil {
				return at
			}
			continue
		default:
			if !policyGroup(d.Object.APIVersion) {
				continue
			}
		}
		if at := templatedText(value); at != nil {
			return at
		}
	}
	return nil
}

func templatedMetadata(meta *Node) *Node {
	for i := 0; meta.Kind == Mapping && i+1 < len(meta.Content); i += 2 {
		switch meta.Content[i].Value {
		case "name", "namespace", "labels":
			if at := templatedText(meta.Content[i+1]); at != nil {
				return at
			}
		}
	}
	return nil
}

func policyGroup(apiVersion string) bool {
	group, _, _ := strings.Cut(apiVersion, "/")
	switch group {
	case "projectcalico.org", "crd.projectcalico.org", "cilium.io", "networking.k8s.io", "policy.networking.k8s.io":
		return true
	}
	return false
}

func templatedText(n *Node) *Node {
	if n.Kind == Scalar {
		if strings.Contains(n.Value, "{{") {
			return n
		}
		for i := range n.Value {
			if placeholder(n.Value[i:]) {
				return n
			}
		}
		return nil
	}
	for _, c := range n.Content {
		if at := templatedText(c); at != nil {
			return at
		}
	}
	return nil
}
