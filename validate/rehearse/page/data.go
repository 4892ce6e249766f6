package page

import (
	"encoding/json"

	"github.com/policyferry/policyferry/validate/rehearse"
)

// drawn is what the script draws of one estate. The names of its fields are those of the JSON result.
type drawn struct {
	Name        string                `json:"name"`
	Policies    []rehearse.Policy     `json:"policies"`
	Findings    []rehearse.Finding    `json:"findings"`
	Differences []rehearse.Difference `json:"differences"`
	Matrix      *rehearse.Matrix      `json:"matrix,omitempty"`
}

// dataOf is the JSON in the page. The encoder writes <, > and & as escapes, so no text in it can end the element that
// it stands in or begin a comment.
func dataOf(r *rehearse.Result) ([]byte, error) {
	out := struct {
		To      string  `json:"to"`
		Estates []drawn `json:"estates"`
	}{r.To, []drawn{}}
	for _, e := range r.Estates {
		out.Estates = append(out.Estates, drawn{e.Name, e.Policies, e.Findings, e.Differences, e.Matrix})
	}
	return json.Marshal(out)
}
