package calico

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// A scenario is a txtar file: what it shows, the policies, a cluster beside testdata/cluster.yaml if it needs more, the
// flows with the verdicts that Calico's semantics give them, and what Calico does not enforce.
type scenario struct {
	docs     []*source.Document
	facts    *cluster.Facts
	flows    []verdict.Flow
	rejected []string
}

func readScenario(t *testing.T, file string) scenario {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(archive.Comment)) == "" {
		t.Fatal("a scenario begins with what it shows")
	}
	world, err := os.ReadFile("testdata/cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	inputs := []source.Input{{Name: "testdata/cluster.yaml", Data: world}}
	var s scenario
	for _, f := range archive.Files {
		switch f.Name {
		case "policies.yaml":
			s.docs = parse(t, []source.Input{{Name: f.Name, Data: f.Data}})
		case "cluster.yaml":
			inputs = append(inputs, source.Input{Name: f.Name, Data: f.Data})
		case "flows":
			if s.flows, err = verdict.ParseFlows(string(f.Data)); err != nil {
				t.Fatalf("flows: %v", err)
			}
		case "rejected":
			s.rejected = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
		default:
			t.Fatalf("unknown section %q", f.Name)
		}
	}
	if len(s.flows) == 0 {
		t.Fatal("a scenario without flows tests nothing")
	}
	facts, findings := cluster.Load(parse(t, inputs))
	for _, f := range findings.All() {
		t.Fatalf("cluster: %s", f.String())
	}
	s.facts = facts
	return s
}

func parse(t *testing.T, inputs []source.Input) []*source.Document {
	t.Helper()
	set, findings := source.ReadInputs(inputs, source.Options{})
	for _, f := range findings.All() {
		t.Fatal(f.String())
	}
	return set.Documents
}

func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { readScenario(t, file).run(t) })
	}
}

func (s scenario) run(t *testing.T) {
	judge, err := New(s.docs, s.facts)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.flows {
		v, err := judge.Judge(f.Connection)
		if err != nil {
			t.Errorf("line %d: %s: %v", f.Line, f.Text, err)
			continue
		}
		if !f.Want.Met(v) {
			t.Errorf("line %d: %s\n  got egress:%s %v, ingress:%s %v %s", f.Line, f.Text, v.Egress, v.EgressBy, v.Ingress, v.IngressBy, v.Why)
		}
	}
	s.checkRejected(t, judge.(verdict.Rejecter).Rejected())
	s.checkOrder(t, judge)
}

// checkRejected compares what is not enforced with lines of "object: part of the reason".
func (s scenario) checkRejected(t *testing.T, got []verdict.Rejection) {
	t.Helper()
	for _, want := range s.rejected {
		object, reason, _ := strings.Cut(want, ": ")
		i := slices.IndexFunc(got, func(r verdict.Rejection) bool { return r.Object == object && strings.Contains(r.Reason, reason) })
		if i < 0 {
			t.Errorf("not rejected: %s", want)
			continue
		}
		got = slices.Delete(slices.Clone(got), i, i+1)
	}
	for _, r := range got {
		t.Errorf("rejected unexpectedly: %s: %s", r.Object, r.Reason)
	}
}

// checkOrder judges again with the documents in reverse: only names, orders and tiers may count.
func (s scenario) checkOrder(t *testing.T, judge verdict.Judge) {
	t.Helper()
	docs := slices.Clone(s.docs)
	slices.Reverse(docs)
	reversed, err := New(docs, s.facts)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.flows {
		a, _ := judge.Judge(f.Connection)
		b, _ := reversed.Judge(f.Connection)
		if a.Egress != b.Egress || a.Ingress != b.Ingress || !slices.Equal(a.EgressBy, b.EgressBy) || !slices.Equal(a.IngressBy, b.IngressBy) {
			t.Errorf("line %d: %s: the order of the documents matters: %+v, %+v", f.Line, f.Text, a, b)
		}
	}
}
