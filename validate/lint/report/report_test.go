package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint"
)

const policies = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - ports: [{port: 80}]
    - {}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: close, namespace: bank}
spec:
  endpointSelector: {}
  egress:
    - icmps: [{fields: [{type: 8}]}]
`

func run(t *testing.T, text string, to ...lint.Target) *Run {
	t.Helper()
	docs, problems := source.ReadBytes("policy.yaml", []byte(text), source.Options{})
	texts := map[string][]byte{"policy.yaml": []byte(text)}
	r, err := lint.Run(docs, lint.Options{Reading: problems, PortableTo: to, Texts: texts})
	if err != nil {
		t.Fatal(err)
	}
	return &Run{Result: r, Version: "test", Texts: texts}
}

func TestText(t *testing.T) {
	r := run(t, policies, lint.ToKubernetes)
	r.Paint = func(s diag.Severity) string { return "<" + s.String() + ">" }
	var out strings.Builder
	if err := Text(&out, r); err != nil {
		t.Fatal(err)
	}
	const want = `policy.yaml:8:7: <warning>: the rule has no say: another one of the same list allows every ingress connection (PF6003)
  hint: delete this rule, or the one that allows everything
  fix: delete the rule that has no say (--fix)
  policy.yaml:9:7: it is here
policy.yaml:9:7: <note>: the rule has no condition: it allows every ingress connection (PF6002)
  hint: if that is meant, nothing is to be done; else name from or ports
policy.yaml:17:7: <warning>: icmps: the standard APIs have no word for it (PF6015)

portable to kubernetes: 1 of 2 policies (50%) and 2 of 3 rules (66%) exactly as they are
  1 of the policies cannot be said there
  in the way: PF6015 not-standard (1)
  namespaces that stay in part: bank (1 of 1)
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// TestScoreOfNothing: asked about both, a set of one CNI has one place to go; asked about a place that is where the
// policies are, there is nothing to judge.
func TestScoreOfNothing(t *testing.T) {
	cilium := policies[strings.Index(policies, "---\n")+4:]
	for want, to := range map[string][]lint.Target{
		"portable to calico: 1 of 1 policies (100%) and 1 of 1 rules (100%) exactly as they are\n": {lint.ToCalico, lint.ToCilium},
		"portable to cilium: there is no policy to judge\n":                                        {lint.ToCilium},
	} {
		var out strings.Builder
		if err := Text(&out, run(t, cilium, to...)); err != nil || out.String() != want {
			t.Errorf("to %v: %v, got\n%s", to, err, out.String())
		}
	}
}

// TestJSONHoldsWhatTextSays counts the findings in both.
func TestJSONHoldsWhatTextSays(t *testing.T) {
	var text, document strings.Builder
	r := run(t, policies, lint.ToKubernetes)
	if err := Text(&text, r); err != nil {
		t.Fatal(err)
	}
	if err := JSON(&document, r); err != nil {
		t.Fatal(err)
	}
	var v struct {
		Summary     struct{ Objects, Errors, Warnings, Notes int }
		Findings    []struct{ Code, Message, Severity string }
		Portability []struct {
			Policies struct{ Exact, CannotLeave int }
		}
	}
	if err := json.Unmarshal([]byte(document.String()), &v); err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Findings {
		if !strings.Contains(text.String(), f.Severity+": "+f.Message+" ("+f.Code+")\n") {
			t.Errorf("the text lacks %+v", f)
		}
	}
	if s := v.Summary; len(v.Findings) != 3 || s.Objects != 2 || s.Errors != 0 || s.Warnings != 2 || s.Notes != 1 {
		t.Errorf("summary %+v of %d findings", s, len(v.Findings))
	}
	if p := v.Portability; len(p) != 1 || p[0].Policies.Exact != 1 || p[0].Policies.CannotLeave != 1 {
		t.Errorf("portability %+v", p)
	}
}
