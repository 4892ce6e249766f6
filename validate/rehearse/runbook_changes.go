package rehearse

import (
	"path"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// keepFile is where the old policies are kept. What an API server alone may set is taken out: server-side apply refuses
// to create an object that has a uid or a resourceVersion.
const (
	keepFile = "before.json"
	keepOnly = `jq 'del(.items[].metadata["uid","resourceVersion","generation","creationTimestamp"], .items[].status)'`
)

// putBack brings the old policies back, whoever else has changed their fields since.
const putBack = "kubectl apply --server-side --force-conflicts -f " + keepFile

// standard reports whether both CNIs read an object.
func standard(o diag.Object) bool {
	group, _, _ := strings.Cut(o.APIVersion, "/")
	return group == "networking.k8s.io" || group == "policy.networking.k8s.io"
}

// fileOf is the file that translate writes an object to.
func (e *estate) fileOf(o diag.Object) string {
	return e.dir() + (&translate.Output{Object: o}).Path() + ".yaml"
}

// inSource reports whether the source set has an object of that name.
func (e *estate) inSource(o diag.Object) bool {
	return slices.ContainsFunc(e.policies, func(d *source.Document) bool { return d.Object == o })
}

// inOrder are the changes of a phase that whoever polices the pods reads, if their order matters.
func (e *estate) inOrder(phase int) []Change {
	p := e.Runbook.Phases[phase-1]
	if p.Inert || p.Problem != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.Changes), func(c Change) bool { return !standard(c.Object) })
}

// later are the files of the standard policies that are applied only while nothing is enforced, below a directory that
// the step of all others does not see.
func (e *estate) later() (move, apply []string) {
	for _, c := range e.swaps {
		if c.Action != "apply" {
			continue
		}
		from := e.fileOf(c.Object)
		to := "later/" + from
		move = append(move, "mkdir -p "+shellescape.Quote(path.Dir(to))+" && mv "+shellescape.QuoteCommand([]string{from, to}))
		apply = append(apply, "kubectl apply --server-side --force-conflicts -f "+shellescape.Quote(to))
	}
	return move, apply
}

// applying are the commands that apply the output: what must be in order first, and tiers before the policies in them,
// which Calico's API server refuses otherwise.
func (e *estate) applying() []string {
	out, _ := e.later()
	var tiers []string
	for _, c := range e.Runbook.Phases[phaseApply-1].Changes {
		if c.Object.Kind == "Tier" {
			tiers = append(tiers, "-f "+shellescape.Quote(e.fileOf(c.Object)))
		}
	}
	if len(tiers) > 0 {
		out = append(out, "kubectl apply --server-side "+strings.Join(tiers, " ")+"   # before the policies in them; an empty tier does nothing")
	}
	out = append(out, "kubectl apply --server-side --force-conflicts --dry-run=server -R -f "+e.dir())
	for _, c := range e.inOrder(phaseApply) {
		out = append(out, "kubectl apply --server-side --force-conflicts -f "+shellescape.Quote(e.fileOf(c.Object)))
	}
	return append(out, "kubectl apply --server-side --force-conflicts -R -f "+e.dir())
}

// unapplying are the commands that take the output away again: what is new is deleted, in the reverse order, and what was
// there under the same name is put back.
func (e *estate) unapplying() []string {
	var added []Change
	changed := false
	for _, c := range e.Runbook.Phases[phaseApply-1].Changes {
		if c.Action != "apply" || slices.ContainsFunc(e.swaps, func(s Change) bool { return s.Object == c.Object }) {
			continue
		}
		if e.inSource(c.Object) {
			changed = true
			continue
		}
		added = append(added, c)
	}
	slices.Reverse(added)
	var out []string
	if changed {
		out = append(out, putBack)
	}
	return append(out, deleting(added)...)
}

// deletions are the commands that delete the source's objects, but for those that have been swapped. What the target reads
// as well goes one by one in its order.
func (e *estate) deletions() []string {
	rest := slices.DeleteFunc(slices.Clone(e.Runbook.Phases[phaseDelete-1].Changes), func(c Change) bool {
		return c.Action != "delete" || slices.ContainsFunc(e.swaps, func(s Change) bool { return s.Object == c.Object })
	})
	var out []string
	for _, c := range e.inOrder(phaseDelete) {
		out = append(out, deleting([]Change{c})...)
		rest = slices.DeleteFunc(rest, func(r Change) bool { return r.Object == c.Object })
	}
	return append(out, deleting(rest)...)
}

// deleting are commands that delete objects, one for each kind and namespace.
func deleting(list []Change) []string {
	type place struct{ resource, namespace string }
	names := map[place][]string{}
	var order []place
	for _, c := range list {
		at := place{resourceName(c.Object), c.Object.Namespace}
		if names[at] == nil {
			order = append(order, at)
		}
		names[at] = append(names[at], shellescape.Quote(c.Object.Name))
	}
	var out []string
	for _, at := range order {
		command := "kubectl delete " + shellescape.Quote(at.resource)
		if at.namespace != "" {
			command += " -n " + shellescape.Quote(at.namespace)
		}
		out = append(out, command+" "+strings.Join(names[at], " "))
	}
	return out
}
