package calico

import (
	"fmt"

	"sigs.k8s.io/json"
)

// refuseNulls refuses a custom resource with null in a list, as the API server does: every list of these kinds is of
// values that may not be null. A field that is null it takes out, which decoding does as well.
func refuseNulls(d *document) error {
	var content map[string]any
	if err := json.UnmarshalCaseSensitivePreserveInts(d.json, &content); err != nil {
		return err
	}
	if path := nullItem(content["spec"], "spec"); path != "" {
		return fmt.Errorf("no API server accepts it: %s is null", path)
	}
	return nil
}

// nullItem is the path of the first item of a list that is null, or empty.
func nullItem(value any, path string) string {
	first := ""
	take := func(found string) {
		if found != "" && (first == "" || found < first) {
			first = found
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for key, field := range value {
			take(nullItem(field, path+"."+key))
		}
	case []any:
		for i, item := range value {
			at := fmt.Sprintf("%s[%d]", path, i)
			if item == nil {
				take(at)
			}
			take(nullItem(item, at))
		}
	}
	return first
}
