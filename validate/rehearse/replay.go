package rehearse

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/replay"
	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/verdict"
)

// maxFlows bounds the flows that a result lists, and the unused rules.
const maxFlows = 500

// replay judges observed flows by both sets, if there are any.
func (e *estate) replay() error {
	switch {
	case len(e.snapshot.Flows) == 0:
		e.step(stepReplay, Skipped, "no flows are given, so what was seen is not asked")
		return nil
	case e.outcome == nil:
		e.step(stepReplay, Skipped, "source and output could not be compared")
		return nil
	case e.Synthetic:
		e.step(stepReplay, Skipped, "the snapshot holds no pod, so no flow can be placed")
		return nil
	}
	e.opt.progress(e.Name + ": replaying flows")
	r, err := replay.Run(e.ctx, e.snapshot.Flows, replay.Options{
		Before: e.outcome.Left, After: e.outcome.Right, Facts: e.outcome.World.Facts,
	})
	var unreadable *replay.InputError
	switch {
	case errors.As(err, &unreadable):
		e.notDone(stepReplay, diag.FlowsNotJudged, "the flows cannot be read: %v", err)
		return nil
	case err != nil:
		return err
	}
	e.Replay = replayOf(r)
	if total(r) == 0 {
		e.notDone(stepReplay, diag.FlowsNotJudged, "%v", errors.New("the flows tell of no connection that can be judged, so what was seen is not asked"+unused(r)))
		return nil
	}
	e.flowFindings(r)
	e.step(stepReplay, replayed(r), "%s", replayText(r))
	return nil
}

func replayed(r *replay.Result) Outcome {
	switch {
	case r.Totals[replay.WouldDrop]+r.Totals[replay.WouldForward] > 0:
		return Differs
	case r.Totals[replay.Unjudged] > 0, unused(r) != "":
		return Unknown
	}
	return Passed
}

// total counts the connections.
func total(r *replay.Result) (n uint64) {
	for _, of := range r.Totals {
		n += of
	}
	return n
}

// unused says which records might have told of more connections, or is empty.
func unused(r *replay.Result) (text string) {
	if n := r.Records[flow.Corrupt]; n > 0 {
		text += fmt.Sprintf("; %s cannot be read", plural(int(n), "record"))
	}
	if n := r.Records[flow.Excess]; n > 0 {
		text += fmt.Sprintf("; there was no room for %s", plural(int(n), "record"))
	}
	return text
}

func replayText(r *replay.Result) string {
	parts := []string{fmt.Sprintf("%d of %d connections fare the same", r.Totals[replay.Same], total(r))}
	for _, p := range []struct {
		kind replay.Kind
		what string
	}{
		{replay.WouldDrop, "were let through and would be dropped"}, {replay.WouldForward, "were dropped and would be let through"},
		{replay.Unjudged, "nobody can judge"}, {replay.Apart, "are not decided by policy"},
	} {
		if n := r.Totals[p.kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, p.what))
		}
	}
	return strings.Join(parts, "; ") + unused(r)
}

// flowFindings reports what would be dropped or let through, once for each pair of parties and traffic. What there is no
// room for is reported in one: of neither kind may nothing be said.
func (e *estate) flowFindings(r *replay.Result) {
	codes := map[replay.Kind]*diag.Code{replay.WouldDrop: diag.FlowDropped, replay.WouldForward: diag.FlowForwarded}
	texts := map[replay.Kind]string{replay.WouldDrop: "was let through and would be dropped", replay.WouldForward: "was dropped and would be let through"}
	told, rest := map[replay.Kind]int{}, map[replay.Kind]uint64{}
	for _, c := range r.Connections {
		if codes[c.Kind] == nil {
			continue
		}
		if told[c.Kind]++; told[c.Kind] > maxFlows {
			rest[c.Kind] += c.Count
			continue
		}
		what := fmt.Sprintf("%s → %s %s", c.From, c.To, c.Traffic)
		e.flowFinding(r, codes[c.Kind], what, fmt.Sprintf("%s %s, seen %d times%s", what, texts[c.Kind], c.Count, decidedBy(c.After)))
	}
	for _, kind := range []replay.Kind{replay.WouldDrop, replay.WouldForward} {
		if rest[kind] > 0 {
			e.flowFinding(r, codes[kind], "others", fmt.Sprintf("other traffic %s, seen %d times: there are more of its kind than are listed, and policyferry replay lists them",
				texts[kind], rest[kind]))
		}
	}
}

func (e *estate) flowFinding(r *replay.Result, code *diag.Code, path, message string) {
	e.add(stepReplay, code.At(diag.Position{File: r.Inputs[0].Name}, diag.Object{}, path, "%s", message).
		WithHint("mend the policy that decides, or accept the code if such traffic need not go on"))
}

// decidedBy names the first rule that decided.
func decidedBy(j *replay.Judged) string {
	if j == nil {
		return ""
	}
	for _, s := range j.By {
		if s.Policy != "" {
			return ", by " + s.Policy
		}
		return ": " + s.What
	}
	return ""
}

func replayOf(r *replay.Result) *Replay {
	out := &Replay{Files: []string{}, Records: map[string]uint64{}, Totals: map[string]uint64{}, Flows: []ReplayFlow{}, Unused: []JudgeStep{}, Unseen: []string{}}
	for _, in := range r.Inputs {
		out.Files = append(out.Files, in.Name)
	}
	for kind, n := range r.Records {
		out.Records[fmt.Sprint(kind)] = n
	}
	for kind, n := range r.Totals {
		out.Totals[string(kind)] = n
	}
	for _, c := range r.Connections {
		if !slices.Contains([]replay.Kind{replay.WouldDrop, replay.WouldForward, replay.Unjudged}, c.Kind) {
			continue
		}
		if len(out.Flows) == maxFlows {
			out.Omitted++
			continue
		}
		out.Flows = append(out.Flows, flowOf(c))
	}
	out.coverage(r)
	return out
}

func flowOf(c replay.Connections) ReplayFlow {
	f := ReplayFlow{Kind: string(c.Kind), From: c.From.String(), To: c.To.String(), Traffic: c.Traffic, Seen: string(c.Seen), Count: c.Count, Why: c.Why}
	if c.Witness != nil {
		f.Witness = c.Witness.String()
	}
	for _, side := range []struct {
		judged *replay.Judged
		into   **Judged
	}{{c.Before, &f.Before}, {c.After, &f.After}} {
		if side.judged != nil {
			j := judgedOf(side.judged.Verdict, side.judged.By)
			*side.into = &j
		}
	}
	return f
}

// coverage says which rules nothing used, and what was not seen.
func (out *Replay) coverage(r *replay.Result) {
	if r.Before != nil {
		for _, u := range r.Before.Unused() {
			if len(out.Unused) < maxFlows {
				out.Unused = append(out.Unused, judgedOf(verdict.Verdict{}, []verdict.Step{u.Step}).By...)
			}
		}
	}
	c := r.Coverage
	if !c.First.IsZero() {
		out.From, out.Until = c.First.UTC().Format(time.RFC3339), c.Last.UTC().Format(time.RFC3339)
	}
	for _, list := range []struct {
		what  string
		names []string
	}{{"nodes", c.Nodes}, {"namespaces", c.Namespaces}, {"workloads", c.Workloads}} {
		if len(list.names) > 0 {
			out.Unseen = append(out.Unseen, fmt.Sprintf("%s of which nothing was seen: %s", list.what, some(list.names)))
		}
	}
	var days []string
	for _, d := range c.Weekdays {
		days = append(days, d.String())
	}
	if len(days) > 0 {
		out.Unseen = append(out.Unseen, "days without any flow: "+strings.Join(days, ", "))
	}
	if c.Lost > 0 {
		out.Unseen = append(out.Unseen, fmt.Sprintf("%d records were lost where they were observed", c.Lost))
	}
}

// some are the first names of a list.
func some(names []string) string {
	if len(names) > 10 {
		return strings.Join(names[:10], ", ") + fmt.Sprintf(" and %d more", len(names)-10)
	}
	return strings.Join(names, ", ")
}
