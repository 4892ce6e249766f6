package calico

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// nullItem finds null in a list of a raw object: no API server stores that, since every list of Calico's kinds is of
// values that may not be null. A field that is null it takes out, as decoding does. The path is empty if there is none.
func (o object) nullItem() (string, error) {
	content, err := o.JSON()
	if err != nil || !bytes.Contains(content, []byte("null")) {
		return "", err
	}
	var object map[string]any
	if err := json.Unmarshal(content, &object); err != nil {
		return "", err
	}
	return nullItem(object["spec"], "spec"), nil
}

func nullItem(value any, path string) string {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if found := nullItem(value[key], path+"."+key); found != "" {
				return found
			}
		}
	case []any:
		for i, item := range value {
			at := fmt.Sprintf("%s[%d]", path, i)
			if item == nil {
				return at
			}
			if found := nullItem(item, at); found != "" {
				return found
			}
		}
	}
	return ""
}
