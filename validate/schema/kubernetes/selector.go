package kubernetes

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// Selector judges a label selector: k8s.io/apimachinery/pkg/apis/meta/v1/validation.
func Selector(problems *problem.List, selector metav1.LabelSelector, at *problem.Path) {
	for _, key := range slices.Sorted(maps.Keys(selector.MatchLabels)) {
		at := at.Field("matchLabels").Field(key)
		refuse(problems, at, key, validation.IsQualifiedName(key))
		refuse(problems, at, selector.MatchLabels[key], validation.IsValidLabelValue(selector.MatchLabels[key]))
	}
	for i, e := range selector.MatchExpressions {
		expression(problems, e, at.Field("matchExpressions").Item(i))
	}
}

func expression(problems *problem.List, e metav1.LabelSelectorRequirement, at *problem.Path) {
	refuse(problems, at.Field("key"), e.Key, validation.IsQualifiedName(e.Key))
	switch e.Operator {
	case metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn:
		if len(e.Values) == 0 {
			problems.Wrong(at.Field("values"), "%s needs at least one value", e.Operator)
		}
	case metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist:
		if len(e.Values) > 0 {
			problems.Wrong(at.Field("values"), "%s takes no values", e.Operator)
		}
	default:
		problems.Wrong(at.Field("operator"), "%q is none of In, NotIn, Exists and DoesNotExist", e.Operator)
	}
	for i, value := range e.Values {
		refuse(problems, at.Field("values").Item(i), value, validation.IsValidLabelValue(value))
	}
}
