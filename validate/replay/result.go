package replay

import (
	"slices"
	"time"

	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/verdict"
)

// Kind says how what was seen compares with what the policies say.
type Kind string

// The kinds, those that matter most first.
const (
	// WouldDrop: it was let through, and the policies deny it.
	WouldDrop Kind = "would-drop"
	// WouldForward: policy dropped it, and the policies allow it.
	WouldForward Kind = "would-forward"
	// Unjudged: nobody can say what the policies do with it.
	Unjudged Kind = "unjudged"
	// Apart: policy has no part in it: it was dropped for another reason, or a dataplane decides whatever policy says.
	Apart Kind = "apart"
	// Same: the policies do what was seen.
	Same Kind = "same"
)

// kinds in their order.
var kinds = []Kind{WouldDrop, WouldForward, Unjudged, Apart, Same}

// Kinds are all kinds, those that matter most first.
func Kinds() []Kind { return slices.Clone(kinds) }

// Connections are connections between two parties that fared alike and that the policies treat alike.
type Connections struct {
	Kind     Kind
	From, To Party
	// Witness is one of them, if it could be placed.
	Witness *verdict.Connection
	// Traffic is protocol and port.
	Traffic string
	Seen    Seen
	// Count is how many were seen; First and Last are when, if the logs tell.
	Count       uint64
	First, Last time.Time
	// Before and After are what the policies say; nil where nothing was judged, or no such policies are given.
	Before, After *Judged
	// Why says why they are unjudged or apart.
	Why string
}

// Seen is what was seen to happen.
type Seen string

// What can be seen.
const (
	Forwarded Seen = "forwarded"
	// Audited: forwarded although policy denies it, since policy only audits.
	Audited Seen = "audited"
	// Denied: dropped by policy.
	Denied Seen = "denied"
	// Dropped: dropped for another reason.
	Dropped Seen = "dropped"
)

// Judged is a verdict and the steps that brought it about.
type Judged struct {
	Verdict verdict.Verdict
	// Whole is the verdict on the connection, from both ends.
	Whole verdict.Action
	By    []verdict.Step
}

// Side is what a policy set says to all connections.
type Side struct {
	// Disagrees counts connections that fared otherwise than this set says.
	Disagrees uint64
	// Rules are all rules, with how many of the connections they matched.
	Rules []RuleUse
}

// RuleUse is how often a rule was used.
type RuleUse struct {
	verdict.Step
	Connections uint64
}

// Unused are the rules that matched no connection.
func (s *Side) Unused() []RuleUse {
	var out []RuleUse
	for _, r := range s.Rules {
		if r.Connections == 0 {
			out = append(out, r)
		}
	}
	return out
}

// Corrupt is a record that could not be read.
type Corrupt struct {
	Where, Error, Text string
}

// Read is an input that was read.
type Read struct {
	Name   string
	Format Format
}

// Result is what a replay found.
type Result struct {
	Inputs []Read
	// Records counts every record that was read, by what it was.
	Records map[flow.Kind]uint64
	// Corrupt are the first records that could not be read.
	Corrupt []Corrupt
	// Connections are sorted by how much they matter: by kind, then by their number.
	Connections []Connections
	// Totals counts connections by kind.
	Totals map[Kind]uint64
	// Before and After are the sets; After is nil if there is one set only.
	Before, After *Side
	// Untyped counts messages of ICMP whose type the log does not tell; they are taken for echo requests.
	Untyped uint64
	// StandIns counts connections of pods that are gone, for which pods like them stand in.
	StandIns uint64
	Coverage Coverage
}

// Read is the number of all records.
func (r *Result) Read() uint64 {
	n := uint64(0)
	for _, count := range r.Records {
		n += count
	}
	return n
}
