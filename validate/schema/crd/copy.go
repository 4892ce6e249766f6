package crd

import (
	"encoding/json"
	"math"
	"reflect"
)

// Copy copies an object into the types that Kubernetes uses for JSON: whole numbers are int64, others float64.
func Copy(object map[string]any) map[string]any {
	out := make(map[string]any, len(object))
	for k, v := range object {
		out[k] = copyValue(v)
	}
	return out
}

func copyValue(v any) any {
	switch v := v.(type) {
	case nil, string, bool, int64:
		return v
	case float64:
		return copyFloat(v)
	case map[string]any:
		return Copy(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = copyValue(v[i])
		}
		return out
	case json.Number:
		return copyNumber(v)
	}
	return copyReflected(reflect.ValueOf(v))
}

// copyFloat undoes encoding/json, for which every number is a float.
func copyFloat(v float64) any {
	const exact = 1 << 53
	if v == math.Trunc(v) && math.Abs(v) < exact {
		return int64(v)
	}
	return v
}

func copyNumber(v json.Number) any {
	if i, err := v.Int64(); err == nil {
		return i
	}
	if f, err := v.Float64(); err == nil {
		return copyFloat(f)
	}
	return v.String()
}

// copyReflected takes what a caller has written down as ordinary Go: []string, map[string]string, int.
func copyReflected(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Uint() > math.MaxInt64 {
			return float64(v.Uint())
		}
		return int64(v.Uint())
	case reflect.Float32, reflect.Float64:
		return copyFloat(v.Float())
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Slice, reflect.Array:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = copyValue(v.Index(i).Interface())
		}
		return out
	case reflect.Map:
		return copyMap(v)
	}
	return copyMarshalled(v)
}

func copyMap(v reflect.Value) any {
	if v.Type().Key().Kind() != reflect.String {
		return copyMarshalled(v)
	}
	out := make(map[string]any, v.Len())
	for _, k := range v.MapKeys() {
		out[k.String()] = copyValue(v.MapIndex(k).Interface())
	}
	return out
}

// copyMarshalled writes a value of any other type as JSON; one that has no JSON becomes null.
func copyMarshalled(v reflect.Value) any {
	raw, err := json.Marshal(v.Interface())
	if err != nil {
		return nil
	}
	var out any
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}
