package cilium

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// decodeCustom fills object as the API server keeps it as a custom resource: without what is null
// (k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/prunenulls.go). No list of these kinds may hold null.
// Cilium's decoding panics where a field is missing that the schema requires.
func (d Document) decodeCustom(object any) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("no API server accepts it: %v", fault)
		}
	}()
	var content map[string]any
	decoder := json.NewDecoder(bytes.NewReader(d.JSON))
	decoder.UseNumber()
	if err := decoder.Decode(&content); err != nil {
		return fmt.Errorf("%s: %s %s: %w", d.Place, d.Kind, qualified(d.Namespace, d.Name), err)
	}
	for _, key := range slices.Sorted(maps.Keys(content)) {
		value := content[key]
		if key == "metadata" {
			continue // which the API server decodes as it does that of any object
		}
		if value == nil {
			delete(content, key)
		} else if err := pruneNulls(value, key); err != nil {
			return err
		}
	}
	if d.JSON, err = json.Marshal(content); err != nil {
		return err
	}
	return d.decode(object)
}

func pruneNulls(value any, path string) error {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			field := value[key]
			if field == nil {
				delete(value, key)
			} else if err := pruneNulls(field, path+"."+key); err != nil {
				return err
			}
		}
	case []any:
		for i, item := range value {
			at := fmt.Sprintf("%s[%d]", path, i)
			if item == nil {
				return fmt.Errorf("no API server accepts it: %s is null", at)
			}
			if err := pruneNulls(item, at); err != nil {
				return err
			}
		}
	}
	return nil
}
