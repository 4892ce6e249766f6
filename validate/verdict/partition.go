package verdict

import (
	"net/netip"

	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// Partitioner is a Judge that says what it can tell apart. Whoever asks about all connections of a cluster (package
// equiv) then judges one of each kind: ends, addresses and ports that the judge cannot tell apart get one verdict.
//
// What a judge tells apart may be finer than its verdicts, never coarser. That it is not coarser is tested by judging
// every connection of small clusters.
type Partitioner interface {
	Judge
	// JudgeEnd is Judge for one end only: where the connection leaves its source or, with ingress, enters its
	// destination.
	JudgeEnd(c Connection, ingress bool) (End, error)
	// Ranges are all address ranges that the policies, sets and settings name. Addresses of nobody in the cluster
	// that lie in the same of them are the same to the judge.
	Ranges() []netip.Prefix
	// Protocols are the protocol numbers that policies name.
	Protocols() []uint8
	// NodeKey is equal for nodes that are the same to the judge, their addresses aside. Labels whose key is not in play
	// may be left out.
	NodeKey(node string, inPlay func(label string) bool) string
	// Polices reports whether policy can say anything about a node's own traffic.
	Polices(node string) bool
	// Beside says why the dataplane decides a connection whatever the policies say, or is empty.
	Beside(c Connection) string
	// Divide prepares to tell the given peers apart.
	Divide(peers []Peer) Divider
	// Trace tells, step by step, how a connection is judged.
	Trace(c Connection) ([]Step, error)
}

// Recogniser is a Partitioner of which it can be told whether another one of its kind decides alike at an end, so that
// whoever judges many sets that have most in common judges each end once for all of them.
type Recogniser interface {
	Partitioner
	// Governed lists what decides at one end, as values that can be compared. Judges of one CNI that were made with the
	// same facts give the same verdicts there, whoever is at the other end and whatever the traffic, and their dividers
	// say the same of the end, if their lists are equal. Lists may differ where verdicts do not, never the other way
	// round.
	Governed(end Endpoint, ingress bool) []any
}

// Peer is a pod or an address outside the cluster, as seen at the other end of a connection, by one of its addresses.
type Peer struct {
	Endpoint Endpoint
	Addr     netip.Addr
}

// End is the verdict at one end of a connection.
type End struct {
	Action Action
	// By names the policies that decided.
	By []string
	// Why explains an Unknown.
	Why string
	// When says what passes where the action is Unknown because a proxy looks inside the connection, or is nil.
	When *condition.Condition
}

// Divider says what matters at one end of connections.
type Divider interface {
	// Governs lists what can matter where connections between the end and the peers of its address family leave it
	// or, with ingress, enter it.
	Governs(end Peer, ingress bool) Governing
}

// Governing is what can matter at one end.
type Governing struct {
	// Splits divide the peers.
	Splits []*Split
	// Cuts divide the traffic.
	Cuts Cuts
}

// Split divides peers: into the groups, and one more of those that are in none. Peers are given by their index, in
// ascending order.
type Split struct {
	Groups [][]int32
}

// Step is one step on the way to a verdict.
type Step struct {
	// Ingress tells the end: where the connection enters its destination, or else where it leaves its source.
	Ingress bool
	// Policy is "Kind namespace/name"; empty for a default.
	Policy string
	// Path is the field of the rule in its object, such as spec.ingress[0], and Where its file:line:column.
	Path, Where string
	// What happened there.
	What string
	// Decides says that the verdict fell here.
	Decides bool
}
