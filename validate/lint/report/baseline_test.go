package report

import (
	"strings"
	"testing"

	"github.com/policyferry/policyferry/validate/lint"
)

// TestBaseline: of what JSON has written nothing is new, and what was added since is.
func TestBaseline(t *testing.T) {
	before := run(t, policies, lint.ToKubernetes)
	b, err := ReadBaseline([]byte(written(t, "json", before)))
	if err != nil {
		t.Fatal(err)
	}
	if fresh, known := b.New(before.Findings); len(fresh) != 0 || known != 3 {
		t.Errorf("%d new and %d known", len(fresh), known)
	}
	more := policies + "    - icmps: [{fields: [{type: 3}]}]\n"
	after := run(t, more, lint.ToKubernetes)
	if fresh, known := b.New(after.Findings); len(fresh) != 1 || known != 3 || fresh[0].Path != "spec.egress[1].icmps" {
		t.Errorf("%+v are new and %d known", fresh, known)
	}
	var out strings.Builder
	b.Trend(&out, after.Portability)
	if want := "portable to kubernetes: 1 of 2 policies exactly, 1 of 2 in the baseline\n"; out.String() != want {
		t.Errorf("got %s", out.String())
	}
}

// TestNoBaseline: findings that nobody could know again are no baseline.
func TestNoBaseline(t *testing.T) {
	for _, text := range []string{"", "{}", "[]", `{"version": "1", "findings": [{"code": "PF6003"}]}`} {
		if _, err := ReadBaseline([]byte(text)); err == nil {
			t.Errorf("%q is a baseline", text)
		}
	}
}
