package rehearse

import "github.com/policyferry/policyferry/translate/diag"

// Policy is a source policy, or several that stand or fall together, beside what it becomes.
type Policy struct {
	// Effect is the gravest of its findings: exact, inert, narrows, opens or refused.
	Effect string `json:"effect"`
	// Sources is empty for an object that the target needs and no source has; Outputs is empty if nothing is written.
	Sources []Text `json:"sources"`
	Outputs []Text `json:"outputs"`
	// Findings are indexes into the findings of the estate.
	Findings []int `json:"findings"`
	// Aligned are pairs of lines that say the same, of all sources and of all outputs one after the other, from 1.
	Aligned [][2]int `json:"aligned"`
}

// Text is an object as text: keys in the order in which people write them, nothing that only a server sets.
type Text struct {
	Object diag.Object `json:"object"`
	// Position is where a source stands; an output has none.
	Position *diag.Position `json:"position,omitempty"`
	Text     string         `json:"text"`
	// From are the sources that an output stands for.
	From []diag.Object `json:"from,omitempty"`
}
