package cilium

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// A scenario is a txtar file: a paragraph that says what it shows and where upstream says so, the policies, facts
// and objects that the cluster of testdata/cluster.yaml has beside its own, and flows.
type scenario struct {
	policies, cluster []byte
	flows             []verdict.Flow
}

func readScenario(t *testing.T, path string) scenario {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	base, err := os.ReadFile("testdata/cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Comment) == 0 {
		t.Fatal("the scenario does not say what it shows")
	}
	s := scenario{cluster: base}
	for _, file := range archive.Files {
		switch file.Name {
		case "policies.yaml":
			s.policies = file.Data
		case "cluster.yaml":
			s.cluster = append(append(s.cluster, "---\n"...), file.Data...)
		case "flows":
			if s.flows, err = verdict.ParseFlows(string(file.Data)); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("unknown section %s", file.Name)
		}
	}
	if len(s.flows) == 0 {
		t.Fatal("no flows")
	}
	return s
}

// documents reads documents that must be free of findings.
func documents(t testing.TB, name string, data []byte) []*source.Document {
	t.Helper()
	docs, findings := source.ReadBytes(name, data, source.Options{})
	for _, f := range findings.All() {
		t.Fatal(f.String())
	}
	return docs
}

func newJudge(t testing.TB, policies, objects []byte) verdict.Judge {
	t.Helper()
	docs := documents(t, "cluster.yaml", objects)
	facts, findings := cluster.Load(docs)
	for _, f := range findings.All() {
		t.Fatal(f.String())
	}
	if len(policies) > 0 {
		docs = append(docs, documents(t, "policies.yaml", policies)...)
	}
	j, err := New(docs, facts)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func scenarioFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	return files
}

func TestScenarios(t *testing.T) {
	for _, path := range scenarioFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			s := readScenario(t, path)
			j := newJudge(t, s.policies, s.cluster)
			for _, f := range s.flows {
				v, err := j.Judge(f.Connection)
				if err != nil {
					t.Errorf("%s: %v", f.Text, err)
				} else if !f.Want.Met(v) {
					t.Errorf("%s: got %+v", f.Text, v)
				}
			}
		})
	}
}
