package rehearse

import (
	"fmt"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"github.com/policyferry/policyferry/translate/diag"
)

// The steps follow Cilium's own guide to a live migration (Documentation/installation/k8s-install-migration.rst). What it
// says of policy is why the steps are what they are: enforcement is off until every node is moved, since Cilium knows the
// pods of another CNI by no label; and it has not been tested beside another provider of policy.
//
// Calico polices the pods that it knows from the API server, whoever gave them their address
// (libcalico-go/lib/backend/k8s/conversion, IsValidCalicoWorkloadEndpoint), so its selectors match pods of both CNIs.

func (e *estate) addStep(s RunbookStep) {
	for _, list := range []*[]string{&s.Commands, &s.Checks, &s.Rollback} {
		if *list == nil {
			*list = []string{}
		}
	}
	e.Runbook.Steps = append(e.Runbook.Steps, s)
}

// dir is where the output is written.
func (e *estate) dir() string { return string(e.opt.To) + "/" }

// versions are the flags that fix the releases of this rehearsal.
func (e *estate) versions() string {
	return fmt.Sprintf("--source-version %s --target-version %s", e.Source.Version, e.Target.Version)
}

// acceptFlags name the codes that a translation must accept to write its output, and held those that it must not: they
// also narrow elsewhere, and accepted there they would let through what this rehearsal has not, so that what was judged is
// not what is written.
func (e *estate) acceptFlags() (flags string, held []string) {
	var codes []string
	for _, f := range e.forward.Blocked {
		list := &codes
		if e.narrows(f.Code) {
			list = &held
		}
		if f.Code.ID < "PF9" && !slices.Contains(*list, f.Code.ID) {
			*list = append(*list, f.Code.ID)
		}
	}
	slices.Sort(codes)
	slices.Sort(held)
	if len(codes) == 0 {
		return "", held
	}
	return " --accept " + strings.Join(codes, ","), held
}

// narrows reports whether a code narrows anywhere.
func (e *estate) narrows(code *diag.Code) bool {
	return slices.ContainsFunc(e.forward.Findings, func(f diag.Finding) bool { return f.Code == code && f.Effect() == diag.Narrows })
}

// inputs are the files of the snapshot as translate takes them, each as one word of a shell.
func (e *estate) inputs() string {
	if len(e.snapshot.Inputs) > 0 {
		return shellescape.QuoteCommand(e.snapshot.Inputs)
	}
	return shellescape.Quote(e.Path)
}

// again is this rehearsal once more, with other flags.
func (e *estate) again(flags string) string {
	if flags != "" {
		flags += " "
	}
	return fmt.Sprintf("policyferry rehearse --to %s %s%s", e.opt.To, flags, shellescape.Quote(e.Path))
}

// prepare writes the new policies and keeps the old ones.
func (e *estate) prepare() {
	accept, held := e.acceptFlags()
	text := "Nothing in the cluster changes. Stop changes of policy from here on: what is changed later is in neither set. " +
		"Suspend what applies policies from a repository (Flux, Argo CD): it would bring back what is deleted, and undo what is changed."
	if len(held) > 0 {
		text += fmt.Sprintf(" Nothing is written before what %s refuses is mended or taken out of the set: accepted, the code would also let through "+
			"what it narrows elsewhere, which this rehearsal has not judged.", strings.Join(held, " and "))
	}
	e.addStep(RunbookStep{
		Title: "Write the new policies, and keep the old ones",
		Text:  text,
		Safe:  "Everything is policed as before.",
		Commands: []string{
			"kubectl get -A -o json " + shellescape.Quote(strings.Join(e.kinds(), ",")) + " | " + keepOnly + " > " + keepFile,
			fmt.Sprintf("policyferry translate --verify --from %s --to %s %s%s -o %s %s", e.opt.To.Other(), e.opt.To, e.versions(), accept, e.dir(), e.inputs()),
		},
		Checks: []string{
			"jq '.items | length' " + keepFile + "   # as many as there are, and not 0",
			e.again("") + "   # the verdict of this day, on a snapshot of this day",
		},
		Rollback: []string{"rm -r " + e.dir()},
	})
}

// kinds are the kinds of the source set, as kubectl names them.
func (e *estate) kinds() []string {
	var out []string
	for _, d := range e.policies {
		if name := resourceName(d.Object); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// resourceName is the plural with its group, which says which of several kinds of one name is meant.
func resourceName(o diag.Object) string {
	group, _, _ := strings.Cut(o.APIVersion, "/")
	name := strings.ToLower(o.Kind)
	if strings.HasSuffix(name, "y") {
		name = strings.TrimSuffix(name, "y") + "ies"
	} else {
		name += "s"
	}
	return name + "." + group
}

// carryOver is the step of what is not policy.
func (e *estate) carryOver(text string) {
	if len(e.Moves) == 0 {
		return
	}
	topics := []string{}
	lost := 0
	for _, m := range e.Moves {
		if !slices.Contains(topics, m.Topic) {
			topics = append(topics, m.Topic)
		}
		if m.Lost != "" {
			lost++
		}
	}
	e.addStep(RunbookStep{
		Title: "Prepare what is not policy",
		Text: fmt.Sprintf("Objects and settings that must move by other means: %d, about %s. Of %d of them something is lost. The list below says what takes their place; each needs an owner and a day. %s",
			len(e.Moves), strings.Join(topics, ", "), lost, text),
		Safe: "Everything is policed as before.",
	})
}

// applyAll applies the output.
func (e *estate) applyAll(reads string) {
	p := e.Runbook.Phases[phaseApply-1]
	move, _ := e.later()
	e.addStep(RunbookStep{
		Title: fmt.Sprintf("Apply the policies of %s", e.forward.Target.Name()),
		Text:  fmt.Sprintf("All %d objects, before the first pod is policed by %s. %s", e.Summary.Written, e.forward.Target.Name(), reads),
		Safe:  safeText(p), Phase: phaseApply,
		Commands: e.applying(),
		Checks: []string{
			"kubectl diff --server-side --force-conflicts --field-manager kubectl -R -f " + e.dir() + "   # nothing",
			"kubectl get -R -f " + e.dir() + " --no-headers | wc -l   # " + fmt.Sprint(e.Summary.Written-len(move)),
		},
		Rollback: e.unapplying(),
	})
}

func safeText(p Phase) string {
	switch {
	case p.Problem != nil:
		return p.Text + " The standard policies, which both read, have their own step."
	case p.Inert:
		return p.Text + " So no state on the way differs from both ends, in whatever order the objects come."
	}
	return fmt.Sprintf("%s In the order below each of %s on the way allows nothing that both ends deny and denies nothing that both allow.",
		p.Text, plural(p.States, "state"))
}

// swapStandard is the step of the standard policies that are safe to change only while nothing is enforced.
func (e *estate) swapStandard() {
	if len(e.swaps) == 0 {
		return
	}
	s := RunbookStep{
		Title: "Swap the standard policies",
		Text:  "Both CNIs read them, and no order was found in which each state on the way is between before and after. So they are changed now, while nothing is enforced.",
		Safe:  "The window is open anyway.",
	}
	_, s.Commands = e.later()
	for _, c := range e.swaps {
		if c.Action == "delete" {
			s.Commands = append(s.Commands, deleting([]Change{c})...)
			s.Checks = append(s.Checks, strings.Replace(deleting([]Change{c})[0], "delete", "get", 1)+"   # not found")
		}
	}
	s.Rollback = []string{putBack}
	e.addStep(s)
}

// deleteOld deletes the source's objects.
func (e *estate) deleteOld(commands, rollback []string) {
	e.addStep(RunbookStep{
		Title: fmt.Sprintf("Delete the policies of %s, and %s itself", e.forward.Source.Name(), e.forward.Source.Name()),
		Text:  "Wait until the checks of the step before have held for as long as the rarest traffic takes to come by.",
		Safe:  safeText(e.Runbook.Phases[phaseDelete-1]), Phase: phaseDelete,
		Commands: append(e.deletions(), commands...),
		Checks:   []string{"policyferry snapshot -o after/", fmt.Sprintf("policyferry verify --cluster after/ %s after/   # equivalent", e.dir())},
		Rollback: append([]string{putBack}, rollback...),
	})
}

// openWindow closes the books on the time in which not every pod is policed: from a step until a step.
func (e *estate) openWindow(from, until int, whose string) {
	w := e.Runbook.Window
	if w == nil {
		return
	}
	w.From, w.Until = from, until
	w.Text = fmt.Sprintf("From step %d until step %d %s. That is as long as it takes to move %s one after the other: "+
		"the time that draining and restarting the first one takes, times %d. In it nothing protects %s of %s, which policy protects before and after.",
		from, until, whose, plural(w.Nodes, "node"), w.Nodes, plural(w.Pods, "pod"), plural(len(w.Who)+w.Omitted, "workload"))
}
