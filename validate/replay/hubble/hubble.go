// Package hubble reads the flows that Hubble observes: the lines of `hubble observe -o json` and `-o jsonpb`, and of
// Hubble's exporter (api/v1/flow/flow.proto, api/v1/observer/observer.proto).
package hubble

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/policyferry/policyferry/validate/replay/flow"
)

// Parser reads lines. It remembers the ends that it has read, which come again and again and are most of a line. It is
// for one goroutine.
type Parser struct {
	line record
	ends map[string]endpoint
}

// NewParser returns a parser that remembers nothing yet.
func NewParser() *Parser { return &Parser{ends: map[string]endpoint{}} }

// Parse reads one line.
func (p *Parser) Parse(line []byte, f *flow.Flow) (flow.Kind, error) {
	l := &p.line
	l.reset()
	if err := json.Unmarshal(line, l); err != nil {
		return flow.Corrupt, err
	}
	r := &l.fields
	if l.Flow != nil && !l.Flow.empty() {
		if l.Flow.Node == "" {
			l.Flow.Node = l.Node
		}
		if l.Flow.Time.IsZero() {
			l.Flow.Time = l.Time
		}
		r = l.Flow
	}
	f.Node, f.First, f.Last = nodeName(r.Node), r.Time, r.Time
	switch {
	case l.Lost != nil:
		f.Lost = uint64(l.Lost.Number)
		return flow.Lost, nil
	case l.NodeStatus != nil, l.AgentEvent != nil, l.DebugEvent != nil:
		return flow.Event, nil
	case r.empty():
		return flow.Corrupt, errors.New("it is no flow of Hubble: it has neither flow nor verdict")
	}
	return p.flow(r, f)
}

// flow tells what a flow is.
func (p *Parser) flow(r *fields, f *flow.Flow) (flow.Kind, error) {
	decided, err := r.verdict(f)
	if err != nil {
		return flow.Corrupt, err
	}
	if err := r.traffic(f); err != nil {
		return flow.Corrupt, err
	}
	var at ip
	if r.IP != nil {
		at = *r.IP
	}
	from, err := p.end(r, r.From, at.Source, &f.From)
	if err != nil {
		return flow.Corrupt, fmt.Errorf("source: %w", err)
	}
	to, err := p.end(r, r.To, at.Destination, &f.To)
	if err != nil {
		return flow.Corrupt, fmt.Errorf("destination: %w", err)
	}
	f.From.Names, f.To.Names = r.FromNames, r.ToNames
	if a := r.Aggregate; a != nil {
		f.Count = max(a.Ingress, a.Egress, a.Unknown, 1)
	}
	switch {
	case from == identityHealth || to == identityHealth:
		return flow.Own, nil
	case r.answers(f):
		return flow.Reply, nil
	case !decided, f.Protocol == 0:
		return flow.Undecided, nil
	case r.L7 != nil && (f.Verdict == flow.Denied || f.Verdict == flow.Dropped):
		return flow.Refused, nil
	case !r.begins(f):
		return flow.Undirected, nil
	}
	return flow.Connection, nil
}

// verdict reads what happened. It reports whether anything was decided.
func (r *fields) verdict(f *flow.Flow) (bool, error) {
	switch r.Verdict {
	case "FORWARDED", "REDIRECTED", "1", "5":
		f.Verdict = flow.Forwarded
	case "AUDIT", "4":
		f.Verdict = flow.Audited
	case "DROPPED", "2":
		f.Verdict, f.Reason = flow.Dropped, r.reason()
		if f.Reason == "POLICY_DENIED" || f.Reason == "POLICY_DENY" {
			f.Verdict = flow.Denied
		}
	case "", "VERDICT_UNKNOWN", "ERROR", "TRACED", "TRANSLATED", "0", "3", "6", "7":
		return false, nil
	default:
		return false, fmt.Errorf("%q is no verdict of Hubble", r.Verdict)
	}
	switch r.Direction {
	case "EGRESS", "2":
		f.Point = flow.Egress
	case "INGRESS", "1":
		f.Point = flow.Ingress
	}
	return true, nil
}

// reason is why a packet was dropped. The numbers are those of pkg/monitor/api/drop.go.
func (r *fields) reason() string {
	reason := string(r.DropReason)
	if reason == "" {
		reason = string(r.DropNumber)
	}
	switch reason {
	case "133":
		return "POLICY_DENIED"
	case "181":
		return "POLICY_DENY"
	case "", "0", "DROP_REASON_UNKNOWN":
		return "unknown"
	}
	return reason
}

// traffic reads protocol and ports.
func (r *fields) traffic(f *flow.Flow) error {
	l4 := r.L4
	if l4 == nil {
		return nil
	}
	var err error
	ports := func(protocol uint8, p *ports) {
		f.Protocol = protocol
		if f.Port, err = flow.Port(p.Destination); err == nil {
			f.SourcePort, err = flow.Port(p.Source)
		}
	}
	message := func(protocol uint8, m *message) {
		f.Protocol, f.ICMPType, f.ICMPCode = protocol, m.Type, m.Code
	}
	switch {
	case l4.TCP != nil:
		ports(6, l4.TCP)
	case l4.UDP != nil:
		ports(17, l4.UDP)
	case l4.SCTP != nil:
		ports(132, l4.SCTP)
	case l4.ICMPv4 != nil:
		message(1, l4.ICMPv4)
	case l4.ICMPv6 != nil:
		message(58, l4.ICMPv6)
	case l4.VRRP != nil:
		f.Protocol = 112
	case l4.IGMP != nil:
		f.Protocol = 2
	}
	if err == nil && flow.HasPorts(f.Protocol) && f.Port == 0 {
		err = errors.New("l4: the destination port is missing")
	}
	return err
}

// answers reports whether the record is about an answer.
func (r *fields) answers(f *flow.Flow) bool {
	switch {
	case r.IsReply != nil:
		return *r.IsReply || flow.Answer(f.Protocol, f.ICMPType)
	case r.Reply, r.TraceReason == "REPLY", r.TraceReason == "RELATED":
		return true
	case r.L7 != nil && (r.L7.Type == "RESPONSE" || r.L7.Type == "2"):
		return true
	case r.L4 != nil && r.L4.TCP != nil:
		flags := r.L4.TCP.Flags
		return flags.SYN && flags.ACK || flags.RST && f.Verdict != flow.Forwarded
	}
	return flow.Answer(f.Protocol, f.ICMPType)
}

// begins reports whether the record tells that its source began the connection. Hubble knows for what connection
// tracking has seen, and leaves it open for drops (pkg/hubble/parser/threefour/parser.go, decodeIsReply). A dropped
// packet of TCP tells by its flags; of other protocols the one that is dropped is taken to be the first.
func (r *fields) begins(f *flow.Flow) bool {
	switch {
	case r.IsReply != nil:
		return true
	case r.L7 != nil && (r.L7.Type == "REQUEST" || r.L7.Type == "1"):
		return true
	case f.Protocol == 6 && r.L4.TCP.Flags != (flags{}):
		return r.L4.TCP.Flags.SYN
	}
	return f.Verdict == flow.Denied || f.Verdict == flow.Dropped || f.Verdict == flow.Audited
}

// nodeName leaves the cluster out of what Hubble calls a node: cluster/node.
func nodeName(name string) string {
	if _, node, found := strings.Cut(name, "/"); found {
		return node
	}
	return name
}
