package lint

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// Target is a place that policy could go to.
type Target string

// The targets.
const (
	ToCalico Target = "calico"
	ToCilium Target = "cilium"
	// ToKubernetes asks whether the standard APIs, NetworkPolicy and ClusterNetworkPolicy, would say the same.
	ToKubernetes Target = "kubernetes"
)

// Class says what would become of an object or a rule.
type Class string

// The classes, from the best to the worst.
const (
	// Exact: the other place would say the same.
	Exact Class = "exact"
	// NeedsFact: it would, or would not, depending on a fact about the cluster that is not known.
	NeedsFact Class = "needs-fact"
	// Narrows: part of it would be said, and the rest denied.
	Narrows Class = "narrows"
	// CannotLeave: the other place has no word for it.
	CannotLeave Class = "cannot-leave"
)

var classRank = map[Class]int{Exact: 0, NeedsFact: 1, Narrows: 2, CannotLeave: 3}

func worse(a, b Class) Class {
	if classRank[b] > classRank[a] {
		return b
	}
	return a
}

// Leave is what would become of one object in one place.
type Leave struct {
	To    Target
	Class Class
	// Codes are the codes of the findings that stand in the way, Facts the facts that would settle some of them.
	Codes []string
	Facts []cluster.Fact
	// Rules counts the rules of the object by what would become of them.
	Rules map[Class]int
}

// wordless are codes of what a target has no word for, as opposed to what it says in part or otherwise.
var wordless = map[*diag.Code]bool{
	diag.Layer7: true, diag.FQDN: true, diag.SourcePorts: true, diag.ICMPCode: true, diag.Protocol: true,
	diag.ServiceAccountLabels: true, diag.StringOperator: true, diag.HostPolicy: true, diag.CloudGroups: true, diag.TLS: true,
	diag.Authentication: true, diag.NotStandard: true,
}

// classOf is what a finding of a translation means for the object.
func classOf(f diag.Finding) (Class, []cluster.Fact) {
	switch e := f.Effect(); {
	case e == diag.Exact || e == diag.Inert:
		return Exact, nil
	case e == diag.Opens || e == diag.Refused || wordless[f.Code]:
		return CannotLeave, nil
	}
	if facts := factsIn(f); len(facts) > 0 {
		return NeedsFact, facts
	}
	return Narrows, nil
}

// factsIn are the facts that a finding asks for.
func factsIn(f diag.Finding) []cluster.Fact {
	if f.Hint == "" {
		return nil
	}
	var out []cluster.Fact
	for _, fact := range cluster.AllFacts() {
		if strings.Contains(f.Hint, fact.Hint()) || strings.Contains(f.Hint, "spec."+string(fact)+" ") || strings.HasSuffix(f.Hint, "spec."+string(fact)) {
			out = append(out, fact)
		}
	}
	return out
}

// portability answers where every enforced policy could go.
func (l *linter) portability() error {
	l.leaves = map[*source.Document][]Leave{}
	for _, to := range []Target{ToCalico, ToCilium, ToKubernetes} {
		if !slices.Contains(l.opt.PortableTo, to) {
			continue
		}
		score := newScore(to)
		for _, s := range l.sets {
			if to == Target(s.release.CNI) {
				continue
			}
			obstacles, err := l.obstacles(s, to)
			if err != nil {
				return err
			}
			l.judgeLeaving(s, to, obstacles, score)
		}
		l.scores = append(l.scores, *score)
	}
	return nil
}

// obstacles are the findings about going somewhere.
func (l *linter) obstacles(s *set, to Target) ([]diag.Finding, error) {
	if to == ToKubernetes {
		var out []diag.Finding
		for _, p := range s.policies {
			r := &reporter{code: diag.NotStandard}
			notStandard(p, r)
			out = append(out, r.findings...)
		}
		return out, nil
	}
	docs := make([]*source.Document, 0, len(s.policies))
	for _, p := range s.policies {
		docs = append(docs, p.doc)
	}
	opt := translate.Options{
		To: compat.CNI(to), From: s.release.CNI, SourceVersion: s.release.Version.String(), DefaultNamespace: s.namespace,
		Cluster: append(slices.Clone(l.opt.Cluster), l.inventory()...),
	}
	if to == ToCalico {
		opt.TargetVersion = l.opt.CalicoVersion
	} else {
		opt.TargetVersion = l.opt.CiliumVersion
	}
	r, err := translate.Translate(docs, opt)
	if err != nil {
		return nil, err
	}
	return r.Findings, nil
}

// inventory are the documents beside the policies that say something about the cluster.
func (l *linter) inventory() []*source.Document {
	var out []*source.Document
	for _, d := range l.docs {
		if !isPolicy(d.Object) {
			out = append(out, d)
		}
	}
	return out
}

// judgeLeaving sorts the obstacles by object and rule, reports them, and counts.
func (l *linter) judgeLeaving(s *set, to Target, obstacles []diag.Finding, score *Score) {
	byPolicy := map[*policy][]diag.Finding{}
	for _, f := range obstacles {
		class, _ := classOf(f)
		p := s.policyAt(f.Pos)
		if class == Exact || p == nil || f.Code == diag.DuplicateObject {
			continue
		}
		byPolicy[p] = append(byPolicy[p], f)
		if _, told := ofSource[f.Code]; !told || f.Code == diag.Setting {
			f.Hint = strings.ReplaceAll(f.Hint, "--fqdn-cache", "policyferry translate --fqdn-cache")
			l.add(Portability, f)
		}
	}
	for _, p := range s.policies {
		if p.form == notPolicy || strings.HasPrefix(p.doc.Object.Kind, "Staged") || score.counted[p.doc] {
			continue
		}
		score.counted[p.doc] = true
		leave := leaveOf(p, to, byPolicy[p])
		l.leaves[p.doc] = append(l.leaves[p.doc], leave)
		score.count(p, leave)
	}
}

// policyAt is the policy in whose text a position lies.
func (s *set) policyAt(at diag.Position) *policy {
	i, found := slices.BinarySearchFunc(s.policies, at, func(p *policy, at diag.Position) int {
		switch {
		case p.doc.Pos.Before(at):
			return -1
		case at.Before(p.doc.Pos):
			return 1
		}
		return 0
	})
	if !found {
		i--
	}
	if i < 0 || s.policies[i].doc.Pos.File != at.File {
		return nil
	}
	return s.policies[i]
}

// leaveOf sums up the obstacles of one policy. What does not lie in a rule stands in the way of all of them.
func leaveOf(p *policy, to Target, obstacles []diag.Finding) Leave {
	out := Leave{To: to, Class: Exact, Rules: map[Class]int{}}
	var paths []string
	for _, s := range p.sections {
		for _, rule := range s.rules {
			paths = append(paths, rule.path)
		}
	}
	classes := make([]Class, len(paths))
	for i := range classes {
		classes[i] = Exact
	}
	for _, f := range obstacles {
		class, facts := classOf(f)
		out.Class = worse(out.Class, class)
		out.Codes = append(out.Codes, f.Code.ID)
		out.Facts = append(out.Facts, facts...)
		inRule := slices.IndexFunc(paths, func(path string) bool { return source.Within(f.Path, path) && f.Path != "" })
		for i := range classes {
			if inRule < 0 || inRule == i {
				classes[i] = worse(classes[i], class)
			}
		}
	}
	for _, c := range classes {
		out.Rules[c]++
	}
	slices.Sort(out.Codes)
	out.Codes = slices.Compact(out.Codes)
	slices.Sort(out.Facts)
	out.Facts = slices.Compact(out.Facts)
	return out
}
