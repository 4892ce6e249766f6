package report

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint"
)

func written(t *testing.T, format string, r *Run) string {
	t.Helper()
	var out strings.Builder
	if err := Formats[format].Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// hostile is a finding whose words mean something to those who show it.
func hostile() *Run {
	f := diag.MootRules.At(diag.Position{File: "a,b:%.yaml", Line: 3, Column: 5}, diag.Object{Kind: "NetworkPolicy", Name: "`x`"}, "spec",
		"100%% of \"<b>\" & @someone\n::error::[link](http://example.com) #1").WithHint("a | b")
	return &Run{Result: &lint.Result{Findings: []lint.Finding{{Finding: f, Severity: diag.Warning, Topic: lint.Meaning}}}}
}

func TestGitHub(t *testing.T) {
	const want = `::warning file=policy.yaml,line=8,col=7,title=PF6003 moot-rules::the rule has no say: another one of the same list allows every ingress connection%0Ahint: delete this rule, or the one that allows everything
::notice file=policy.yaml,line=9,col=7,title=PF6002 allows-all::the rule has no condition: it allows every ingress connection%0Ahint: if that is meant, nothing is to be done; else name from or ports
`
	if got := written(t, "github", run(t, policies)); got != want {
		t.Errorf("got\n%s", got)
	}
	const escaped = "::warning file=a%2Cb%3A%25.yaml,line=3,col=5,title=PF6003 moot-rules::100%25 of \"<b>\" & @someone%0A::error::[link](http://example.com) #1%0Ahint: a | b\n"
	if got := written(t, "github", hostile()); got != escaped {
		t.Errorf("got\n%s", got)
	}
}

// TestJUnit: the failures are the warnings and errors; a clean object is a test that passed.
func TestJUnit(t *testing.T) {
	text := written(t, "junit", run(t, policies))
	var doc junitSuites
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Tests != 3 || doc.Failures != 1 || len(doc.Suites) != 1 {
		t.Fatalf("%s", text)
	}
	cases := doc.Suites[0].Cases
	if f := cases[0].Failure; f == nil || f.Type != "warning" || !strings.Contains(f.Text, "policy.yaml:8:7: warning: ") || cases[0].Line != 8 {
		t.Errorf("%+v", cases[0])
	}
	if cases[1].Failure != nil || !strings.Contains(cases[1].Output, "PF6002") {
		t.Errorf("a note: %+v", cases[1])
	}
	if cases[2].Failure != nil || cases[2].Name != "CiliumNetworkPolicy bank/close" || cases[2].Output != "" {
		t.Errorf("a clean object: %+v", cases[2])
	}
	if err := xml.Unmarshal([]byte(written(t, "junit", hostile())), &doc); err != nil {
		t.Error(err)
	}
}

func TestMarkdown(t *testing.T) {
	const want = "## policyferry lint\n\n| policy objects | errors | warnings | notes |\n|---:|---:|---:|---:|\n| 2 | 0 | 2 | 1 |\n\n" +
		"### `policy.yaml`\n\n- **warning** [PF6003](" + pages + "PF6003.md) line 8, `NetworkPolicy shop/web`: the rule has no say: another one of the same list allows every ingress connection\n" +
		"  <br>hint: delete this rule, or the one that allows everything\n"
	got := written(t, "markdown", run(t, policies, lint.ToKubernetes))
	if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "| kubernetes | 1 of 2 (50%) | 0 | 0 | 1 |\n") {
		t.Errorf("got\n%s", got)
	}
	if got := written(t, "markdown", run(t, "")); strings.Contains(got, "Nothing was found") {
		t.Errorf("an empty text is a finding: %s", got)
	}
	got = written(t, "markdown", hostile())
	for _, markup := range []string{"<b>", "@someone", "[link]", " #1", "\n::error"} {
		if strings.Contains(got, markup) {
			t.Errorf("%q is obeyed:\n%s", markup, got)
		}
	}
	if !strings.Contains(got, "`` NetworkPolicy `x` ``") {
		t.Errorf("got\n%s", got)
	}
}

// TestMarkdownEnds: a comment has a limit, and what is left out is counted.
func TestMarkdownEnds(t *testing.T) {
	r := &Run{Result: &lint.Result{}}
	for i := range 1000 {
		f := diag.MootRules.At(diag.Position{File: fmt.Sprintf("%03d.yaml", i), Line: 1}, diag.Object{}, "", "a rule has no say")
		r.Findings = append(r.Findings, lint.Finding{Finding: f, Severity: diag.Warning})
	}
	got := written(t, "markdown", r)
	if strings.Count(got, "\n- **") != markdownFindings || len(got) > 65_536 || !strings.Contains(got, "_100 of 1000 findings are shown; the other 900 ") {
		t.Errorf("%d bytes, %d findings", len(got), strings.Count(got, "\n- **"))
	}
	for i := range r.Findings {
		r.Findings[i].Message = strings.Repeat("long ", 1000)
	}
	if got := written(t, "markdown", r); len(got) > 65_536 || strings.Count(got, "\n- **") < 5 {
		t.Errorf("%d bytes, %d findings", len(got), strings.Count(got, "\n- **"))
	}
}
