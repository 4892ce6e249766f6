package page

import (
	"encoding/json"

	"github.com/policyferry/policyferry/validate/rehearse"
)

// seen is rehearse.Replay as the page shows it.
type seen struct {
	Files   []string             `json:"files"`
	Records map[string]uint64    `json:"records"`
	From    string               `json:"from"`
	Until   string               `json:"until"`
	Totals  map[string]uint64    `json:"totals"`
	Flows   []seenFlow           `json:"flows"`
	Omitted int                  `json:"omitted"`
	Unused  []rehearse.JudgeStep `json:"unused"`
	Unseen  []string             `json:"unseen"`
}

type seenFlow struct {
	Kind    string           `json:"kind"`
	From    string           `json:"from"`
	To      string           `json:"to"`
	Traffic string           `json:"traffic"`
	Count   uint64           `json:"count"`
	Why     string           `json:"why"`
	Witness string           `json:"witness"`
	Before  *rehearse.Judged `json:"before"`
	After   *rehearse.Judged `json:"after"`
}

// seenOf reads what was seen from the JSON of the result, which is what it promises.
func seenOf(r *rehearse.Replay) (*seen, error) {
	if r == nil {
		return nil, nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	out := &seen{}
	return out, json.Unmarshal(text, out)
}
