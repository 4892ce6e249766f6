// Package lint says what is wrong with policy as it stands: what nothing enforces, what says other than it seems, and
// what could not leave for another CNI.
//
// It judges each CNI's set by that CNI's own ways. A repository may hold both sets; they are kept apart, and the
// standard policies of Kubernetes count for the CNI that reads them. Whether an object is enforced is the judgement of
// validate/schema, what it means is read by the same code that translates it, and what could leave is what a
// translation says; the rules in this package are only those that no translation needs.
//
// Findings have the position of the field, and depend on nothing but the documents and the options: not on the order
// of the files, nor on how many cores took part.
package lint

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/translate/source"
)

// Options says how a repository is to be judged. The zero value is a good one.
type Options struct {
	// CNI is the one that reads the standard policies. Empty means: the one whose policies stand beside them or whose
	// version the cluster facts tell, and both if that does not settle it.
	CNI compat.CNI
	// PortableTo are the places that policies should be able to go to; none means that it is not asked.
	PortableTo []Target
	// CalicoVersion and CiliumVersion are releases such as 3.31. Empty means the cluster facts' version, else the
	// newest release that is known.
	CalicoVersion, CiliumVersion string
	// Cluster are documents that describe the cluster and are not themselves judged.
	Cluster []*source.Document
	// DefaultNamespace stands in for namespaces that objects leave out; empty means "default".
	DefaultNamespace string
	// Reading is what was found while the documents were read.
	Reading diag.List
	// Remarks are the comments in the documents; those that say ignore suppress findings.
	Remarks []source.Remark
	// Texts are the texts of the files by name. Without them findings have no fixes.
	Texts map[string][]byte
}

// Topic is what a finding is about.
type Topic string

// The topics.
const (
	// Reading: the text, before it is policy.
	Reading Topic = "reading"
	// Enforcement: whether the API server takes the object and the CNI enforces it.
	Enforcement Topic = "enforcement"
	// Meaning: an object that is enforced and says other than it seems.
	Meaning Topic = "meaning"
	// Portability: whether another CNI could say the same.
	Portability Topic = "portability"
)

// Finding is a finding and what it weighs here: what a translation may pass over in silence can be a fault of the
// policy, and the other way round.
type Finding struct {
	diag.Finding
	Severity diag.Severity
	Topic    Topic
	// Fix is the way out as a change of the text, or nil.
	Fix *Fix
	// Doc is the object that the finding is about; nil if there is none.
	Doc *source.Document
	// by is the CNI whose reading of a standard policy this is, where several read it.
	by compat.CNI
}

// Result is what lint has to say about a repository.
type Result struct {
	// Findings in the order of files and lines.
	Findings []Finding
	// Suppressed are the findings that a comment in the text takes away, in the same order.
	Suppressed []Suppressed
	// Objects are the policies, in the same order.
	Objects []Object
	// Portability is the score for each place that was asked about, in the order of Targets.
	Portability []Score
	// Releases are those that the sets were judged by.
	Releases []compat.Release
	// Sets are the policies that one CNI enforces together, of each CNI.
	Sets []PolicySet
}

// PolicySet is all that is given of the policy of one CNI.
type PolicySet struct {
	Release   compat.Release
	Documents []*source.Document
}

// Object is one policy object.
type Object struct {
	Doc    *source.Document
	Object diag.Object
	Pos    diag.Position
	// Rules is the number of its ingress and egress rules.
	Rules int
	// Leaves says for each place that was asked about what would become of it there.
	Leaves []Leave
}

// Run judges the documents. The error is a *translate.UsageError; everything about the documents is a finding.
func Run(docs []*source.Document, opt Options) (*Result, error) {
	facts, problems := cluster.Load(append(canonical(docs), opt.Cluster...))
	l := &linter{opt: opt, facts: facts, docs: canonical(docs), unstated: map[string]bool{}}
	if l.opt.DefaultNamespace == "" {
		l.opt.DefaultNamespace = "default"
	}
	if err := l.sortIntoSets(); err != nil {
		return nil, err
	}
	l.reading(opt.Reading)
	l.clusterProblems(problems)
	l.foreignKinds()
	l.duplicates()
	for _, s := range l.sets {
		l.enforced(s)
	}
	// Reading a set is one thing after the other, so the sets are read side by side.
	read := parallel.Map(len(l.sets), func(i int) *diag.List { return l.sets[i].read() })
	for i, s := range l.sets {
		l.lowered(s, read[i])
		l.rules(s)
	}
	if err := l.portability(); err != nil {
		return nil, err
	}
	return l.result(), nil
}

// linter is the state of one call.
type linter struct {
	opt   Options
	facts *cluster.Facts
	docs  []*source.Document
	sets  []*set
	// shared says that the standard policies are in several sets.
	shared bool
	// unstated are the files with a namespaced policy that names no namespace.
	unstated map[string]bool
	found    []Finding
	leaves   map[*source.Document][]Leave
	scores   []Score
}

func (l *linter) add(topic Topic, findings ...diag.Finding) {
	for _, f := range findings {
		l.found = append(l.found, Finding{Finding: f, Topic: topic, Severity: severityOf(f)})
	}
}

// addOf adds findings about the policies of a set.
func (l *linter) addOf(s *set, topic Topic, findings ...diag.Finding) {
	before := len(l.found)
	l.add(topic, findings...)
	for i := range l.found[before:] {
		if f := &l.found[before+i]; l.shared && ownerOf(f.Object) == "" {
			f.by = s.release.CNI
		}
	}
}
