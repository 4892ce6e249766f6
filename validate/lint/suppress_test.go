package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// suppressible has PF6003 on line 8 and PF6002 on line 9. The comments of a test stand at the ends of lines.
const suppressible = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
  - ports: [{port: 80}]
  - {}
`

func lintRemarked(t *testing.T, text string, opt Options) (kept, gone []string) {
	t.Helper()
	set, problems := source.ReadInputs([]source.Input{{Name: "p.yaml", Data: []byte(text)}}, source.Options{})
	opt.Reading, opt.Remarks = problems, set.Remarks
	r, err := Run(set.Documents, opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		kept = append(kept, fmt.Sprintf("%d %s", f.Pos.Line, f.Code.ID))
	}
	for _, f := range r.Suppressed {
		gone = append(gone, fmt.Sprintf("%d %s %s", f.Pos.Line, f.Code.ID, f.Reason))
	}
	return kept, gone
}

// TestSuppress: a comment is about the field that begins on its line or on the next one, with all that is in it.
func TestSuppress(t *testing.T) {
	tests := []struct {
		name       string
		line       int    // that the comment stands on
		above      bool   // or above
		comment    string // behind policyferry:
		kept, gone []string
	}{
		{"at the field", 8, false, "ignore PF6003 the port is documentation", []string{"9 PF6002"}, []string{"8 PF6003 the port is documentation"}},
		{"above the field", 8, true, "ignore PF6003 why not", []string{"10 PF6002"}, []string{"9 PF6003 why not"}},
		{"by name", 9, false, "ignore allows-all meant", []string{"8 PF6003"}, []string{"9 PF6002 meant"}},
		{"around the field", 7, false, "ignore PF6002 meant", []string{"8 PF6003"}, []string{"9 PF6002 meant"}},
		{"the object", 1, false, "ignore PF6002 meant", []string{"8 PF6003"}, []string{"9 PF6002 meant"}},
		{"above the object", 1, true, "ignore PF6002 meant", []string{"9 PF6003"}, []string{"10 PF6002 meant"}},
		{"another code", 8, false, "ignore PF6004 why", []string{"8 PF6003", "8 PF6017", "9 PF6002"}, nil},
		{"another field", 8, false, "ignore PF6002 why", []string{"8 PF6003", "8 PF6017", "9 PF6002"}, nil},
		{"a field before", 5, false, "ignore PF6002 why", []string{"5 PF6017", "8 PF6003", "9 PF6002"}, nil},
		{"what is not asked", 8, false, "ignore PF2002 why", []string{"8 PF6003", "9 PF6002"}, nil},
		{"what needs facts", 8, false, "ignore PF6013 why", []string{"8 PF6003", "9 PF6002"}, nil},
		{"no reason", 8, false, "ignore PF6003", []string{"8 PF6003", "8 PF6016", "9 PF6002"}, nil},
		{"no code", 8, false, "ignore", []string{"8 PF6003", "8 PF6016", "9 PF6002"}, nil},
		{"an unknown code", 8, false, "ignore PF6999 why", []string{"8 PF6003", "8 PF6016", "9 PF6002"}, nil},
		{"a finding about comments", 8, false, "ignore PF6017 why", []string{"8 PF6003", "8 PF6016", "9 PF6002"}, nil},
		{"another word", 8, false, "ignroe PF6003 why", []string{"8 PF6003", "8 PF6016", "9 PF6002"}, nil},
	}
	for _, tc := range tests {
		lines := strings.Split(suppressible, "\n")
		if tc.above {
			lines = slices.Insert(lines, tc.line-1, "# policyferry:"+tc.comment)
		} else {
			lines[tc.line-1] += " # policyferry:" + tc.comment
		}
		kept, gone := lintRemarked(t, strings.Join(lines, "\n"), Options{})
		if !slices.Equal(kept, tc.kept) || !slices.Equal(gone, tc.gone) {
			t.Errorf("%s: kept %q and suppressed %q, want %q and %q", tc.name, kept, gone, tc.kept, tc.gone)
		}
	}
}

// TestSuppressWhatIsAsked: comments about leaving count once leaving is asked about.
func TestSuppressWhatIsAsked(t *testing.T) {
	policy := head + "  egress:\n  - icmps: [{fields: [{type: 8}]}] # policyferry:ignore PF6015 pings stay\n"
	kept, gone := lintRemarked(t, policy, Options{PortableTo: []Target{ToKubernetes}})
	if len(gone) != 1 || slices.ContainsFunc(kept, func(s string) bool { return strings.Contains(s, "PF60") }) {
		t.Errorf("kept %q and suppressed %q", kept, gone)
	}
	kept, _ = lintRemarked(t, strings.Replace(policy, "PF6015", "PF2002", 1), Options{PortableTo: []Target{ToKubernetes}})
	if !slices.ContainsFunc(kept, func(s string) bool { return strings.HasSuffix(s, diag.IgnoreUnused.ID) }) {
		t.Errorf("kept %q", kept)
	}
}

// TestSuppressBrokenText: a finding about text that is no object can be suppressed on its line.
func TestSuppressBrokenText(t *testing.T) {
	kept, gone := lintRemarked(t, suppressible+"---\nnot an object # policyferry:ignore PF1016 a test\n", Options{})
	if len(gone) != 1 || len(kept) != 2 {
		t.Errorf("kept %q and suppressed %q", kept, gone)
	}
}
