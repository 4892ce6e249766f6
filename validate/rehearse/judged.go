package rehearse

// Difference stands for all connections that differ in the same way by the same policies.
type Difference struct {
	// Kind is opens, closes or unknown.
	Kind    string  `json:"kind"`
	Witness Witness `json:"witness"`
	// Pairs counts pairs of ends, Connections pairs of addresses with a protocol and a port.
	Pairs       int     `json:"pairs"`
	Connections float64 `json:"connections"`
	Before      Judged  `json:"before"`
	After       Judged  `json:"after"`
}

// Witness is one connection; Text is how --why and eval take it.
type Witness struct {
	Text     string `json:"text"`
	From     string `json:"from"`
	To       string `json:"to"`
	Traffic  string `json:"traffic"`
	Protocol uint8  `json:"protocol"`
	Port     uint16 `json:"port,omitempty"`
	// Example is what differs of the connection, such as an HTTP request, where a proxy looks inside; empty where the
	// whole connection does.
	Example string `json:"example,omitempty"`
}

// String is the connection, with what it may carry.
func (w Witness) String() string {
	if w.Example == "" {
		return w.Text
	}
	return w.Text + ", such as " + w.Example
}

// Judged is a verdict on a connection, and the rules that decided.
type Judged struct {
	Egress  string `json:"egress"`
	Ingress string `json:"ingress"`
	Why     string `json:"why,omitempty"`
	// EgressWhen and IngressWhen say what passes at an end that is unknown because a proxy looks inside.
	EgressWhen  *Condition  `json:"egressWhen,omitempty"`
	IngressWhen *Condition  `json:"ingressWhen,omitempty"`
	By          []JudgeStep `json:"by"`
}

// Condition is what a proxy lets pass.
type Condition struct {
	// About is what it looks at, such as HTTP requests; AnyOf are the alternatives.
	About string   `json:"about"`
	AnyOf []string `json:"anyOf"`
}

// JudgeStep is one rule, or a default.
type JudgeStep struct {
	End    string `json:"end"`
	Policy string `json:"policy,omitempty"`
	Path   string `json:"path,omitempty"`
	Where  string `json:"where,omitempty"`
	What   string `json:"what"`
	// At is the line of the rule in the policies side by side, or the first of the policy if it is about no rule; nil for
	// a default, and for what only the round trip has.
	At *Place `json:"at,omitempty"`
}

// Compared is the extent of a comparison.
type Compared struct {
	Pods    int   `json:"pods"`
	Classes int   `json:"classes"`
	Nodes   int   `json:"nodes"`
	Ranges  int   `json:"ranges"`
	Judged  int64 `json:"judged"`
}

// RoundTrip is what comes back when the output is translated to the source's CNI again.
type RoundTrip struct {
	// Answer is equivalent, less, more, incomparable or unknown, of what comes back beside the source.
	Answer      string       `json:"answer"`
	Summary     Summary      `json:"summary"`
	Differences []Difference `json:"differences"`
	Omitted     int          `json:"omitted"`
}

// Matrix says who reaches whom, before and after, by workload.
type Matrix struct {
	// Ends are the rows and columns.
	Ends []MatrixEnd `json:"ends"`
	// Reaches are the distinct contents of cells.
	Reaches []Reach `json:"reaches"`
	// Rows has a text for each end as the source: for the ends as destinations, in order, the index of the reach, with
	// *N after it for N cells in a row that have the same: "0*3,2,0*8".
	Rows []string `json:"rows"`
	// By is workload, or namespace if there are too many workloads.
	By string `json:"by"`
}

// MatrixEnd is a group of pods, the nodes, or all addresses outside of the cluster.
type MatrixEnd struct {
	// Kind is pods, nodes or outside.
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	// Members counts pods or nodes, and ranges of addresses outside.
	Members int `json:"members"`
}

// Reach is what is allowed between two ends.
type Reach struct {
	// Before and After are all, none, or a list such as "tcp/80, udp/53; in part: tcp/8080; unknown: tcp/22", in part
	// where a proxy lets only something pass; of ends with several members it is what any of them may.
	Before string `json:"before"`
	After  string `json:"after"`
	// Change is same, opens, closes, both or unknown.
	Change string `json:"change"`
	// Differences are indexes into those of the estate.
	Differences []int `json:"differences"`
}

// Replay sums up how observed connections fare.
type Replay struct {
	// Files were read; Records counts what they hold, by what it is.
	Files   []string          `json:"files"`
	Records map[string]uint64 `json:"records"`
	// From and Until are the times of the first and of the last flow, if the logs tell.
	From  string `json:"from,omitempty"`
	Until string `json:"until,omitempty"`
	// Totals counts connections: would-drop, would-forward, unjudged, apart (policy has no part in it), same.
	Totals map[string]uint64 `json:"totals"`
	// Flows are those that are not the same, the gravest first; Omitted counts what there was no room for.
	Flows   []ReplayFlow `json:"flows"`
	Omitted int          `json:"omitted"`
	// Unused are rules of the source that no connection used.
	Unused []JudgeStep `json:"unused"`
	// Unseen says what the window of observation does not show.
	Unseen []string `json:"unseen"`
}

// ReplayFlow stands for connections between two parties that fared alike.
type ReplayFlow struct {
	// Kind is would-drop (it was let through, and the target drops it), would-forward (policy dropped it, and the target
	// lets it through) or unjudged.
	Kind    string `json:"kind"`
	From    string `json:"from"`
	To      string `json:"to"`
	Traffic string `json:"traffic"`
	Seen    string `json:"seen"`
	Count   uint64 `json:"count"`
	Why     string `json:"why,omitempty"`
	// Witness is one of them as --why and eval take it, if it could be placed.
	Witness string  `json:"witness,omitempty"`
	Before  *Judged `json:"before,omitempty"`
	After   *Judged `json:"after,omitempty"`
}
