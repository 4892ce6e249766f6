package cilium

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	kubejson "sigs.k8s.io/json"
)

// custom is the content of a custom resource as the API server keeps it: without what is null, also under keys of the
// user's own, such as labels (k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/prunenulls.go). No list of
// Cilium's kinds may hold null.
func custom(content []byte) ([]byte, error) {
	if !bytes.Contains(content, []byte("null")) {
		return content, nil // which is most of them, and quickly seen
	}
	var object map[string]any
	if err := kubejson.UnmarshalCaseSensitivePreserveInts(content, &object); err != nil {
		return nil, &rejected{err.Error()}
	}
	found := false
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if key == "metadata" {
			continue // which is decoded as that of any object
		}
		if object[key] == nil {
			delete(object, key)
			found = true
			continue
		}
		pruned, err := prune(object[key], key)
		if err != nil {
			return nil, err
		}
		found = found || pruned
	}
	if !found {
		return content, nil
	}
	return json.Marshal(object)
}

// prune takes null out of mappings and reports whether there was any.
func prune(value any, path string) (found bool, err error) {
	one := func(part any, at string) {
		if err != nil {
			return
		}
		var inside bool
		inside, err = prune(part, at)
		found = found || inside
	}
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if value[key] == nil {
				delete(value, key)
				found = true
				continue
			}
			one(value[key], path+"."+key)
		}
	case []any:
		for i, item := range value {
			at := fmt.Sprintf("%s[%d]", path, i)
			if item == nil {
				return found, &rejected{at + " is null"}
			}
			one(item, at)
		}
	}
	return found, err
}
