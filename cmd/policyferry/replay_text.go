package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/replay"
	"github.com/policyferry/policyferry/validate/replay/flow"
)

// replayOutput prints what replay found.
type replayOutput struct {
	cmd    *cobra.Command
	flags  *replayFlags
	sets   []*givenSet
	judges []*equiv.Side
}

var replaySides = []string{"before", "after"}

// print writes the answer and decides the exit code.
func (o *replayOutput) print(r *replay.Result) error {
	w := o.cmd.OutOrStdout()
	if o.flags.format == "json" {
		if err := writeJSON(w, o.document(r)); err != nil {
			return err
		}
	} else {
		o.text(w, r)
	}
	if r.Records[flow.Connection]+r.Records[flow.Excess] == 0 {
		return usage("see what the records are instead; --flow-format says how to read them", "the flow logs tell of no connection, so nothing was judged")
	}
	if code := o.flags.code(r); code != ExitClean {
		return &exit{code: code}
	}
	return nil
}

func (o *replayOutput) text(w io.Writer, r *replay.Result) {
	paint := painter(w)
	for i, s := range o.judges {
		fmt.Fprintf(w, "%-6s %s: %s for %s\n", replaySides[i], o.sets[i].path, plural(len(o.sets[i].Documents), "object"), s.CNI)
		if n := o.sets[i].foreign(); n > 0 {
			fmt.Fprintf(w, "       not read: %s of the other CNI\n", plural(n, "object"))
		}
		if kinds := o.sets[i].lacking(); len(kinds) > 0 {
			fmt.Fprintf(w, "       not in the snapshot, and so not judged: %s\n", strings.Join(kinds, ", "))
		}
		for _, rejected := range s.Rejected() {
			fmt.Fprintf(w, "       not enforced: %s: %s\n", rejected.Object, rejected.Reason)
		}
	}
	for _, in := range r.Inputs {
		fmt.Fprintf(w, "flows  %s: %s\n", in.Name, in.Format)
	}
	fmt.Fprintln(w, paint.bold(o.answer(r)))
	o.connections(w, paint, r)
	fmt.Fprintln(w)
	o.records(w, r)
	o.coverage(w, r.Coverage)
	o.unused(w, r)
}

// answer is what was found, in a line.
func (o *replayOutput) answer(r *replay.Result) string {
	judge := "the policies"
	if r.After != nil {
		judge = "the policies of after"
	}
	total := uint64(0)
	for _, n := range r.Totals {
		total += n
	}
	parts := []string{fmt.Sprintf("of %s %s treat %d as seen", many(total, "connection"), judge, r.Totals[replay.Same])}
	for _, p := range []struct {
		kind replay.Kind
		text string
	}{
		{replay.WouldDrop, "would drop %d that were let through"},
		{replay.WouldForward, "would let %d through that policy dropped"},
		{replay.Unjudged, "%d cannot be judged"},
		{replay.Apart, "%d are not for policy to decide"},
	} {
		if n := r.Totals[p.kind]; n > 0 {
			parts = append(parts, fmt.Sprintf(p.text, n))
		}
	}
	if r.After != nil && r.Before.Disagrees > 0 {
		parts = append(parts, fmt.Sprintf("the policies of before do not explain %d", r.Before.Disagrees))
	}
	return strings.Join(parts, "; ")
}

// many is a count with its noun.
func many(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (o *replayOutput) connections(w io.Writer, paint paint, r *replay.Result) {
	shown, hidden := map[replay.Kind]int{}, map[replay.Kind]int{}
	for _, c := range r.Connections {
		if c.Kind == replay.Same {
			continue
		}
		if shown[c.Kind]++; o.flags.max > 0 && shown[c.Kind] > o.flags.max {
			hidden[c.Kind]++
			continue
		}
		o.connection(w, paint, c)
	}
	for _, kind := range []replay.Kind{replay.WouldDrop, replay.WouldForward, replay.Unjudged, replay.Apart} {
		if n := hidden[kind]; n > 0 {
			fmt.Fprintf(w, "\n%s (%s) not shown; --max 0 shows all\n", plurals(n, "more entry", "more entries"), replayKinds[kind])
		}
	}
}

var replayKinds = map[replay.Kind]string{
	replay.WouldDrop: "let through → denied", replay.WouldForward: "denied → let through", replay.Unjudged: "not judged", replay.Apart: "not for policy",
}

func (o *replayOutput) connection(w io.Writer, paint paint, c replay.Connections) {
	colours := map[replay.Kind]color.Attribute{
		replay.WouldDrop: color.FgYellow, replay.WouldForward: color.FgRed, replay.Unjudged: color.FgCyan, replay.Apart: color.FgBlue,
	}
	fmt.Fprintf(w, "\n%s: %s → %s %s\n", paint.with(replayKinds[c.Kind], colours[c.Kind]), c.From, c.To, c.Traffic)
	fmt.Fprintf(w, "    %s %s%s", many(c.Count, "connection"), c.Seen, when(c.First, c.Last))
	if c.Witness != nil {
		fmt.Fprintf(w, ", such as %s", c.Witness)
	}
	fmt.Fprintln(w)
	if c.Why != "" {
		fmt.Fprintf(w, "    %s\n", c.Why)
	}
	if c.Kind != replay.WouldDrop && c.Kind != replay.WouldForward {
		return
	}
	for i, judged := range []*replay.Judged{c.Before, c.After} {
		if judged == nil {
			continue
		}
		fmt.Fprintf(w, "    %-6s %s\n", replaySides[i], verdictText(judged.Verdict))
		for _, s := range judged.By {
			fmt.Fprintf(w, "           %s\n", stepText(s))
		}
	}
}

// when is the time of connections.
func when(first, last time.Time) string {
	const layout = "2006-01-02 15:04"
	switch {
	case first.IsZero():
		return ""
	case last.Sub(first) < time.Minute:
		return " at " + first.Format(layout)
	}
	return " between " + first.Format(layout) + " and " + last.Format(layout)
}

// recordTexts say what became of records, by kind.
var recordTexts = map[flow.Kind]string{
	flow.Connection: "of connections", flow.Reply: "of answers", flow.Undirected: "that do not tell which end began",
	flow.Refused: "of requests that a proxy refused", flow.Undecided: "without verdict", flow.Own: "of the CNI's own traffic",
	flow.Service: "from before a Service's address was translated", flow.Lost: "of lost records", flow.Event: "that are no flows",
	flow.Blank: "blank", flow.Corrupt: "that cannot be read", flow.Excess: "beyond --limit, not judged",
}

// records tells what became of every record.
func (o *replayOutput) records(w io.Writer, r *replay.Result) {
	var parts []string
	for _, kind := range []flow.Kind{flow.Connection, flow.Reply, flow.Undirected, flow.Refused, flow.Undecided, flow.Own, flow.Service,
		flow.Lost, flow.Event, flow.Blank, flow.Excess, flow.Corrupt} {
		if n := r.Records[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, recordTexts[kind]))
		}
	}
	fmt.Fprintf(w, "read %s: %s\n", many(r.Read(), "record"), strings.Join(parts, ", "))
	for _, c := range r.Corrupt {
		fmt.Fprintf(w, "    cannot be read: %s: %s: %s\n", c.Where, c.Error, c.Text)
	}
	if n := r.Records[flow.Corrupt]; n > uint64(len(r.Corrupt)) {
		fmt.Fprintf(w, "    and %d more\n", n-uint64(len(r.Corrupt)))
	}
	if r.Untyped > 0 {
		fmt.Fprintf(w, "taken for echo requests: %s of ICMP whose type the logs do not tell\n", many(r.Untyped, "message"))
	}
	if r.StandIns > 0 {
		fmt.Fprintf(w, "judged by pods like them, or by their labels: %s of pods that are gone\n", many(r.StandIns, "connection"))
	}
}

// coverage tells what the window did not show.
func (o *replayOutput) coverage(w io.Writer, c replay.Coverage) {
	if !c.First.IsZero() {
		fmt.Fprintf(w, "seen%s UTC, which is %s\n", when(c.First, c.Last), length(c.Last.Sub(c.First)))
	}
	var days, hours []string
	for _, d := range c.Weekdays {
		days = append(days, d.String())
	}
	for _, h := range c.Hours {
		hours = append(hours, fmt.Sprintf("%02d", h))
	}
	for _, missing := range []struct {
		what string
		list []string
	}{
		{"on", days}, {"at hours", hours}, {"on nodes", c.Nodes}, {"in namespaces", c.Namespaces}, {"of workloads", c.Workloads},
	} {
		if len(missing.list) > 0 {
			fmt.Fprintf(w, "nothing seen %s %s\n", missing.what, shortened(missing.list, max(o.flags.max, 24)))
		}
	}
	if c.Lost > 0 {
		fmt.Fprintf(w, "%s lost where they were observed\n", many(c.Lost, "record"))
	}
}

// length is how long something took, in units that people think in.
func length(d time.Duration) string {
	minutes := int(d.Round(time.Minute).Minutes())
	var parts []string
	for _, unit := range []struct {
		minutes int
		name    string
	}{{24 * 60, "day"}, {60, "hour"}, {1, "minute"}} {
		if n := minutes / unit.minutes; n > 0 {
			parts = append(parts, plural(n, unit.name))
			minutes %= unit.minutes
		}
	}
	if len(parts) == 0 {
		return "a moment"
	}
	return strings.Join(parts[:min(len(parts), 2)], " ")
}

// unused lists the rules that nothing used.
func (o *replayOutput) unused(w io.Writer, r *replay.Result) {
	for i, s := range []*replay.Side{r.Before, r.After} {
		if s == nil || len(s.Rules) == 0 {
			continue
		}
		rules := s.Unused()
		fmt.Fprintf(w, "%d of %d rules of %s were used by no connection\n", len(rules), len(s.Rules), replaySides[i])
		for n, rule := range rules {
			if o.flags.max > 0 && n == o.flags.max {
				fmt.Fprintf(w, "    and %d more; --max 0 shows all\n", len(rules)-n)
				break
			}
			fmt.Fprintf(w, "    %s %s %s at %s\n", rule.Policy, rule.Path, rule.What, rule.Where)
		}
	}
}
