package main

import (
	"time"

	"github.com/policyferry/policyferry/validate/replay"
	"github.com/policyferry/policyferry/validate/replay/flow"
)

// replayDocument is what replay --format json writes; docs/replay.md describes it. Fields are added, never renamed.
type replayDocument struct {
	Version     string                `json:"version"`
	Before      replaySide            `json:"before"`
	After       *replaySide           `json:"after,omitempty"`
	Flows       []flowsDocument       `json:"flows"`
	Totals      map[string]uint64     `json:"totals"`
	Connections []connectionsDocument `json:"connections"`
	Omitted     int                   `json:"omitted"`
	Records     map[string]uint64     `json:"records"`
	Corrupt     []corruptDocument     `json:"corrupt"`
	EchoAssumed uint64                `json:"echoAssumed"`
	StandIns    uint64                `json:"standIns"`
	Coverage    coverageDocument      `json:"coverage"`
}

type replaySide struct {
	comparisonSide
	// Disagrees counts connections that fared otherwise than the set says.
	Disagrees uint64         `json:"disagrees"`
	Rules     int            `json:"rules"`
	Unused    []ruleDocument `json:"unused"`
}

type ruleDocument struct {
	Policy string `json:"policy"`
	Path   string `json:"path"`
	Where  string `json:"where"`
	What   string `json:"what"`
}

type flowsDocument struct {
	Path   string `json:"path"`
	Format string `json:"format"`
}

type connectionsDocument struct {
	Kind    string           `json:"kind"`
	From    partyDocument    `json:"from"`
	To      partyDocument    `json:"to"`
	Traffic string           `json:"traffic"`
	Seen    string           `json:"seen"`
	Count   uint64           `json:"count"`
	First   *time.Time       `json:"first,omitempty"`
	Last    *time.Time       `json:"last,omitempty"`
	Witness *witnessDocument `json:"witness,omitempty"`
	Before  *judgedDocument  `json:"before,omitempty"`
	After   *judgedDocument  `json:"after,omitempty"`
	Why     string           `json:"why,omitempty"`
}

type partyDocument struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

type corruptDocument struct {
	Where string `json:"where"`
	Error string `json:"error"`
	Text  string `json:"text"`
}

type coverageDocument struct {
	First      *time.Time `json:"first,omitempty"`
	Last       *time.Time `json:"last,omitempty"`
	Weekdays   []string   `json:"weekdaysNotSeen"`
	Hours      []int      `json:"hoursNotSeen"`
	Nodes      []string   `json:"nodesNotSeen"`
	Namespaces []string   `json:"namespacesNotSeen"`
	Workloads  []string   `json:"workloadsNotSeen"`
	Lost       uint64     `json:"lost"`
}

func (o *replayOutput) document(r *replay.Result) replayDocument {
	out := replayDocument{
		Version: version(), Before: *o.side(0, r.Before), Flows: []flowsDocument{}, Totals: map[string]uint64{},
		Connections: []connectionsDocument{}, Records: map[string]uint64{}, Corrupt: []corruptDocument{},
		EchoAssumed: r.Untyped, StandIns: r.StandIns, Coverage: newCoverage(r.Coverage),
	}
	if r.After != nil {
		out.After = o.side(1, r.After)
	}
	for _, in := range r.Inputs {
		out.Flows = append(out.Flows, flowsDocument{in.Name, string(in.Format)})
	}
	for _, kind := range replay.Kinds() {
		out.Totals[string(kind)] = r.Totals[kind]
	}
	for _, kind := range flow.Kinds() {
		out.Records[kind.String()] = r.Records[kind]
	}
	for _, c := range r.Corrupt {
		out.Corrupt = append(out.Corrupt, corruptDocument(c))
	}
	shown := map[replay.Kind]int{}
	for _, c := range r.Connections {
		if shown[c.Kind]++; o.flags.max > 0 && shown[c.Kind] > o.flags.max {
			out.Omitted++
			continue
		}
		out.Connections = append(out.Connections, newConnections(c))
	}
	return out
}

func (o *replayOutput) side(i int, s *replay.Side) *replaySide {
	set := o.sets[i]
	out := &replaySide{
		comparisonSide: comparisonSide{
			Path: set.path, CNI: string(o.judges[i].CNI), Objects: len(set.Documents), NotRead: set.foreign(), NotEnforced: []rejectionDocument{}, Lacking: set.lacking(),
		},
		Disagrees: s.Disagrees, Rules: len(s.Rules), Unused: []ruleDocument{},
	}
	for _, r := range o.judges[i].Rejected() {
		out.NotEnforced = append(out.NotEnforced, rejectionDocument{r.Object, r.Reason})
	}
	for _, r := range s.Unused() {
		out.Unused = append(out.Unused, ruleDocument{r.Policy, r.Path, r.Where, r.What})
	}
	return out
}

func newConnections(c replay.Connections) connectionsDocument {
	out := connectionsDocument{
		Kind: string(c.Kind), From: newParty(c.From), To: newParty(c.To), Traffic: c.Traffic, Seen: string(c.Seen), Count: c.Count,
		First: told(c.First), Last: told(c.Last), Before: replayed(c.Before), After: replayed(c.After), Why: c.Why,
	}
	if c.Witness != nil {
		w := newWitness(*c.Witness)
		out.Witness = &w
	}
	return out
}

func newParty(p replay.Party) partyDocument {
	return partyDocument{string(p.Kind), p.Namespace, p.Name}
}

func replayed(j *replay.Judged) *judgedDocument {
	if j == nil {
		return nil
	}
	d := newJudged(j.Verdict, j.By)
	return &d
}

// told is a time, or nothing if the logs tell none.
func told(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func newCoverage(c replay.Coverage) coverageDocument {
	out := coverageDocument{
		First: told(c.First), Last: told(c.Last), Weekdays: []string{}, Hours: orEmpty(c.Hours), Nodes: orEmpty(c.Nodes),
		Namespaces: orEmpty(c.Namespaces), Workloads: orEmpty(c.Workloads), Lost: c.Lost,
	}
	for _, d := range c.Weekdays {
		out.Weekdays = append(out.Weekdays, d.String())
	}
	return out
}

// orEmpty makes a list of nothing an empty list.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
