package source

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	nullTag   = "!!null"
	boolTag   = "!!bool"
	strTag    = "!!str"
	intTag    = "!!int"
	floatTag  = "!!float"
	binaryTag = "!!binary"
	mergeTag  = "!!merge"
	mapTag    = "!!map"
	seqTag    = "!!seq"
)

// yamlBool is the YAML 1.1 spelling of booleans. yaml/v3 reads only the first two as such, but kubectl still reads
// them all (go.yaml.in/yaml/v2, resolve.go, by way of sigs.k8s.io/yaml), and so decides what the object says.
func yamlBool(s string) (value, ok bool) {
	switch s {
	case "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON":
		return true, true
	case "false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF":
		return false, true
	}
	return false, false
}

// plainTag is the tag of a scalar that is written without quotes and without a tag of its own.
func plainTag(n *yaml.Node) string {
	switch n.Tag {
	case nullTag, boolTag, intTag, floatTag, mergeTag:
		return n.Tag
	}
	if len(n.Value) <= 3 {
		if _, ok := yamlBool(n.Value); ok {
			return boolTag
		}
	}
	return strTag
}

// spelledTag is the tag that a text would have without quotes. Only scalars with an explicit tag need it.
func spelledTag(text string) string {
	n := yaml.Node{Kind: yaml.ScalarNode, Value: text}
	n.Tag = n.ShortTag()
	return plainTag(&n)
}

// intValue reads an integer in the notations of YAML 1.1 and 1.2: 0x1F, 0o17, 017, 0b11, 1_000.
func intValue(s string) (text string, ok bool) {
	s = strings.ReplaceAll(s, "_", "")
	if i, err := strconv.ParseInt(s, 0, 64); err == nil {
		return strconv.FormatInt(i, 10), true
	}
	if u, err := strconv.ParseUint(s, 0, 64); err == nil {
		return strconv.FormatUint(u, 10), true
	}
	return "", false
}

// floatValue is the number of a float scalar; ok is false for infinities and what is no number, which JSON lacks.
func floatValue(s string) (f float64, ok bool) {
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// appendScalar writes a scalar as JSON. The node's type is already what kubectl takes it for.
func appendScalar(out []byte, n *Node) []byte {
	switch n.Type {
	case Null:
		return append(out, "null"...)
	case Bool:
		b, _ := yamlBool(n.Value)
		return strconv.AppendBool(out, b)
	case Int:
		if text, ok := intValue(n.Value); ok {
			return append(out, text...)
		}
	case Float:
		if f, ok := floatValue(n.Value); ok {
			return appendFloat(out, f)
		}
	}
	return appendString(out, n.Value)
}

func appendFloat(out []byte, f float64) []byte {
	// Only encoding/json knows which notation encoding/json would choose.
	text, err := json.Marshal(f)
	if err != nil {
		return append(out, "null"...)
	}
	return append(out, text...)
}
