// Package calico says what Calico asks of its objects beyond their schema.
//
// An object of projectcalico.org/v3 is judged by libcalico-go/lib/validator/v3 in calicoctl and in Calico's API
// server. That package cannot be linked next to Cilium's, so its rules are written down here, one a function, in
// files by concept; the Calico engine module holds them to the original. An object of crd.projectcalico.org/v1, put
// into the cluster past that API server, meets only the definitions of the kinds and Felix's own filter (felix.go).
//
// Some rules have moved into the definitions of the kinds with Calico 3.32 and 3.33. Only the definitions of 3.31 are
// linked, so what later ones ask is written down here as well (limits.go), and holds for both kinds of object.
package calico

import (
	"encoding/json"

	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// Release is a release of Calico 3 by its minor number: 31 is Calico 3.31.
type Release int

// always and never say of a rule that every definition of its kind has had it, and that none has.
const (
	always Release = 0
	never  Release = 1 << 30
)

// Object is an object of Calico that fits its schema.
type Object struct {
	Kind    string
	Name    string
	Release Release
	// Raw says that the object was put into the cluster as crd.projectcalico.org/v1.
	Raw bool
	// Content is the object as stored.
	Content map[string]any
	// Spec is the spec in Content as JSON. It may be nil.
	Spec []byte
}

// Judge returns what Calico has against the object.
func Judge(o Object) problem.List {
	var problems problem.List
	kindIsKnown(&problems, o)
	if !o.Raw {
		metadata(&problems, o.Content)
	}
	switch o.Kind {
	case v3.KindNetworkPolicy, v3.KindGlobalNetworkPolicy, v3.KindStagedNetworkPolicy, v3.KindStagedGlobalNetworkPolicy:
		judgePolicy(&problems, o)
	case v3.KindStagedKubernetesNetworkPolicy:
		judgeStagedKubernetes(&problems, o)
	case v3.KindNetworkSet, v3.KindGlobalNetworkSet:
		judgeSet(&problems, o)
	case v3.KindHostEndpoint:
		judgeHostEndpoint(&problems, o)
	case v3.KindTier:
		judgeTier(&problems, o)
	}
	return problems
}

// read decodes the spec as Calico does. What fits the schema and still cannot be read is reported: the schema takes
// any text and any number for a port or a protocol. One such object stops Calico from reading any of its kind.
func read(problems *problem.List, o Object, spec any, fresh func() any) bool {
	at := problem.Root("spec")
	content, ok := o.Content["spec"]
	if !ok {
		return true
	}
	if o.Spec != nil && json.Unmarshal(o.Spec, spec) == nil {
		return true
	}
	if decode(content, spec) == "" {
		return true
	}
	refuse := func(v any) string { return decode(v, fresh()) }
	together := func(string) bool { return false }
	problem.Pinpoint(content, at, refuse, together, func(at *problem.Path, message string) {
		if o.Raw {
			problems.Unenforced(at, "Calico cannot read this, and no other object of the kind while it is there: %s", message)
			return
		}
		problems.Wrong(at, "%s", message)
	})
	return false
}

// decode reads a value into a Go type and returns what is wrong with it.
func decode(v, into any) string {
	raw, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
