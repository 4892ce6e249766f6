package claim

import (
	"bytes"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
)

const policy = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: db}
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
  - {action: Allow, protocol: TCP, source: {selector: app == 'web'}, destination: {ports: ["5432:5439"]}}
`

func translated(t *testing.T, namespace string) *Claim {
	t.Helper()
	docs, problems := source.ReadBytes("policy.yaml", []byte(policy), source.Options{})
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	r, err := translate.Translate(docs, translate.Options{To: compat.Cilium, DefaultNamespace: namespace})
	if err != nil || len(r.Findings) > 0 && namespace != "" {
		t.Fatalf("%v, %v", err, r.Findings)
	}
	return &Claim{Policies: docs, Namespace: namespace, Result: r}
}

// TestFault changes the output of a translation that is right, and the findings that go with it: a difference that no
// finding announces is a fault of ours.
func TestFault(t *testing.T) {
	narrows := diag.Frozen.At(diag.Position{}, diag.Object{}, "", "frozen")
	opens := narrows
	opens.Override = diag.Opens
	for name, c := range map[string]struct {
		from, to string
		findings []diag.Finding
		answer   equiv.Answer
		fault    string // a part of its message
	}{
		"nothing":                     {answer: equiv.Equivalent},
		"a port less":                 {from: "5439", to: "5438", answer: equiv.Less, fault: "tcp/5439: the source allows it (calico, "},
		"a port less, said":           {from: "5439", to: "5438", findings: []diag.Finding{narrows}, answer: equiv.Less},
		"a port more":                 {from: "5439", to: "5440", answer: equiv.More, fault: "tcp/5440: the source denies it (calico, "},
		"a port more, and narrower":   {from: "5439", to: "5440", findings: []diag.Finding{narrows}, answer: equiv.More, fault: "tcp/5440: the source denies"},
		"a port more, accepted":       {from: "5439", to: "5440", findings: []diag.Finding{opens}, answer: equiv.More},
		"another port":                {from: `"5432","endPort":5439`, to: `"5433","endPort":5440`, answer: equiv.Incomparable, fault: "tcp/5440: the source denies"},
		"an output that is no policy": {from: "endpointSelector", to: "endpointSelectr", answer: equiv.Incomparable, fault: "the source "},
	} {
		t.Run(name, func(t *testing.T) {
			claim := translated(t, "shop")
			claim.Result.Findings = c.findings
			text := claim.Result.Outputs[0].JSON
			if claim.Result.Outputs[0].JSON = bytes.Replace(text, []byte(c.from), []byte(c.to), 1); c.from != "" && bytes.Equal(text, claim.Result.Outputs[0].JSON) {
				t.Fatalf("%s is not in %s", c.from, text)
			}
			o, err := claim.Check()
			if err != nil {
				t.Fatal(err)
			}
			if o.Answer != c.answer && c.answer != equiv.Incomparable || (o.Fault != nil) != (c.fault != "") {
				t.Fatalf("%s, %+v", o, o.Fault)
			}
			if o.Fault != nil && (o.Fault.Code != diag.VerifyFailed || !strings.Contains(o.Fault.Message, c.fault)) {
				t.Errorf("%s: %s", o.Fault.Code.ID, o.Fault.Message)
			}
		})
	}
}

// TestNamespace: a namespace that stands in for a missing one counts on both sides.
func TestNamespace(t *testing.T) {
	for _, namespace := range []string{"", "shop"} {
		o, err := translated(t, namespace).Check()
		if err != nil || o.Fault != nil || o.Answer != equiv.Equivalent || !o.Synthetic {
			t.Errorf("namespace %q: %v, %+v", namespace, err, o)
		}
	}
	c := translated(t, "shop")
	c.Namespace = "pay" // not what it was translated with
	if o, err := c.Check(); err != nil || o.Fault == nil {
		t.Errorf("%v, %+v", err, o)
	}
}
