package snapshot

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/policyferry/policyferry/translate/diag"
)

// lack is a kind that could not be read, and why.
type lack struct {
	resource *Resource
	refused  bool
	err      error
}

// missing notes a kind that could not be read.
func (l *live) missing(r *Resource, read *Read, err error) {
	refused := apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err)
	if read.Missing = "not answered"; refused {
		read.Missing = "not permitted"
	}
	if whole(r) {
		l.Spec.Complete = false
	}
	l.lacking = append(l.lacking, lack{r, refused, err})
}

// reportMissing reports the kinds that could not be read: those together whose lack is of one sort and means the same, so
// that an account which may read nothing is told so in a few lines. Without a policy the set is not whole; without a fact
// a translation denies what it cannot decide.
func (l *live) reportMissing() {
	slices.SortFunc(l.lacking, func(a, b lack) int { return strings.Compare(a.resource.FullName(), b.resource.FullName()) })
	for _, refused := range []bool{true, false} {
		for _, role := range []Role{Policy, Fact, Moves} {
			var these []lack
			for _, m := range l.lacking {
				if m.refused == refused && m.resource.Role == role {
					these = append(these, m)
				}
			}
			if len(these) > 0 {
				l.Findings.Add(report(these))
			}
		}
	}
}

// report reports kinds that have the same role and are missing for reasons of the same sort; the first reason is told.
func report(these []lack) diag.Finding {
	code, hint := diag.NotAnswered, "see whether the API is up (kubectl get apiservices), and take the snapshot again"
	if these[0].refused {
		code, hint = diag.NotPermitted, "allow get and list on them (docs/snapshot.md has the ClusterRole), or read some namespaces only with --namespace"
	}
	consequence, effect := "what depends on them cannot be decided", diag.Narrows
	switch these[0].resource.Role {
	case Policy:
		consequence, effect = "so the policy set is not whole", diag.Refused
	case Moves:
		consequence, effect = "so nobody is told what of it has to be moved", diag.Inert
	}
	names := these[0].resource.FullName()
	for i, m := range these[1:] {
		joint := ", "
		if i == len(these)-2 {
			joint = " and "
		}
		names += joint + m.resource.FullName()
	}
	f := code.At(diag.Position{File: IndexFile}, diag.Object{}, "", "%s are missing, %s: %s", names, consequence, reason(these[0].err)).WithHint("%s", hint)
	f.Override = effect
	return f
}

// reason is what the server says, without what client-go puts around it.
func reason(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Message != "" {
		return status.Status().Message
	}
	return fmt.Sprint(err)
}
