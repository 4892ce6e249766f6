package hubble

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/policyferry/policyferry/validate/replay/flow"
)

// record is a line: a flow by itself, as `-o json` writes it, or what a response holds, as `-o jsonpb` and the exporter
// do. What is not read here has no say.
type record struct {
	fields
	Flow       *fields         `json:"flow"`
	Lost       *lostEvents     `json:"lost_events"`
	NodeStatus json.RawMessage `json:"node_status"`
	AgentEvent json.RawMessage `json:"agent_event"`
	DebugEvent json.RawMessage `json:"debug_event"`
}

// fields are those of a flow.
type fields struct {
	Time        time.Time       `json:"time"`
	Node        string          `json:"node_name"`
	Verdict     name            `json:"verdict"`
	DropReason  name            `json:"drop_reason_desc"`
	DropNumber  name            `json:"drop_reason"`
	IP          *ip             `json:"IP"`
	L4          *l4             `json:"l4"`
	From        json.RawMessage `json:"source"`
	To          json.RawMessage `json:"destination"`
	FromNames   []string        `json:"source_names"`
	ToNames     []string        `json:"destination_names"`
	L7          *l7             `json:"l7"`
	Reply       bool            `json:"reply"`
	IsReply     *bool           `json:"is_reply"`
	Direction   name            `json:"traffic_direction"`
	TraceReason name            `json:"trace_reason"`
	Aggregate   *aggregate      `json:"aggregate"`
}

// aggregate counts the flows that one record stands for, where Hubble aggregates them (since 1.20).
type aggregate struct {
	Ingress uint64 `json:"ingress_flow_count"`
	Egress  uint64 `json:"egress_flow_count"`
	Unknown uint64 `json:"unknown_direction_flow_count"`
}

// reset makes a record ready for the next line. The room for its ends is used again.
func (l *record) reset() {
	inner := l.Flow
	if inner == nil {
		inner = &fields{}
	}
	*inner = fields{From: inner.From[:0], To: inner.To[:0]}
	*l = record{fields: fields{From: l.From[:0], To: l.To[:0]}, Flow: inner}
}

// empty reports whether there is nothing of a flow.
func (r *fields) empty() bool {
	return r.Verdict == "" && r.IP == nil && r.L4 == nil && len(r.From) == 0 && len(r.To) == 0
}

type lostEvents struct {
	Number count `json:"num_events_lost"`
}

type ip struct {
	Source      string `json:"source"`
	Destination string `json:"destination"`
}

type l4 struct {
	TCP    *ports    `json:"TCP"`
	UDP    *ports    `json:"UDP"`
	SCTP   *ports    `json:"SCTP"`
	ICMPv4 *message  `json:"ICMPv4"`
	ICMPv6 *message  `json:"ICMPv6"`
	VRRP   *struct{} `json:"VRRP"`
	IGMP   *struct{} `json:"IGMP"`
}

type ports struct {
	Source      int64 `json:"source_port"`
	Destination int64 `json:"destination_port"`
	Flags       flags `json:"flags"`
}

type flags struct {
	SYN bool `json:"SYN"`
	ACK bool `json:"ACK"`
	RST bool `json:"RST"`
	FIN bool `json:"FIN"`
	PSH bool `json:"PSH"`
}

type message struct {
	Type uint8 `json:"type"`
	Code uint8 `json:"code"`
}

type l7 struct {
	Type name `json:"type"`
}

type endpoint struct {
	Identity  uint32   `json:"identity"`
	Cluster   string   `json:"cluster_name"`
	Namespace string   `json:"namespace"`
	Labels    []string `json:"labels"`
	Pod       string   `json:"pod_name"`
	Workloads []struct {
		Name string `json:"name"`
	} `json:"workloads"`
	end flow.End
}

// name is an enumerated value: its name, or its number where the line was not written by protobuf's own encoder.
type name string

func (n *name) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] != '"' {
		if string(text) == "null" {
			return nil
		}
		if _, err := strconv.ParseInt(string(text), 10, 32); err != nil {
			return err
		}
		*n = name(text)
		return nil
	}
	return json.Unmarshal(text, (*string)(n))
}

// count is a number of 64 bits, which protobuf writes as a string.
type count uint64

func (c *count) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseUint(strings.Trim(string(text), `"`), 10, 64)
	*c = count(n)
	return err
}
