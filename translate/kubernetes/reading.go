// Package kubernetes lowers the standard policy kinds into the model: NetworkPolicy, ClusterNetworkPolicy and its
// predecessors AdminNetworkPolicy and BaselineAdminNetworkPolicy.
//
// The same object means different things under the two CNIs: an ipBlock covers pods and nodes in Calico and only the
// world outside in Cilium. The CNI whose set is read decides, so every function here takes a Reading.
package kubernetes

import (
	"net/netip"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// Reading is how one CNI understands the standard kinds.
type Reading struct {
	CNI compat.CNI
	// Addresses says who may be behind a set of addresses under this CNI. Path is the field that names them.
	Addresses func(doc *source.Document, path string, set cidr.Set, d model.Direction, action model.Action) ([]model.Peer, []Doubtful)
	// WholeFamilies says the same of what exceptions leave of 0.0.0.0/0 or ::/0; nil where they are prefixes like others.
	WholeFamilies func(doc *source.Document, path string, set cidr.Set) ([]model.Peer, []Doubtful)
	// Namespaces says whom a selector of namespaces alone means in the kinds for administrators; nil where it means the
	// pods there and nobody else. Path is the field that holds it.
	Namespaces func(doc *source.Document, path string, s *metav1.LabelSelector, d model.Direction, action model.Action) ([]model.Peer, []Doubtful)
	// OnlyExcluding says whom a selector of pods in all namespaces matches that asks for no label to be present; nil
	// where it matches those pods and nobody else. Confined says that the CNI may add the local cluster to it.
	OnlyExcluding func(doc *source.Document, path string, pods selector.Selector, confined bool) model.Peer
	// FirstPortOnly says that the end of a port range is not read.
	FirstPortOnly bool
	// DeafToSCTPPorts says whether an entry with a port of SCTP matches nothing; nil for never.
	DeafToSCTPPorts func() bool
}

// Doubtful is a peer that a set of addresses may include besides.
type Doubtful = model.DoubtfulPeer

// reader lowers one document.
type reader struct {
	doc     *source.Document
	env     *env.Env
	reading Reading
	ns      string
}

// remark reports something that is carried as the CNI reads it.
func (r *reader) remark(code *diag.Code, path, hint, format string, args ...any) {
	f := code.At(r.doc.Position(path), r.doc.Object, path, format, args...)
	f.Hint, f.Override = hint, diag.Exact
	r.env.Findings.Add(f)
}

func (r *reader) origin(path string) model.Origin {
	return model.Origin{Object: r.doc.Object, Pos: r.doc.Position(path), Path: path}
}

// addresses says who is behind what exceptions leave of a prefix.
func (r *reader) addresses(path, prefix string, set cidr.Set, d model.Direction, action model.Action) ([]model.Peer, []Doubtful) {
	if p, err := netip.ParsePrefix(prefix); err == nil && p.Bits() == 0 && r.reading.WholeFamilies != nil {
		return r.reading.WholeFamilies(r.doc, path, set)
	}
	return r.reading.Addresses(r.doc, path, set, d, action)
}
