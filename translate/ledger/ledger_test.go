package ledger

import (
	"slices"
	"testing"

	"github.com/policyferry/policyferry/translate/source"
)

const policy = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata:
  name: db
  namespace: shop
  uid: 1234
  labels: {app.kubernetes.io/name: db}
spec:
  order: 10
  orders: 11
  ingress:
  - action: Allow
    source: {}
  - action: Deny
`

func open(t *testing.T) *Ledger {
	t.Helper()
	return openText(t, policy)
}

func openText(t *testing.T, text string) *Ledger {
	t.Helper()
	docs, problems := source.ReadBytes("policy.yaml", []byte(text), source.Options{})
	if problems.Len() > 0 || len(docs) != 1 {
		t.Fatal(problems.All())
	}
	return New(docs[0])
}

func TestWhatIsNotDischargedIsLeft(t *testing.T) {
	l := open(t)
	want := []string{"metadata.labels[app.kubernetes.io/name]", "spec.order", "spec.orders",
		"spec.ingress[0].action", "spec.ingress[0].source", "spec.ingress[1].action"}
	if got := l.Left(); !slices.Equal(got, want) {
		t.Fatalf("left %q, want %q", got, want)
	}
	l.Carried("spec.order")
	l.NoMeaning("metadata.labels", "metadata")
	l.Reported("spec.ingress[0]", "PF2001")
	if got := l.Left(); !slices.Equal(got, []string{"spec.orders", "spec.ingress[1].action"}) {
		t.Fatalf("left %q", got)
	}
}

func TestFirstDischargeStaysUnlessReported(t *testing.T) {
	l := open(t)
	l.Carried("spec.ingress")
	l.NoMeaning("spec.ingress", "because")
	l.Reported("spec.ingress[1]", "PF3004")
	l.Carried("spec.ingress[1].action")
	l.Reported("spec.ingress[1].action", "PF2001")
	got := map[string]Entry{}
	for _, e := range l.Entries() {
		got[e.Path] = e
	}
	if e := got["spec.ingress[0].action"]; e.Disposition != Carried {
		t.Errorf("%+v", e)
	}
	if e := got["spec.ingress[1].action"]; e.Disposition != Reported || e.Why != "PF3004" {
		t.Errorf("%+v", e)
	}
}

func TestAbsentPathDischargesNothing(t *testing.T) {
	l := open(t)
	before := len(l.Left())
	l.Carried("spec.ord")
	l.Carried("spec.egress")
	if len(l.Left()) != before {
		t.Error("a path that is not in the document discharged something")
	}
}

// TestNullSaysNothing: a field that is null needs nobody who reads it. An item of a list does.
func TestNullSaysNothing(t *testing.T) {
	l := openText(t, "apiVersion: a\nkind: A\nmetadata: {name: a}\nspec: {order: null, nets: [null], ingress: [{source: ~}]}\n")
	if got := l.Left(); !slices.Equal(got, []string{"spec.nets[0]"}) {
		t.Errorf("left %q", got)
	}
	l.Reported("", "PF1006")
	for _, e := range l.Entries() {
		if e.Disposition != Reported {
			t.Errorf("the object is refused, and the ledger says %+v", e)
		}
	}
}
