package ledger

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/source"
)

// document writes an object with ten rules or more, so that rule 1 and rule 10 begin alike, and with keys that hold
// the separators of paths.
func document(t testing.TB, rules int) *source.Document {
	t.Helper()
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  annotations: {a.b/c: x, a.b: y, \"a]b\": z, \"a[0]\": w, ab: v}\nspec:\n  ingress:\n")
	for i := range rules {
		fmt.Fprintf(&b, "  - action: Allow\n    source: {nets: [10.0.0.0/8, 10.%d.0.0/16], ports: [], net: {}}\n", i%250)
	}
	docs, list := source.ReadBytes("in.yaml", []byte(b.String()), source.Options{})
	if len(docs) != 1 || list.Len() > 0 {
		t.Fatal(list.All())
	}
	return docs[0]
}

// plainLedger is the law as it is written down: it looks at every field for every statement.
type plainLedger struct {
	paths   []string
	entries map[string]Entry
}

func (p *plainLedger) discharge(path string, d Disposition, why string) {
	for _, leaf := range p.paths {
		e := p.entries[leaf]
		if source.Within(leaf, path) && (e.Disposition == Left || d == Reported && e.Disposition != Reported) {
			p.entries[leaf] = Entry{leaf, d, why}
		}
	}
}

// TestLedgerIsTheLaw makes many statements in random order and compares every entry with the plain ledger's.
func TestLedgerIsTheLaw(t *testing.T) {
	doc := document(t, 12)
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		books := New(doc)
		plain := &plainLedger{entries: map[string]Entry{}}
		var targets []string
		for _, e := range books.Entries() {
			plain.paths = append(plain.paths, e.Path)
			plain.entries[e.Path] = e
			for p := e.Path; p != ""; p = p[:max(strings.LastIndexAny(p, ".["), 0)] {
				targets = append(targets, p)
			}
		}
		targets = append(targets, "", "spec.ingress[1", "absent")
		for range 30 {
			path := targets[random.IntN(len(targets))]
			switch random.IntN(3) {
			case 0:
				books.Carried(path)
				plain.discharge(path, Carried, "")
			case 1:
				books.Reported(path, "PF2001")
				plain.discharge(path, Reported, "PF2001")
			default:
				books.NoMeaning(path, "why")
				plain.discharge(path, NoMeaning, "why")
			}
		}
		for _, e := range books.Entries() {
			if e != plain.entries[e.Path] {
				t.Fatalf("seed %d: got %+v, the law says %+v", seed, e, plain.entries[e.Path])
			}
		}
	}
}

func TestLeftIsInDocumentOrder(t *testing.T) {
	books := New(document(t, 11))
	books.Reported("spec.ingress[1]", "PF2001")
	left := books.Left()
	if slices.ContainsFunc(left, func(p string) bool { return source.Within(p, "spec.ingress[1]") }) {
		t.Errorf("the reported rule is left: %v", left)
	}
	if !slices.Contains(left, "spec.ingress[10].source.nets[0]") {
		t.Errorf("rule 10 went with rule 1: %v", left)
	}
	if first := left[0]; first != "metadata.annotations[a.b/c]" {
		t.Errorf("the first is %s", first)
	}
}

func TestWholeObject(t *testing.T) {
	books := New(document(t, 1))
	books.Reported("", "PF1009")
	if left := books.Left(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// BenchmarkLedger discharges each field of an object by itself; the time for one field must not grow with the object.
func BenchmarkLedger(b *testing.B) {
	for _, rules := range []int{100, 5000} {
		doc := document(b, rules)
		leaves := doc.Leaves()
		b.Run(fmt.Sprint(len(leaves)), func(b *testing.B) {
			for b.Loop() {
				books := New(doc)
				for _, leaf := range leaves {
					books.Carried(leaf.Path)
				}
				if len(books.Left()) > 0 {
					b.Fatal("fields are left")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(leaves)), "ns/field")
		})
	}
}
