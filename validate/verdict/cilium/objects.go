package cilium

import (
	"strings"

	kubejson "sigs.k8s.io/json"

	"github.com/policyferry/policyferry/translate/source"
)

// rejected is the reason for which Cilium does not enforce an object.
type rejected struct{ reason string }

func (r *rejected) Error() string { return r.reason }

// decode reads a document as the API server stores it: unknown fields are dropped, values of a wrong type rejected.
func decode(doc *source.Document, object any) error {
	content, err := doc.JSON()
	if err != nil {
		return err
	}
	if kindOf(doc) != "networking.k8s.io/NetworkPolicy" {
		if content, err = custom(content); err != nil {
			return err
		}
	}
	return unmarshal(content, object)
}

// unmarshal tells upper from lower case in names of fields, as the API server does.
func unmarshal(content []byte, object any) error {
	if err := kubejson.UnmarshalCaseSensitivePreserveInts(content, object); err != nil {
		return &rejected{err.Error()}
	}
	return nil
}

// kindOf is API group and kind of a document.
func kindOf(doc *source.Document) string {
	group, _, _ := strings.Cut(doc.Object.APIVersion, "/")
	return group + "/" + doc.Object.Kind
}

// policyName is how verdicts name the object: kind, namespace and name. Namespaced kinds without a namespace lie in
// the namespace default.
func policyName(doc *source.Document) string {
	o := doc.Object
	switch o.Kind {
	case "CiliumNetworkPolicy", "NetworkPolicy":
		return o.Kind + " " + orString(o.Namespace, "default") + "/" + o.Name
	}
	return o.Kind + " " + o.Name
}

// resourceName is how Cilium names the object when it puts rules in order (pkg/ipcache/types/types.go, ResourceID).
func resourceName(doc *source.Document) string {
	o := doc.Object
	switch o.Kind {
	case "CiliumNetworkPolicy":
		return "cnp/" + orString(o.Namespace, "default") + "/" + o.Name
	case "NetworkPolicy":
		return "netpol/" + orString(o.Namespace, "default") + "/" + o.Name
	case "ClusterNetworkPolicy":
		return "kcnp//" + o.Name
	}
	return "ccnp//" + o.Name
}
