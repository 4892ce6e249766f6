// Package flow is what observed traffic is, whoever observed it: the one form into which the readers of Hubble's and
// Calico's flow logs bring their records.
package flow

import (
	"net/netip"
	"time"
)

// Kind says what became of a record. Every record that is read has exactly one.
type Kind uint8

// The kinds of records.
const (
	// Corrupt is a record that is not of its format. The reader's error says why.
	Corrupt Kind = iota
	// Connection is a record of a connection as it was begun, with a verdict.
	Connection
	// Reply is a record of an answer, which no policy judges.
	Reply
	// Undirected is a record that does not tell which end began.
	Undirected
	// Refused is a request that a proxy refused inside a connection that was let through.
	Refused
	// Undecided is a record without verdict, such as of a trace point or of address translation.
	Undecided
	// Own is the CNI's own traffic, such as health checks.
	Own
	// Service is a record from before the address of a Service became that of a backend; the backend has one of its own.
	Service
	// Lost tells that records were lost where they were observed.
	Lost
	// Event is no flow: the state of a node, a message of an agent, the header of a table.
	Event
	// Blank is an empty line.
	Blank
	// Excess is a connection that there was no room for.
	Excess
	kinds
)

// Kinds are all kinds.
func Kinds() []Kind {
	out := make([]Kind, kinds)
	for i := range out {
		out[i] = Kind(i)
	}
	return out
}

// String is the name of the kind in reports.
func (k Kind) String() string {
	return [...]string{"corrupt", "connection", "reply", "undirected", "refused", "undecided", "own", "service", "lost",
		"event", "blank", "excess"}[k]
}

// Verdict is what was seen to happen to a connection.
type Verdict uint8

// The verdicts.
const (
	// Forwarded: it was let through.
	Forwarded Verdict = iota
	// Audited: policy denies it, and it was let through because policy only audits.
	Audited
	// Denied: policy dropped it.
	Denied
	// Dropped: it was dropped for another reason than policy.
	Dropped
)

// Point is the end of a connection at which it was seen.
type Point uint8

// The points.
const (
	// Anywhere: the record does not say.
	Anywhere Point = iota
	Egress
	Ingress
)

// Flow is one record.
type Flow struct {
	From, To End
	// Protocol is the IP protocol number, Port and SourcePort are 0 where they are not known.
	Protocol           uint8
	Port, SourcePort   uint16
	ICMPType, ICMPCode uint8
	// Untyped says that the log does not tell the type of an ICMP message.
	Untyped bool
	Verdict Verdict
	// Reason is why it was dropped, in the words of the log.
	Reason string
	Point  Point
	// Node is where it was seen.
	Node string
	// First and Last are when; zero where it is not known.
	First, Last time.Time
	// Count is the number of connections that the record stands for. 0 says that it is about one packet, and that
	// other records may be about the same connection.
	Count uint64
	// Lost is the number of records that were lost.
	Lost uint64
}

// Role is what an end is, as far as the log tells.
type Role uint8

// The roles.
const (
	// Unknown: only the address tells.
	Unknown Role = iota
	Pod
	// Host is the node where the flow was seen, Node another one or one that is named.
	Host
	Node
	// World is an address outside the cluster.
	World
	APIServer
	// IngressProxy is Cilium's own.
	IngressProxy
	// Set is a Calico network set, by name.
	Set
	// Public and Private are addresses that a log does not tell, outside or inside the ranges of RFC 1918.
	Public
	Private
	// Remote is something in another cluster of a mesh.
	Remote
)

// End is one end of a flow.
type End struct {
	Role Role
	// Namespace and Name are those of a pod or a set. Name may also be a node's.
	Namespace, Name string
	// Prefix is what the names of the pods have in common that the record stands for, instead of Name.
	Prefix string
	// Workload is the workload that owns the pod.
	Workload string
	// Account is the service account.
	Account string
	// Labels are those of the pod as key=value; a log may leave some out.
	Labels []string
	Addr   netip.Addr
	// Names are the DNS names of the address, as far as the log tells.
	Names []string
}
