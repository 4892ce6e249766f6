package schema

import (
	"encoding/json"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kubejson "sigs.k8s.io/json"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// metadata judges what every object of Kubernetes has, as every API server does.
func metadata(object map[string]any, k *kind) problem.List {
	at := problem.Root("metadata")
	var meta metav1.ObjectMeta
	var problems problem.List
	content, ok := object["metadata"].(map[string]any)
	if ok && !everyday(content, &meta) {
		meta = metav1.ObjectMeta{}
		unknown, err := readMetadata(content, &meta)
		if err != nil {
			return malformed(content, at)
		}
		for _, key := range unknown {
			path := problem.Resolve(object, "metadata."+key).String()
			problems = append(problems, Problem{Path: path, Message: "metadata has no such field", Cause: UnknownField})
		}
	}
	// The namespace of an object that has none is said in the request; that of a cluster-wide object is not looked at.
	switch {
	case !k.namespaced:
		meta.Namespace = ""
	case meta.Namespace == "":
		meta.Namespace = metav1.NamespaceDefault
	}
	name := apivalidation.NameIsDNSSubdomain
	if k.freeName {
		name = path.ValidatePathSegmentName
	}
	errs := apivalidation.ValidateObjectMeta(&meta, k.namespaced, name, field.NewPath("metadata"))
	return append(problems, problem.FromErrors(object, errs, nil)...)
}

// everyday reads metadata that has nothing but what people write, and reports whether it could.
func everyday(content map[string]any, into *metav1.ObjectMeta) bool {
	for key, v := range content {
		text, isText := v.(string)
		fields, isMap := v.(map[string]any)
		switch {
		case key == "name" && isText:
			into.Name = text
		case key == "namespace" && isText:
			into.Namespace = text
		case (key == "labels" || key == "annotations") && isMap:
			texts := make(map[string]string, len(fields))
			for name, v := range fields {
				if texts[name], isText = v.(string); !isText {
					return false
				}
			}
			if key == "labels" {
				into.Labels = texts
			} else {
				into.Annotations = texts
			}
		default:
			return false
		}
	}
	return true
}

// readMetadata decodes strictly and returns the fields that metadata does not have.
func readMetadata(content any, into *metav1.ObjectMeta) (unknown []string, err error) {
	raw, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	strict, err := kubejson.UnmarshalStrict(raw, into)
	for _, s := range strict {
		if f, ok := s.(kubejson.FieldError); ok {
			unknown = append(unknown, f.FieldPath())
		}
	}
	return unknown, err
}

// malformed reports the parts of metadata that cannot be read.
func malformed(content map[string]any, at *problem.Path) problem.List {
	var problems problem.List
	refuse := func(v any) string {
		if _, err := readMetadata(v, new(metav1.ObjectMeta)); err != nil {
			return err.Error()
		}
		return ""
	}
	several := func(string) bool { return true }
	problem.Pinpoint(content, at, refuse, several, func(at *problem.Path, message string) {
		problems.Wrong(at, "%s", message)
	})
	return problems
}
