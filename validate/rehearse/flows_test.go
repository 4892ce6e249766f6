package rehearse

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/validate/replay"
)

// withFlows is a snapshot of what is ready, with a table of flows.
func withFlows(t *testing.T, rows ...string) Snapshot {
	t.Helper()
	s := inCast(t, "prod", ready)
	table := "source,destination,protocol,port,verdict\n" + strings.Join(rows, "\n")
	s.Flows = []replay.Input{{Name: "flows.csv", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(table)), nil }}}
	return s
}

// TestNoFlowIsForgotten: whoever accepts more flows that would be dropped than are listed has not accepted those that would
// be let through, and what would be dropped beyond the list is reported.
func TestNoFlowIsForgotten(t *testing.T) {
	var rows []string
	for port := range maxFlows + 10 {
		rows = append(rows, fmt.Sprintf("shop/cart,shop/db,tcp,%d,allow", 1000+port))
	}
	rows = append(rows, "shop/web,shop/db,tcp,5432,deny")
	drops := Acceptance{Code: "PF5046", Until: "2026-12-01", Reason: "agreed"}
	r := run(t, Options{Acceptances: []Acceptance{drops}}, withFlows(t, rows...))
	e := r.Estates[0]
	if r.Verdict != Blocked || len(e.Blockers) != 1 || e.Blockers[0].Code != "PF5047" {
		t.Errorf("%s: %+v", r.Verdict, e.Blockers)
	}
	if r.Acceptances[0].Accepted != maxFlows+1 {
		t.Errorf("%d findings are accepted", r.Acceptances[0].Accepted)
	}
	others := 0
	for _, f := range e.Findings {
		if f.Path == "others" && strings.Contains(f.Message, "seen 10 times") {
			others++
		}
	}
	if others != 1 {
		t.Errorf("what is not listed is reported %d times", others)
	}
}

// TestFlowsThatTellNothing: logs of which nothing can be judged are no proof, and records that cannot be read are told.
func TestFlowsThatTellNothing(t *testing.T) {
	for _, tt := range []struct {
		rows    []string
		verdict Verdict
		outcome Outcome
		text    string
	}{
		{nil, Blocked, Failed, "no connection"},
		{[]string{"nobody", "nowhere,tcp"}, Blocked, Failed, "2 records cannot be read"},
		{[]string{"shop/web,shop/db,tcp,5432,allow", "nobody"}, Ready, Unknown, "1 of 1 connections fare the same; 1 record cannot be read"},
		{[]string{"shop/web,shop/db,tcp,5432,allow"}, Ready, Passed, "1 of 1 connections fare the same"},
	} {
		r := run(t, Options{}, withFlows(t, tt.rows...))
		for _, s := range r.Estates[0].Steps {
			if s.Name == stepReplay && (r.Verdict != tt.verdict || s.Outcome != tt.outcome || !strings.HasSuffix(s.Text, tt.text) && !strings.Contains(s.Text, tt.text+" ")) {
				t.Errorf("%v: %s, %s: %s", tt.rows, r.Verdict, s.Outcome, s.Text)
			}
		}
	}
}
