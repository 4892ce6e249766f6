// Package schema says whether a cluster would accept an object and enforce it as it stands.
//
// Every object is judged twice, as in a cluster: by the definition of its kind as an API server does it, with the
// definitions out of the CNIs' own Go modules, and by the CNI itself. Cilium's judgement is its own code; Calico's and
// Kubernetes' are written down here, because their packages cannot be linked together.
//
// It serves both ends of a translation: nothing is written that the target would not enforce, and of a source object
// it says whether the source enforces it. It says nothing of what an object means, nor of whether the things that it
// names exist. Nothing is compiled before a kind is first met; an import costs nothing.
package schema

import (
	"reflect"
	"slices"
	"strings"

	kubejson "sigs.k8s.io/json"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/schema/problem"
)

// Problem is one reason why an object would not be enforced as it stands.
type Problem = problem.Problem

// The causes of problems; see package problem.
const (
	UnknownField = problem.UnknownField
	WrongValue   = problem.WrongValue
	NotEnforced  = problem.NotEnforced
	PartIgnored  = problem.PartIgnored
)

// Target is the cluster that an object is for.
type Target struct {
	Release compat.Release
	// Cilium holds the settings of Cilium that decide what it accepts. It is not looked at for Calico.
	Cilium cluster.CiliumSettings
}

// Validate returns what speaks against the object, in the order of paths; nothing if the target enforces all of it.
// The object is not changed. It may hold whatever a YAML or JSON decoder makes of numbers.
//
// An object of crd.projectcalico.org/v1 is taken for one that was put past Calico's API server, which validates.
// A namespace may be absent; what a server writes into an object (status, uid) is not judged.
func Validate(object map[string]any, target Target) []Problem { return validate(object, nil, target) }

// validate judges an object whose spec, as JSON, is the given text; without one, the judges write it themselves.
func validate(object map[string]any, spec []byte, target Target) []Problem {
	k, problems := lookup(object, target)
	if k == nil {
		return problems
	}
	definition, err := k.source.Definition()
	if err != nil {
		return append(problems, Problem{Message: err.Error(), Cause: WrongValue})
	}
	given := object
	if k.until != nil {
		object = k.until(object, target.Release.Version.Minor)
	}
	stored, problems := definition.Check(object)
	if !same(stored, given) {
		spec = nil
	}
	sound := len(problems) == 0
	problems = append(problems, metadata(object, k)...)
	for _, p := range k.judge(stored, spec, target) {
		// What the schema refuses cannot be decoded either.
		if sound || !strings.HasPrefix(p.Message, "json: ") {
			problems = append(problems, p)
		}
	}
	problems = slices.DeleteFunc(problems, func(p Problem) bool { return source.IsServerSet(p.Path) })
	return problem.Sorted(problems)
}

// ValidateJSON is Validate for an object as JSON. A key that stands twice in one mapping is a problem.
func ValidateJSON(text []byte, target Target) []Problem {
	if object, spec, ok := decode(text); ok {
		return validate(object, spec, target)
	}
	var object map[string]any
	repeated, err := kubejson.UnmarshalStrict(text, &object)
	if err != nil {
		return []Problem{{Message: "this is not a JSON object: " + err.Error(), Cause: WrongValue}}
	}
	problems := Validate(object, target)
	for _, r := range repeated {
		if f, ok := r.(kubejson.FieldError); ok {
			path := problem.Resolve(object, f.FieldPath()).String()
			problems = append(problems, Problem{Path: path, Message: "the key stands twice", Cause: WrongValue})
		}
	}
	return problem.Sorted(problems)
}

// same reports whether two mappings are one, so that what is stored is what was given.
func same(a, b map[string]any) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}

// lookup finds the kind of an object.
func lookup(object map[string]any, target Target) (*kind, problem.List) {
	apiVersion, _ := object["apiVersion"].(string)
	name, _ := object["kind"].(string)
	var problems problem.List
	k := kinds[identity{apiVersion, name}]
	switch {
	case k == nil && known(name):
		problems.Wrong(problem.Root("apiVersion"), "there is no %s in apiVersion %q", name, apiVersion)
	case k == nil:
		problems.Wrong(problem.Root("kind"), "%q of apiVersion %q is not a kind that carries policy", name, apiVersion)
	case k.cni != "" && k.cni != target.Release.CNI:
		problems.Wrong(problem.Root("kind"), "%s does not read %s", target.Release, name)
		k = nil
	}
	return k, problems
}
