package rehearse

import (
	"github.com/policyferry/policyferry/translate/diag"
)

// Verdict is the answer of a rehearsal.
type Verdict string

// The verdicts, from the best to the worst.
const (
	// Ready: both sets give the same verdicts, and nothing stands in the way.
	Ready Verdict = "ready"
	// ReadyAccepted: what stands in the way is accepted, each with a reason and until a day.
	ReadyAccepted Verdict = "ready with accepted differences"
	// Blocked: something stands in the way.
	Blocked Verdict = "blocked"
)

// Result is one run over one or more estates. docs/rehearse.schema.json describes its JSON; fields are added, never
// renamed. No list is null.
type Result struct {
	// Version is that of policyferry, Time the moment of the run (RFC 3339, UTC), To the CNI to go to.
	Version string  `json:"version"`
	Time    string  `json:"time"`
	To      string  `json:"to"`
	Verdict Verdict `json:"verdict"`
	// Reasons are the three that weigh most, or fewer.
	Reasons []Reason  `json:"reasons"`
	Estates []*Estate `json:"estates"`
	// Acceptances are all that were given, with what they accept.
	Acceptances []Acceptance `json:"acceptances"`
	// Findings are about the run itself, such as an acceptance that accepts nothing.
	Findings []Finding `json:"findings"`
	// Baseline says that only blockers count which an earlier run did not have; New is their number.
	Baseline bool `json:"baseline"`
	New      int  `json:"new"`
	// Fault says that a translation is not what its findings say of it: a fault of policyferry itself.
	Fault bool `json:"fault"`
}

// Reason is why the verdict is what it is, in one sentence.
type Reason struct {
	Text string `json:"text"`
	// Estate and Code say what it is about, if one thing.
	Estate string `json:"estate,omitempty"`
	Code   string `json:"code,omitempty"`
}

// Estate is one cluster, or one repository, and what became of it.
type Estate struct {
	// Name is unique in the run, Path where the snapshot was read.
	Name    string   `json:"name"`
	Path    string   `json:"path"`
	Verdict Verdict  `json:"verdict"`
	Reasons []Reason `json:"reasons"`
	Source  Release  `json:"source"`
	Target  Release  `json:"target"`
	// Synthetic says that no pod was given, so that the comparison is over a cluster made of what the policies name.
	Synthetic bool    `json:"syntheticCluster"`
	Summary   Summary `json:"summary"`
	Steps     []Step  `json:"steps"`
	Score     Score   `json:"score"`
	// Policies stand side by side: what was there and what it becomes.
	Policies []Policy  `json:"policies"`
	Findings []Finding `json:"findings"`
	Blockers []Blocker `json:"blockers"`
	// Differences are those between source and output, explained as far as there is room; Omitted counts the others.
	Differences []Difference `json:"differences"`
	Omitted     int          `json:"omitted"`
	NotCompared []string     `json:"notCompared"`
	Compared    Compared     `json:"compared"`
	RoundTrip   *RoundTrip   `json:"roundTrip,omitempty"`
	Matrix      *Matrix      `json:"matrix,omitempty"`
	Facts       []Fact       `json:"reliedOn"`
	Replay      *Replay      `json:"replay,omitempty"`
	Drift       []Drift      `json:"drift"`
	Moves       []Move       `json:"moves"`
	Runbook     *Runbook     `json:"runbook,omitempty"`
	// History are earlier runs and, last, this one.
	History []Entry `json:"history"`
}

// Release is a version of a CNI.
type Release struct {
	CNI     string `json:"cni"`
	Version string `json:"version"`
	// Stated says that the snapshot or a flag tells the version, and it is not assumed.
	Stated bool `json:"stated"`
}

// Summary counts objects by what became of them. An object is inert only if nothing of it has an effect; PartlyInert
// counts those of the exact of which a part has none, and OpenedAccepted those of the opened that are accepted as they are.
type Summary struct {
	Read           int `json:"read"`
	Exact          int `json:"exact"`
	PartlyInert    int `json:"partlyInert"`
	Narrowed       int `json:"narrowed"`
	Opened         int `json:"opened"`
	OpenedAccepted int `json:"openedAccepted"`
	Inert          int `json:"inert"`
	Refused        int `json:"refused"`
	Written        int `json:"written"`
}

// Outcome is how a step ended.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "passed"
	Differs Outcome = "differs"
	Failed  Outcome = "failed"
	Unknown Outcome = "unknown"
	Skipped Outcome = "skipped"
)

// Step is one step of the rehearsal.
type Step struct {
	// Name is read, translate, validate, verify, replay, translate back or verify the round trip.
	Name    string  `json:"name"`
	Outcome Outcome `json:"outcome"`
	// Text says in one line what came of it, or why it was skipped.
	Text string `json:"text"`
}

// Score is how much of the estate could leave exactly.
type Score struct {
	// Policies and Rules count by class: exact, needs-fact, narrows, cannot-leave.
	Policies map[string]int `json:"policies"`
	Rules    map[string]int `json:"rules"`
	// PolicyShare and RuleShare are the exact part in percent, rounded down.
	PolicyShare int `json:"policyShare"`
	RuleShare   int `json:"ruleShare"`
	// Namespaces are the same by namespace; cluster-wide policies are under "".
	Namespaces []NamespaceScore `json:"namespaces"`
}

// NamespaceScore is the score of one namespace.
type NamespaceScore struct {
	Namespace string         `json:"namespace"`
	Policies  map[string]int `json:"policies"`
	Share     int            `json:"share"`
}

// Fact is a fact about the cluster that the result depends on; the value is empty if it is not known.
type Fact struct {
	Fact  string `json:"fact"`
	Value string `json:"value"`
}

// Finding is a finding of any step.
type Finding struct {
	Code     string         `json:"code"`
	Name     string         `json:"name"`
	Severity string         `json:"severity"`
	Effect   string         `json:"effect"`
	Step     string         `json:"step"`
	Position diag.Position  `json:"position"`
	Object   diag.Object    `json:"object"`
	Path     string         `json:"path,omitempty"`
	Message  string         `json:"message"`
	Hint     string         `json:"hint,omitempty"`
	Related  []diag.Related `json:"related,omitempty"`
	// Line is the line in the text of the source policy (Policy.Sources), from 1; 0 if it is about no line.
	Line int `json:"line,omitempty"`
	// Blocks says that it stands in the way of leaving, accepted or not.
	Blocks bool `json:"blocks"`
	// Acceptance is the acceptance that accepts it, counted from 1; 0 for none.
	Acceptance int `json:"acceptance,omitempty"`
	// New says that it blocks and the baseline does not have it.
	New bool `json:"new,omitempty"`
	// Fingerprint knows the finding again in another run, also when lines have moved.
	Fingerprint string `json:"fingerprint"`
}

// Blocker gathers the findings of one code that block and are not accepted.
type Blocker struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Title  string `json:"title"`
	Effect string `json:"effect"`
	// Count is the number of findings, New how many of them the baseline does not have.
	Count int `json:"count"`
	New   int `json:"new"`
	// Objects are those that have such a finding.
	Objects []string `json:"objects"`
	// Ways are the ways out, each once.
	Ways []string `json:"ways"`
}

// Acceptance says that findings of a code may stand, why, and until when.
type Acceptance struct {
	Code string `json:"code"`
	// Object limits it to one object ("Kind namespace/name"), Estate to one estate; empty for all.
	Object string `json:"object,omitempty"`
	Estate string `json:"estate,omitempty"`
	Until  string `json:"until"`
	Reason string `json:"reason"`
	// Position is where it was given; File is --accept for one of the command line.
	Position diag.Position `json:"position"`
	Expired  bool          `json:"expired"`
	// Accepted is the number of findings that it accepts, or would accept had it not expired.
	Accepted int `json:"accepted"`
}

// Entry is one run in the history of an estate.
type Entry struct {
	Time        string  `json:"time"`
	Version     string  `json:"version"`
	Verdict     Verdict `json:"verdict"`
	Policies    int     `json:"policies"`
	PolicyShare int     `json:"policyShare"`
	RuleShare   int     `json:"ruleShare"`
	Blockers    int     `json:"blockers"`
	Accepted    int     `json:"accepted"`
	Opens       int     `json:"opens"`
	Closes      int     `json:"closes"`
}

// Drift is a difference between what policies use and what a release or setting reads.
type Drift struct {
	// Feature is what is used, Uses how often.
	Feature string `json:"feature"`
	Uses    int    `json:"uses"`
	// Release is the one that does not read it; Needs says what would.
	Release string `json:"release"`
	Needs   string `json:"needs"`
}

// Move is an object or a setting that is not policy and must move by other means.
type Move struct {
	// Topic is bgp, address-pools, encryption, egress-gateway, kube-proxy, load-balancer, mesh, host-endpoints or other.
	Topic string `json:"topic"`
	// What is the object ("Kind name") or the setting, Position where it is said.
	What     string        `json:"what"`
	Position diag.Position `json:"position"`
	// Counterpart is what the target has for it, Lost what is lost; either may be empty.
	Counterpart string `json:"counterpart"`
	Lost        string `json:"lost"`
}
