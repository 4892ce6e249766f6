package translate

import (
	"fmt"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/fqdn"
	"github.com/policyferry/policyferry/translate/source"
)

// Options says what is to be translated into what. Only To is required.
type Options struct {
	// To is the CNI that the output is for.
	To compat.CNI
	// From is the CNI that the input is for; empty means that the kinds in the input tell.
	From compat.CNI
	// SourceVersion and TargetVersion are releases such as 3.31 or 1.20.1. Empty means the cluster facts' version, or
	// else the release whose code this build links.
	SourceVersion, TargetVersion string
	// Cluster are documents that describe the cluster and are not themselves translated, even where they are policy.
	Cluster []*source.Document
	// Accept holds the IDs of codes of which findings that open are accepted.
	Accept []string
	// FQDNCache is what Cilium has learned about DNS names. On the way to Calico the addresses of names are frozen as
	// they stand there; without it names are not carried.
	FQDNCache *fqdn.Cache
	// DefaultNamespace stands in for namespaces that objects leave out; empty means "default".
	DefaultNamespace string
	// Enforced says why the source CNI would not enforce a document as it stands. Nil means that it is not asked.
	Enforced func(doc *source.Document, release compat.Release, facts *cluster.Facts) []Problem
	// Accepts says why the target would not accept an object of the output, given as JSON. Nil means that it is not
	// asked; a caller that writes the output should ask (law 3).
	Accepts func(object []byte, release compat.Release, facts *cluster.Facts) []Problem
}

// Problem is a reason for which an object is not accepted.
type Problem struct {
	// Path is the field, such as spec.ingress[0].source.nets[1].
	Path    string
	Message string
	// Code is UnknownField or WrongValue for what an API server would not store as it stands, and NotEnforced for
	// what is stored and then rejected by the CNI.
	Code *diag.Code
	// Hint is the way out where one is known, or empty.
	Hint string
}

// UsageError is a mistake in what was asked for, as opposed to in what was given.
type UsageError struct{ Message, Hint string }

// Error returns the message.
func (e *UsageError) Error() string { return e.Message }

// release settles a version: the option, else the fact, else the newest.
func release(cni compat.CNI, option, fact string) (compat.Release, error) {
	text := option
	if text == "" {
		text = fact
	}
	if text == "" {
		return compat.Newest(cni), nil
	}
	v, err := compat.ParseVersion(text)
	if err != nil {
		return compat.Release{}, &UsageError{Message: err.Error(), Hint: "give major and minor, such as " + compat.Newest(cni).Version.String()}
	}
	r := compat.Release{CNI: cni, Version: v}
	if oldest := compat.Oldest(cni); !v.AtLeast(oldest.Version.Major, oldest.Version.Minor) {
		return compat.Release{}, &UsageError{Message: fmt.Sprintf("%s is older than what is known of it, so its verdicts cannot be told", r),
			Hint: fmt.Sprintf("the oldest release that is known is %s", oldest)}
	}
	return r, nil
}

func factVersion(cni compat.CNI, f *cluster.Facts) string {
	if cni == compat.Calico {
		return f.Calico.Version
	}
	return f.Cilium.Version
}

// sourceCNI finds out for which CNI the set was written.
func sourceCNI(opt Options, docs []*source.Document) (compat.CNI, error) {
	if opt.To != compat.Calico && opt.To != compat.Cilium {
		return "", &UsageError{Message: fmt.Sprintf("unknown target %q", opt.To), Hint: "say calico or cilium"}
	}
	if opt.From != "" {
		if opt.From == opt.To {
			return "", &UsageError{Message: fmt.Sprintf("source and target are both %s", opt.To), Hint: "leave --from out, or name the other CNI"}
		}
		return opt.From, nil
	}
	for _, d := range docs {
		if cni, ok := roleOf(d).belongsTo(); ok && cni == opt.To {
			return "", &UsageError{
				Message: fmt.Sprintf("%s: %s already is policy of %s, the target", d.Pos, d.Object, opt.To),
				Hint:    fmt.Sprintf("give the policies of one cluster, or say --from %s to pass such objects over", opt.To.Other()),
			}
		}
	}
	return opt.To.Other(), nil
}

// worst is the gravest effect in a list of findings, for one object.
func worst(effects []diag.Effect) diag.Effect {
	rank := map[diag.Effect]int{diag.Exact: 0, diag.Inert: 1, diag.Narrows: 2, diag.Opens: 3, diag.Refused: 4}
	out := diag.Exact
	for _, e := range effects {
		if rank[e] > rank[out] {
			out = e
		}
	}
	return out
}
