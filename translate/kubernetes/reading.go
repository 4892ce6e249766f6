// Package kubernetes lowers the standard policy kinds into the model: NetworkPolicy, ClusterNetworkPolicy and its
// predecessors AdminNetworkPolicy and BaselineAdminNetworkPolicy.
//
// The same object means different things under the two CNIs: an ipBlock covers pods and nodes in Calico and only the
// world outside in Cilium. The CNI whose set is read decides, so every function here takes a Reading.
package kubernetes

import (
	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// Reading is how one CNI understands the standard kinds.
type Reading struct {
	CNI compat.CNI
	// Addresses says who may be behind a set of addresses under this CNI. Path is the field that names them.
	Addresses func(doc *source.Document, path string, set cidr.Set, d model.Direction, action model.Action) ([]model.Peer, []Doubtful)
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

func (r *reader) origin(path string) model.Origin {
	return model.Origin{Object: r.doc.Object, Pos: r.doc.Position(path), Path: path}
}
