package rehearse

import "github.com/policyferry/policyferry/translate/diag"

// Runbook is the way out for this very estate, step by step.
type Runbook struct {
	Title string        `json:"title"`
	Steps []RunbookStep `json:"steps"`
	// Window is the time in which not every pod is policed; nil if there is none.
	Window *Window `json:"window,omitempty"`
	// Phases are the orders in which objects are applied and deleted.
	Phases []Phase `json:"phases"`
}

// RunbookStep is one step.
type RunbookStep struct {
	Title string `json:"title"`
	// Text says what happens and why, Safe what is safe meanwhile and what is not.
	Text string `json:"text"`
	Safe string `json:"safe"`
	// Commands are for a shell, Checks tell whether it worked, Rollback goes back.
	Commands []string `json:"commands"`
	Checks   []string `json:"checks"`
	Rollback []string `json:"rollback"`
	// Phase is the phase that this step carries out, counted from 1; 0 for none.
	Phase int `json:"phase,omitempty"`
}

// Window is the time in which moved pods are not policed.
type Window struct {
	// From and Until are steps of the runbook, counted from 1.
	From  int    `json:"from"`
	Until int    `json:"until"`
	Text  string `json:"text"`
	// Nodes are moved one after the other.
	Nodes int `json:"nodes"`
	// Who lists workloads that policy protects today and nothing protects then; Pods counts their pods.
	Who     []string `json:"who"`
	Omitted int      `json:"omitted"`
	Pods    int      `json:"pods"`
	// Witness is a connection that both ends deny and the window allows.
	Witness *Witness `json:"witness,omitempty"`
}

// Phase is a sequence of changes to the API server's objects. After each of them every pod that a CNI polices fares as
// at one of the two ends: nothing is allowed that both ends deny, and nothing is denied that both ends allow.
type Phase struct {
	Name string `json:"name"`
	// Text says who is policed by what meanwhile.
	Text    string   `json:"text"`
	Changes []Change `json:"changes"`
	// States is the number of states that were judged, Safe that each is between the ends. Inert says that whoever
	// polices the pods reads none of the changes, so that there is nothing to judge, in whatever order they are made.
	// Together says that states between changes of one batch were not judged.
	States   int  `json:"states"`
	Safe     bool `json:"safe"`
	Inert    bool `json:"inert"`
	Together bool `json:"together"`
	// Problem is the first state that is not between the ends in the best order that was found.
	Problem *Problem `json:"problem,omitempty"`
}

// Change applies or deletes one object.
type Change struct {
	// Action is apply or delete.
	Action string      `json:"action"`
	Object diag.Object `json:"object"`
	// Text is the object if it is in no set: one that only the phase needs.
	Text string `json:"text,omitempty"`
	// Batch numbers the changes that lead from one judged state to the next, from 1: one that the CNI reads, with those
	// that it does not read; more of them where the phase would be too deep, and then the states between are not judged.
	Batch int `json:"batch"`
}

// Problem is a state that is not between the ends.
type Problem struct {
	// After is the number of changes made; 0 is before the first.
	After int `json:"after"`
	// Kind is opens if it allows what both ends deny, closes if it denies what both allow.
	Kind    string  `json:"kind"`
	Witness Witness `json:"witness"`
	// Way is what to do instead.
	Way string `json:"way"`
}
