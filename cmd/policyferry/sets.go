package main

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/engines"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/world"
)

// setFlags are the flags of commands that judge sets in a cluster.
type setFlags struct {
	cluster []string
}

func (f *setFlags) register(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.cluster, "cluster", nil, "file or directory of cluster facts: kubectl get -o yaml output, ClusterFacts; may be repeated")
}

func (f *setFlags) check() error {
	if slices.Contains(f.cluster, "-") {
		return usage("write the facts to a file and name it", "--cluster does not read standard input, which is for policies")
	}
	return nil
}

// setReader reads sets and the cluster in which they are judged.
type setReader struct {
	cmd   *cobra.Command
	flags *setFlags
	// sayCNI are the flags that say which CNI is meant.
	sayCNI   string
	problems diag.List
}

// givenSet is a set and where it was given.
type givenSet struct {
	equiv.Set
	path string
	err  error
}

func (r *setReader) read(path, cni, version string) *givenSet {
	read, problems := source.Read([]string{path}, r.cmd.InOrStdin(), source.Options{Slim: true})
	r.problems.Append(problems)
	g := &givenSet{path: path, Set: equiv.Set{CNI: compat.CNI(cni), Version: version, Documents: read.Documents}}
	if cni == "" {
		var both bool
		if g.CNI, both = equiv.CNIOf(read.Documents); both {
			g.err = usage("say which of them is meant with "+r.sayCNI, "%s holds policies of Calico and of Cilium", path)
		}
	}
	return g
}

// world reads the cluster or, without one, makes it of the sets.
func (r *setReader) world(sets ...*givenSet) (*world.World, error) {
	read, problems := source.Read(r.flags.cluster, nil, source.Options{Slim: true})
	r.problems.Append(problems)
	if unreadable(r.problems) {
		printFindings(r.cmd.ErrOrStderr(), r.problems.Sorted())
		return nil, &exit{ExitUsage, "the input cannot be read, so nothing is judged", ""}
	}
	var docs [][]*source.Document
	for _, s := range sets {
		if s.err != nil {
			return nil, s.err
		}
		if s.CNI == "" {
			return nil, usage("say which with "+r.sayCNI, "%s does not tell which CNI it is for", s.path)
		}
		docs = append(docs, s.Documents)
	}
	w, findings, err := world.Of(read.Documents, docs...)
	if err != nil {
		return nil, &exit{ExitUsage, "no cluster can be made for the policies: " + err.Error(), "give one with --cluster"}
	}
	if unreadable(findings) {
		printFindings(r.cmd.ErrOrStderr(), findings.Sorted())
		return nil, &exit{ExitUsage, "the cluster facts cannot be used, so nothing is judged", ""}
	}
	return w, nil
}

// bothSides makes both judges at the same time.
func bothSides(w *world.World, left, right *givenSet) (a, b *equiv.Side, err error) {
	type made struct {
		side *equiv.Side
		err  error
	}
	sets := []*givenSet{left, right}
	both := parallel.Map(2, func(i int) made {
		s, err := side(w, sets[i])
		return made{s, err}
	})
	return both[0].side, both[1].side, cmp.Or(both[0].err, both[1].err)
}

// side makes the judge of a set, of a release that is known.
func side(w *world.World, g *givenSet) (*equiv.Side, error) {
	if g.Version != "" {
		oldest := compat.Oldest(g.CNI)
		v, err := compat.ParseVersion(g.Version)
		if err != nil {
			return nil, usage("write it like 3.31 or 1.20.1", "%v", err)
		}
		if !v.AtLeast(oldest.Version.Major, oldest.Version.Minor) {
			return nil, usage("the oldest release that is known is "+oldest.String(), "%s is older than what is known of it, so its verdicts cannot be told",
				compat.Release{CNI: g.CNI, Version: v})
		}
	}
	s, err := equiv.NewSide(g.Set, w.Facts, w.Objects)
	if err != nil {
		return nil, &exit{ExitUsage, g.path + " cannot be judged: " + err.Error(), ""}
	}
	return s, nil
}

// engineFor asks the engine of a side's CNI.
func engineFor(s *equiv.Side, w *world.World) (equiv.Oracle, error) {
	e, err := engines.Find(s.CNI, "")
	if errors.Is(err, engines.ErrNotFound) {
		return nil, &exit{ExitUsage, err.Error(), "leave --engines out to ask policyferry's own evaluators"}
	}
	if err != nil {
		return nil, err
	}
	policies, err := text(s.Documents)
	if err != nil {
		return nil, err
	}
	objects, err := text(w.Objects)
	if err != nil {
		return nil, err
	}
	return func(asked []verdict.Connection) ([]verdict.Verdict, error) {
		answers, _, err := e.Verdicts(policies, objects, asked)
		return answers, err
	}, nil
}

// foreign counts the policies of the other CNI, which the set's own does not read.
func (g *givenSet) foreign() int {
	n := 0
	for _, doc := range g.Documents {
		if cni, _ := equiv.CNIOf([]*source.Document{doc}); cni != "" && cni != g.CNI {
			n++
		}
	}
	return n
}

// lacking says which kinds of policy the snapshot lacks from which the set comes.
func (g *givenSet) lacking() []string { return translate.Lacking(g.Documents, g.CNI) }

// text writes documents as JSON, which is YAML too.
func text(docs []*source.Document) ([]byte, error) {
	var b bytes.Buffer
	for _, d := range docs {
		content, err := d.JSON()
		if err != nil {
			return nil, err
		}
		b.WriteString("---\n")
		b.Write(content)
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}
