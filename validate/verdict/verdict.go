// Package verdict defines the question that every judge of policyferry answers: is this connection allowed where it
// leaves its source and where it enters its destination?
//
// The two reference evaluators, verdict/calico and verdict/cilium, are small and obvious on purpose. They work on
// the policies as written and import nothing of the translator, so that a mistake in the translator cannot hide in
// its judge. The engines (validate/engines) answer the same question with the CNIs' own code.
package verdict

import (
	"net/netip"

	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// Action is a verdict at one end of a connection.
type Action string

// The verdicts.
const (
	Allow Action = "allow"
	Deny  Action = "deny"
	// Unknown means that the judge does not implement what the dataplane does; Why says what.
	Unknown Action = "unknown"
	// None means that nothing is policed at that end: it lies outside the cluster, or is a node without host policy.
	None Action = "none"
)

// Endpoint is one end of a connection: exactly one of the fields is set.
type Endpoint struct {
	// Pod is "namespace/name".
	Pod string
	// Node is the name of a node; it means a process in the node's host network.
	Node string
	// Addr is any other address.
	Addr netip.Addr
}

// String returns the form that fixtures and the engine protocol use: namespace/pod, node:name or an address.
func (e Endpoint) String() string {
	switch {
	case e.Pod != "":
		return e.Pod
	case e.Node != "":
		return "node:" + e.Node
	case e.Addr.IsValid():
		return e.Addr.String()
	}
	return "-"
}

// Connection is the first packet of a connection, after any service translation.
type Connection struct {
	From, To Endpoint
	// Protocol is the IP protocol number.
	Protocol uint8
	// Port is the destination port and SourcePort the source port, for protocols that have ports.
	Port, SourcePort uint16
	// ICMPType and ICMPCode are used with protocols 1 and 58.
	ICMPType, ICMPCode uint8
	// IPVersion is 4 or 6, or 0 for the family that both ends have (IPv4 first).
	IPVersion int
}

// Verdict is the answer for one connection.
type Verdict struct {
	Egress, Ingress Action
	// EgressBy and IngressBy name the policies that decided ("Kind namespace/name"), sorted; empty when a default did.
	EgressBy, IngressBy []string
	// Why explains an Unknown.
	Why string
	// EgressWhen and IngressWhen say what passes at an end that is Unknown because a proxy looks inside the connection;
	// nil if that is not known either.
	EgressWhen, IngressWhen *condition.Condition
}

// Allowed reports whether neither end denies. It is meaningless when either end is Unknown.
func (v Verdict) Allowed() bool { return v.Egress != Deny && v.Ingress != Deny }

// Told reports whether it is known what passes at either end, if perhaps only in part.
func (v Verdict) Told() bool {
	return (v.Egress != Unknown || v.EgressWhen != nil) && (v.Ingress != Unknown || v.IngressWhen != nil)
}

// Explained is the verdict of a judge that does not look inside connections, such as an engine, with the conditions of
// one that does: where both say that they do not know.
func (v Verdict) Explained(by Verdict) Verdict {
	if v.Egress == Unknown {
		v.EgressWhen = by.EgressWhen
	}
	if v.Ingress == Unknown {
		v.IngressWhen = by.IngressWhen
	}
	return v
}

// Judge answers for one policy set in one cluster.
type Judge interface {
	Judge(Connection) (Verdict, error)
}
