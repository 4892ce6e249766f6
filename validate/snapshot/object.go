package snapshot

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Object is one object of a snapshot, with nothing in it but what is kept.
type Object struct {
	APIVersion, Kind, Namespace, Name string
	// JSON is the object.
	JSON []byte

	resource *Resource
}

// fields is a JSON object that has been read.
type fields = map[string]any

func groupOf(apiVersion string) string {
	group, _, found := strings.Cut(apiVersion, "/")
	if !found {
		return ""
	}
	return group
}

// newObject keeps what a snapshot holds of an object.
func newObject(r *Resource, raw fields) (Object, error) {
	meta, _ := raw["metadata"].(fields)
	o := Object{resource: r, Kind: r.Kind}
	o.APIVersion, _ = raw["apiVersion"].(string)
	o.Name, _ = meta["name"].(string)
	o.Namespace, _ = meta["namespace"].(string)
	if r.Namespaced && o.Namespace == "" {
		o.Namespace = "default" // as for kubectl
	}
	content := keep(r, raw)
	content["apiVersion"], content["kind"] = o.APIVersion, o.Kind
	text, err := json.Marshal(content)
	if err != nil {
		return o, fmt.Errorf("%s %s/%s: %w", r.Kind, o.Namespace, o.Name, err)
	}
	o.JSON = text
	return o, nil
}

// sortObjects puts the objects into the order of the files: by kind, namespace and name.
func sortObjects(objects []Object) {
	slices.SortFunc(objects, func(a, b Object) int {
		return cmp.Or(strings.Compare(a.resource.FullName(), b.resource.FullName()), strings.Compare(a.Namespace, b.Namespace),
			strings.Compare(a.Name, b.Name), strings.Compare(a.APIVersion, b.APIVersion), strings.Compare(string(a.JSON), string(b.JSON)))
	})
}
