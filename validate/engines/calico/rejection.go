package calico

import (
	"cmp"
	"slices"
)

// A Rejection is a policy object that is not enforced, and why: the API, its validation or Felix
// refuses it.
type Rejection struct {
	Kind      string
	Namespace string
	Name      string
	Reason    string
}

func (r Rejection) String() string {
	object := r.Name
	if r.Namespace != "" {
		object = r.Namespace + "/" + r.Name
	}
	return "rejected: " + r.Kind + " " + object + ": " + r.Reason
}

func rejectionOf(d *document, err error) Rejection {
	return Rejection{Kind: d.kind, Namespace: d.namespace, Name: d.name, Reason: oneLine(err.Error())}
}

func sortRejections(list []Rejection) {
	slices.SortFunc(list, func(a, b Rejection) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Reason, b.Reason))
	})
}

// A Fault is a failure of the engine itself; every other error is about what it was given.
type Fault struct{ err error }

func (f Fault) Error() string { return f.err.Error() }

// Unwrap gives the cause.
func (f Fault) Unwrap() error { return f.err }
