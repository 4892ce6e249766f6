package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/world"
)

// verifyOutput prints what verify found.
type verifyOutput struct {
	cmd   *cobra.Command
	flags *verifyFlags
	world *world.World
	sets  [2]*givenSet
	sides [2]*equiv.Side
}

var sideNames = [2]string{"left", "right"}

// print writes the answer and decides the exit code.
func (o *verifyOutput) print(r *equiv.Result) error {
	w := o.cmd.OutOrStdout()
	if o.flags.format == "json" {
		if err := writeJSON(w, o.document(r)); err != nil {
			return err
		}
	} else {
		o.text(w, r)
	}
	if code := o.flags.verdictCode(r); code != ExitClean {
		return &exit{code: code}
	}
	return nil
}

var answerTexts = map[equiv.Answer]string{
	equiv.Equivalent:   "equivalent: both sets give every connection the same verdict",
	equiv.Less:         "less: the right set denies what the left one allows, and opens nothing",
	equiv.More:         "more: the right set allows what the left one denies, and closes nothing",
	equiv.Incomparable: "incomparable: the right set allows what the left one denies, and denies what the left one allows",
	equiv.Unknown:      "unknown: no difference is found, but not every verdict is known",
}

func (o *verifyOutput) text(w io.Writer, r *equiv.Result) {
	paint := painter(w)
	o.inputs(w)
	fmt.Fprintln(w, paint.bold(answerTexts[r.Answer]))
	for i, d := range r.Differences {
		if o.flags.max > 0 && i == o.flags.max {
			fmt.Fprintf(w, "\n%s not shown; --max 0 shows all\n", plural(len(r.Differences)-i, "more difference"))
			break
		}
		o.difference(w, paint, d)
	}
	fmt.Fprintln(w)
	for _, why := range r.Beside {
		fmt.Fprintf(w, "not compared: %s, whatever the policies say\n", why)
	}
	if n := len(r.Apart); n > 0 {
		fmt.Fprintf(w, "not compared: %s\n", shortened(r.Apart, 3))
	}
	fmt.Fprintf(w, "compared %s in %s, %s and %s of addresses outside; %d connections judged on each side\n",
		plural(r.Size.Pods, "pod"), plurals(r.Size.Classes, "class", "classes"), plural(r.Size.Nodes, "node"), plural(r.Size.Atoms, "range"), r.Size.Judged)
	if o.world.Synthetic {
		fmt.Fprintln(w, "the cluster is made of what the policies name, since none is given: it proves nothing for another (--cluster)")
	}
}

// inputs says what is compared, and what of it is not enforced.
func (o *verifyOutput) inputs(w io.Writer) {
	for i, s := range o.sides {
		fmt.Fprintf(w, "%-5s %s: %s for %s\n", sideNames[i], o.sets[i].path, plural(len(o.sets[i].Documents), "object"), s.CNI)
		if n := o.sets[i].foreign(); n > 0 {
			fmt.Fprintf(w, "      not read: %s of the other CNI\n", plural(n, "object"))
		}
		if kinds := o.sets[i].lacking(); len(kinds) > 0 {
			fmt.Fprintf(w, "      not in the snapshot, and so not compared: %s\n", strings.Join(kinds, ", "))
		}
		for _, rejected := range s.Rejected() {
			fmt.Fprintf(w, "      not enforced: %s: %s\n", rejected.Object, rejected.Reason)
		}
	}
}

var kindTexts = map[equiv.Kind]string{equiv.Opens: "deny → allow", equiv.Closes: "allow → deny", equiv.Unjudged: "not known"}

func (o *verifyOutput) difference(w io.Writer, paint paint, d equiv.Difference) {
	colours := map[equiv.Kind]color.Attribute{equiv.Opens: color.FgRed, equiv.Closes: color.FgYellow, equiv.Unjudged: color.FgCyan}
	example := ""
	if d.Example != "" {
		example = ", such as " + d.Example
	}
	fmt.Fprintf(w, "\n%s: %s%s\n", paint.with(kindTexts[d.Kind], colours[d.Kind]), d.Witness, example)
	fmt.Fprintf(w, "    one of %s between %s\n", connections(d.Connections), plurals(d.Pairs, "pair of ends", "pairs of ends"))
	for i, side := range []struct {
		v  verdict.Verdict
		by []verdict.Step
	}{{d.Left, d.LeftBy}, {d.Right, d.RightBy}} {
		fmt.Fprintf(w, "    %-5s %s\n", sideNames[i], verdictText(side.v))
		for _, s := range side.by {
			fmt.Fprintf(w, "          %s\n", stepText(s))
		}
	}
}

// verdictText is the verdict on a connection as a whole, with that of its ends.
func verdictText(v verdict.Verdict) string {
	switch {
	case v.Egress == verdict.Deny && v.Ingress == verdict.Deny:
		return "denies it at both ends"
	case v.Egress == verdict.Deny:
		return "denies it where it leaves its source"
	case v.Ingress == verdict.Deny:
		return "denies it where it enters its destination"
	case !v.Told():
		return "does not tell: " + whyText(v.Why)
	case v.Egress == verdict.Unknown && v.Ingress == verdict.Unknown:
		return fmt.Sprintf("allows only %s where it leaves its source, and only %s where it enters its destination", v.EgressWhen, v.IngressWhen)
	case v.Egress == verdict.Unknown:
		return fmt.Sprintf("allows only %s", v.EgressWhen)
	case v.Ingress == verdict.Unknown:
		return fmt.Sprintf("allows only %s", v.IngressWhen)
	}
	return "allows it"
}

// whyText says why a verdict is not known.
func whyText(why string) string {
	switch why {
	case "l7":
		return "a proxy decides by what is inside the connection (L7)"
	case "authentication", "authentication required":
		return "whether the ends authenticate each other decides"
	}
	return why
}

// stepText is one step of a trace on one line.
func stepText(s verdict.Step) string {
	end := "egress"
	if s.Ingress {
		end = "ingress"
	}
	parts := []string{end + ":"}
	if s.Policy != "" {
		parts = append(parts, s.Policy)
	}
	if s.Path != "" {
		parts = append(parts, s.Path)
	}
	parts = append(parts, s.What)
	if s.Where != "" {
		parts = append(parts, "at "+s.Where)
	}
	return strings.Join(parts, " ")
}

// connections writes a count in words that people can compare.
func connections(n float64) string {
	n = math.Round(n)
	switch {
	case n == 1:
		return "1 connection"
	case n < 1e7:
		return fmt.Sprintf("%.0f connections", n)
	}
	return fmt.Sprintf("about %.1e connections", n)
}

func plurals(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// shortened lists the first of many.
func shortened(list []string, most int) string {
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

// why traces one connection through both sets.
func (o *verifyOutput) why() error {
	w := o.cmd.OutOrStdout()
	c, err := verdict.ParseConnection(o.flags.why)
	if err != nil {
		return usage("see policyferry verify --help", "--why: %v", err)
	}
	for _, s := range o.sides {
		if _, err := s.Judge.Judge(c); err != nil {
			return usage("ends are namespace/pod, node:name or an address", "%s: %v", c, err)
		}
	}
	fmt.Fprintln(w, c)
	var whole [2]verdict.Verdict
	for i, s := range o.sides {
		fmt.Fprintf(w, "\n%s %s (%s)\n", sideNames[i], o.sets[i].path, s.CNI)
		if whole[i], err = trace(w, s, c); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "\n%s → %s", wholeText(whole[0]), wholeText(whole[1]))
	code := ExitClean
	for _, c := range equiv.Contrast(whole[0], whole[1]) {
		if c.Example != "" {
			fmt.Fprintf(w, "; %s: %s", kindTexts[c.Kind], c.Example)
		}
		switch {
		case c.Kind == equiv.Unjudged:
			code = ExitUnknown
		case c.Kind == equiv.Opens || o.flags.allow != "less":
			code = ExitFindings
		}
	}
	fmt.Fprintln(w)
	if code != ExitClean {
		return &exit{code: code}
	}
	return nil
}

// wholeText is the verdict on a connection in a word or two.
func wholeText(v verdict.Verdict) string {
	if whole := wholeOf(v); whole != verdict.Unknown || !v.Told() {
		return string(whole)
	}
	return "in part"
}

// trace prints how a verdict comes about.
func trace(w io.Writer, s *equiv.Side, c verdict.Connection) (verdict.Verdict, error) {
	v, err := s.Judge.Judge(c)
	if err != nil {
		return v, usage("ends are namespace/pod, node:name or an address", "%s: %v", c, err)
	}
	steps, err := s.Judge.Trace(c)
	if err != nil {
		return v, usage("ends are namespace/pod, node:name or an address", "%s: %v", c, err)
	}
	printSteps(w, steps)
	fmt.Fprintf(w, "  = %s\n", verdictText(v))
	return v, nil
}

// printSteps marks the steps that decide.
func printSteps(w io.Writer, steps []verdict.Step) {
	for _, step := range steps {
		mark := " "
		if step.Decides {
			mark = "*"
		}
		fmt.Fprintf(w, "  %s %s\n", mark, stepText(step))
	}
}

func wholeOf(v verdict.Verdict) verdict.Action {
	switch {
	case !v.Allowed():
		return verdict.Deny
	case v.Egress == verdict.Unknown || v.Ingress == verdict.Unknown:
		return verdict.Unknown
	}
	return verdict.Allow
}
