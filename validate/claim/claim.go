// Package claim holds a translation to what its findings say of it: the source set and the output set are compared over
// every connection of the cluster, and a difference that no finding announces is a fault of policyferry.
package claim

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/fqdn"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/world"
)

// Claim is a translation and what it was made of.
type Claim struct {
	// Policies are the source set, Cluster the objects that were given beside it.
	Policies, Cluster []*source.Document
	// Namespace stands in for one that a policy leaves out; empty means "default".
	Namespace string
	// Names are what Cilium has learned about DNS names; nil for nothing.
	Names  *fqdn.Cache
	Result *translate.Result
	// Options of the comparison; of none, one difference is explained.
	Options equiv.Options
}

// Outcome is what the comparison found.
type Outcome struct {
	*equiv.Result
	// Synthetic says that the cluster was made of what the policies name.
	Synthetic bool
	// Narrowed says that a finding narrows, whether or not a connection of the cluster shows it.
	Narrowed bool
	// Fault is a difference that no finding announces, or nil.
	Fault *diag.Finding
	// Left and Right are the source set and the output set, World the cluster in which they were compared.
	Left, Right *equiv.Side
	World       *world.World
}

// Check compares the source set with the output set. The error says why they cannot be compared.
func (c *Claim) Check() (*Outcome, error) {
	policies := c.inNamespace()
	output, problems := source.ReadBytes("output", c.output(), source.Options{})
	if len(c.Result.Outputs) > 0 && problems.Len() > 0 {
		return nil, fmt.Errorf("the output cannot be read back: %s", problems.All()[0].Message)
	}
	// What cannot be used of the facts, the translation has reported.
	w, _, err := world.Of(c.Cluster, policies, output)
	if err != nil {
		return nil, err
	}
	if c.Names != nil {
		if policies, err = c.learned(policies, w); err != nil {
			return nil, err
		}
	}
	left, err := side(c.Result.Source, policies, w)
	if err != nil {
		return nil, err
	}
	right, err := side(c.Result.Target, output, w)
	if err != nil {
		return nil, err
	}
	options := c.Options
	options.Explain = max(1, options.Explain)
	result, err := equiv.Compare(left, right, w.Facts, options)
	if err != nil {
		return nil, err
	}
	narrows := slices.ContainsFunc(c.Result.Findings, func(f diag.Finding) bool { return f.Effect() == diag.Narrows })
	return &Outcome{Result: result, Synthetic: w.Synthetic, Narrowed: narrows, Fault: c.fault(result, left.CNI, right.CNI),
		Left: left, Right: right, World: w}, nil
}

func side(r compat.Release, docs []*source.Document, w *world.World) (*equiv.Side, error) {
	s, err := equiv.NewSide(equiv.Set{CNI: r.CNI, Version: r.Version.String(), Documents: docs}, w.Facts, w.Objects)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	return s, nil
}

// inNamespace are the policies with the namespace that stands in for a missing one. The judges read it as default.
func (c *Claim) inNamespace() []*source.Document {
	if c.Namespace == "" {
		return c.Policies
	}
	out := slices.Clone(c.Policies)
	for i, doc := range out {
		if doc.Object.Namespace == "" {
			out[i] = doc.InNamespace(c.Namespace)
		}
	}
	return out
}

func (c *Claim) output() []byte {
	var texts [][]byte
	for _, o := range c.Result.Outputs {
		texts = append(texts, o.JSON)
	}
	return bytes.Join(texts, []byte("\n---\n"))
}

// fault is the gravest difference that the findings do not announce: one that opens although no finding does, or
// one that closes although none narrows. What is refused and accepted may do either.
func (c *Claim) fault(r *equiv.Result, from, to compat.CNI) *diag.Finding {
	announced := map[equiv.Kind]bool{equiv.Unjudged: true}
	for _, f := range c.Result.Findings {
		switch f.Effect() {
		case diag.Narrows:
			announced[equiv.Closes] = true
		case diag.Opens:
			announced[equiv.Opens], announced[equiv.Closes] = true, true
		case diag.Refused:
			announced[equiv.Opens], announced[equiv.Closes] = true, true
		}
	}
	i := slices.IndexFunc(r.Differences, func(d equiv.Difference) bool { return !announced[d.Kind] })
	if i < 0 {
		return nil
	}
	d := r.Differences[i]
	verbs := map[equiv.Kind][2]string{equiv.Opens: {"denies", "allows"}, equiv.Closes: {"allows", "denies"}}[d.Kind]
	example := ""
	if d.Example != "" {
		example = ", such as " + d.Example
	}
	f := diag.VerifyFailed.At(diag.Position{}, diag.Object{}, "", "%s%s: the source %s it (%s%s), the output %s it (%s%s), and no finding says so",
		d.Witness, example, verbs[0], from, by(d.LeftBy), verbs[1], to, by(d.RightBy))
	f = f.WithHint("please report it with the input; nothing is written")
	return &f
}

// by names the rules that decided.
func by(steps []verdict.Step) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteString(", ")
		if s.Policy != "" {
			b.WriteString(s.Policy + " ")
		}
		if s.Path != "" {
			b.WriteString(s.Path + " ")
		}
		b.WriteString(s.What)
	}
	return b.String()
}

// String says in one line how the comparison ended.
func (o *Outcome) String() string {
	unknown := slices.IndexFunc(o.Differences, func(d equiv.Difference) bool { return d.Kind == equiv.Unjudged })
	var text string
	switch o.Answer {
	case equiv.Equivalent:
		text = fmt.Sprintf("equivalent over %d connections judged", o.Size.Judged)
		if o.Narrowed {
			text += "; what the findings narrow shows in none of them"
		}
	case equiv.Less:
		text = "allows less, as the findings say"
	case equiv.More:
		text = "allows more, as the findings say"
	case equiv.Incomparable:
		text = "allows more and less, as the findings say"
	case equiv.Unknown:
		d := o.Differences[unknown]
		text = fmt.Sprintf("not every verdict is known (%s: %s)", d.Witness, why(d))
		return text + o.where()
	}
	if unknown >= 0 {
		text += "; not every verdict is known"
	}
	return text + o.where()
}

func (o *Outcome) where() string {
	if o.Synthetic {
		return "; in a cluster made of what the policies name, since none is given"
	}
	return ""
}

func why(d equiv.Difference) string {
	for _, text := range []string{d.Left.Why, d.Right.Why} {
		switch text {
		case "":
		case "l7":
			return "a proxy decides by what is inside the connection"
		case "authentication":
			return "whether the ends authenticate each other decides"
		default:
			return text
		}
	}
	return "a judge cannot tell"
}
