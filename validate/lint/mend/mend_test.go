package mend

import (
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// linted reads and lints a text.
func linted(t *testing.T, text string, opt lint.Options) (*source.Set, *lint.Result, func(Options) *Result) {
	t.Helper()
	set, problems := source.ReadInputs([]source.Input{{Name: "p.yaml", Data: []byte(text)}}, source.Options{KeepText: true})
	opt.Reading, opt.Remarks, opt.Texts = problems, set.Remarks, set.Texts
	r, err := lint.Run(set.Documents, opt)
	if err != nil {
		t.Fatal(err)
	}
	return set, r, func(o Options) *Result {
		o.Cluster = opt.Cluster
		out, err := Run(set, problems, r, o)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// mended is the text after one pass, or as it is.
func mended(t *testing.T, text string, opt lint.Options, o Options) (string, *Result) {
	t.Helper()
	_, _, run := linted(t, text, opt)
	r := run(o)
	if out, ok := r.Texts["p.yaml"]; ok {
		return string(out), r
	}
	return text, r
}

const moot = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop} # names
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:

  - ports: [{port: 80}]

  # the shop window
  - {}
`

func TestMend(t *testing.T) {
	got, r := mended(t, moot, lint.Options{}, Options{})
	if want := strings.Replace(moot, "  - ports: [{port: 80}]\n\n", "", 1); got != want || len(r.Outcomes) != 1 || r.Outcomes[0].Refused != "" || !r.Synthetic {
		t.Errorf("got %+v\n%s", r.Outcomes, got)
	}
}

// TestWrongFix: a fix that does what it says, and says the wrong thing, is found out by the comparison; a good one
// beside it is made all the same.
func TestWrongFix(t *testing.T) {
	text := moot + "---\n" + strings.Replace(moot, "web", "other", 1)
	set, r, run := linted(t, text, lint.Options{})
	wrong := 0
	for i, f := range r.Findings {
		if f.Code.ID != "PF6003" || f.Object.Name != "web" {
			continue
		}
		wrong++
		// It deletes the rule that allows everything and keeps the other one.
		at := edit.NewText(set.Texts["p.yaml"])
		c := edit.Change{Kind: edit.Remove, Path: "spec.ingress[1]"}
		e, err := at.Locate(f.Fix.Doc, c)
		if err != nil {
			t.Fatal(err)
		}
		r.Findings[i].Fix = &lint.Fix{Title: "wrong", Changes: []edit.Change{c}, Edits: []edit.Edit{e}, Doc: f.Fix.Doc}
	}
	got := run(Options{})
	if wrong != 1 || len(got.Outcomes) != 2 {
		t.Fatalf("%d wrong fixes, outcomes %+v", wrong, got.Outcomes)
	}
	if why := got.Outcomes[0].Refused; !strings.Contains(why, "would not enforce the same: ") || !strings.Contains(why, "is allowed, and would be denied") {
		t.Errorf("refused because %q", why)
	}
	if got.Outcomes[1].Refused != "" || !strings.HasPrefix(string(got.Texts["p.yaml"]), moot) {
		t.Errorf("the good fix was refused because %q\n%s", got.Outcomes[1].Refused, got.Texts["p.yaml"])
	}
}

// TestWrongIsolation: alone, a policy that allows everything leaves everything open, whichever direction it isolates.
// Beside one that isolates it does not.
func TestWrongIsolation(t *testing.T) {
	text := strings.Replace(moot, "  - ports: [{port: 80}]\n", "", 1)
	set, r, run := linted(t, text, lint.Options{})
	doc := set.Documents[0]
	fix := &lint.Fix{Title: "wrong", Doc: doc, Changes: []edit.Change{
		{Kind: edit.Replace, Path: "spec.policyTypes", Value: `["Egress"]`},
		{Kind: edit.Rename, Path: "spec.ingress", Key: "egress"},
	}}
	for _, c := range fix.Changes {
		e, err := edit.NewText([]byte(text)).Locate(doc, c)
		if err != nil {
			t.Fatal(err)
		}
		fix.Edits = append(fix.Edits, e)
	}
	if len(r.Findings) != 1 {
		t.Fatal(r.Findings)
	}
	r.Findings[0].Fix = fix
	if got := run(Options{}); got.Outcomes[0].Refused == "" {
		t.Errorf("it was made:\n%s", got.Texts["p.yaml"])
	}
}

// TestWrongEdit: an edit that does something else than its fix says is found out without any comparison.
func TestWrongEdit(t *testing.T) {
	_, r, run := linted(t, moot, lint.Options{})
	for i := range r.Findings {
		if fix := r.Findings[i].Fix; fix != nil {
			fix.Edits[0].To += len("  # the shop window\n  - {}\n")
		}
	}
	got := run(Options{})
	if len(got.Texts) > 0 || !strings.Contains(got.Outcomes[0].Refused, "does not let it be changed in this place only") {
		t.Errorf("%+v", got.Outcomes)
	}
	_, r, run = linted(t, moot, lint.Options{})
	for i := range r.Findings {
		if fix := r.Findings[i].Fix; fix != nil {
			fix.Edits[0].Text = "  - [\n"
		}
	}
	if got = run(Options{}); len(got.Texts) > 0 || !strings.Contains(got.Outcomes[0].Refused, "could not be read") {
		t.Errorf("%+v", got.Outcomes)
	}
}

// TestDirtyFile: a file of which parts cannot be read is left alone.
func TestDirtyFile(t *testing.T) {
	text := moot + "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, name: b}\n"
	if got, r := mended(t, text, lint.Options{}, Options{Unsafe: true}); got != text || r.Outcomes[0].Refused != "parts of the file cannot be read" {
		t.Errorf("%+v\n%s", r.Outcomes, got)
	}
}

// TestUnsafe: what changes what is enforced is made when it is asked for, and what it does is told.
func TestUnsafe(t *testing.T) {
	text := `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {}
  ingress: []
`
	if got, r := mended(t, text, lint.Options{}, Options{}); got != text || len(r.Outcomes) > 0 {
		t.Errorf("%+v\n%s", r.Outcomes, got)
	}
	got, r := mended(t, text, lint.Options{}, Options{Unsafe: true})
	if got != strings.Replace(text, "[]", "[{}]", 1) || r.Outcomes[0].Answer != "less" {
		t.Errorf("%+v\n%s", r.Outcomes, got)
	}
}

// TestSamePlace: of fixes that meet one waits for the next pass.
func TestSamePlace(t *testing.T) {
	text := strings.Replace(moot, "  ingress:\n\n  - ports: [{port: 80}]\n\n  # the shop window\n  - {}\n", "  ingress: [{ports: [{port: 80}]}, {ports: [{port: 81}]}, {}, {ports: [{port: 82}]}]\n", 1)
	got, r := mended(t, text, lint.Options{}, Options{})
	waits := 0
	for _, o := range r.Outcomes {
		if o.Waits() {
			waits++
		}
	}
	if waits == len(r.Outcomes) || len(r.Outcomes) != 3 {
		t.Errorf("%+v", r.Outcomes)
	}
	for range 3 {
		got, _ = mended(t, got, lint.Options{}, Options{})
	}
	if !strings.HasSuffix(got, "  ingress: [{}]\n") {
		t.Error(got)
	}
}

// TestWrongDeny: what nobody allows hides that a policy denies no more. Beside one that allows everything it shows.
func TestWrongDeny(t *testing.T) {
	text := `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {}
  ingress: [{}]
  ingressDeny: [{fromEndpoints: [{matchLabels: {app: old}}]}]
`
	set, r, run := linted(t, text, lint.Options{})
	c := edit.Change{Kind: edit.Remove, Path: "spec.ingressDeny"}
	e, err := edit.NewText([]byte(text)).Locate(set.Documents[0], c)
	if err != nil || len(r.Findings) != 1 {
		t.Fatal(err, r.Findings)
	}
	r.Findings[0].Fix = &lint.Fix{Title: "wrong", Changes: []edit.Change{c}, Edits: []edit.Edit{e}, Doc: set.Documents[0]}
	if got := run(Options{}); !strings.Contains(got.Outcomes[0].Refused, "is denied, and would be allowed") {
		t.Errorf("%+v", got.Outcomes)
	}
}

// TestUnknownSetting: whether a CIDR of Cilium matches nodes is a setting, so what holds only without it is not safe
// unless the facts say so, and is not proven where there is a node to show it.
func TestUnknownSetting(t *testing.T) {
	text := `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {}
  egress:
  - toCIDR: [192.168.10.1/32]
  - toEntities: [world]
`
	if got, r := mended(t, text, lint.Options{}, Options{}); got != text || len(r.Outcomes) > 0 {
		t.Errorf("%+v\n%s", r.Outcomes, got)
	}
	_, r, run := linted(t, text, lint.Options{})
	r.Findings[0].Fix.Unsafe = ""
	if got := run(Options{}); !strings.Contains(got.Outcomes[0].Refused, "would not enforce the same") {
		t.Errorf("%+v", got.Outcomes)
	}
	facts, _ := source.ReadBytes("facts.yaml", []byte("apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {cilium: {policyCIDRMatchMode: []}}\n"), source.Options{})
	if got, r := mended(t, text, lint.Options{Cluster: facts}, Options{}); strings.Contains(got, "toCIDR") {
		t.Errorf("%+v\n%s", r.Outcomes, got)
	}
}

// TestEachTellsOfItself: what one fix changes is not told of the next one.
func TestEachTellsOfItself(t *testing.T) {
	_, r := mended(t, `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: dns, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
  - from: [{podSelector: {}}]
    ports: [{port: 53}]
  - {from: [{podSelector: {}}], ports: [{port: 80}, {port: 443}]}
  # the same again
  - {from: [{podSelector: {}}], ports: [{port: 443}]}
`, lint.Options{}, Options{Unsafe: true})
	got := map[string]string{}
	for _, o := range r.Outcomes {
		got[o.Finding.Code.ID] = o.Answer + o.Refused
	}
	if len(got) != 2 || got["PF6007"] != "more" || got["PF6019"] != "" {
		t.Errorf("%v", got)
	}
}
