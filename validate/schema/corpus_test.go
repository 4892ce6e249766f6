package schema

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
)

// corpusEnv names a directory of real policies with an index of verdicts (index.tsv). It is no part of the project.
const corpusEnv = "POLICYFERRY_CORPUS"

// entry is one line of the index.
type entry struct{ file, kind, apiVersion, verdict, err string }

func readIndex(t *testing.T, dir string) []entry {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "index.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var entries []entry
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	column := map[string]int{}
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if len(column) == 0 {
			for i, name := range fields {
				column[name] = i
			}
			continue
		}
		get := func(name string) string { return fields[column[name]] }
		entries = append(entries, entry{get("file"), get("kind"), get("apiVersion"), get("verdict"), get("error")})
	}
	if len(entries) == 0 {
		t.Fatal("the index is empty")
	}
	return entries
}

// TestCorpus compares the verdicts with those of the index, which come from strict decoding and from the CNIs' own
// validators. Where there is more to say of an object, it is listed in disagreements with the reason.
func TestCorpus(t *testing.T) {
	dir := os.Getenv(corpusEnv)
	if dir == "" {
		t.Skipf("%s is not set: it names a directory of real policies with their verdicts", corpusEnv)
	}
	counts := map[string]int{}
	expected := map[string]bool{}
	for _, files := range disagreements {
		for _, file := range files {
			expected[file] = true
		}
	}
	for _, e := range readIndex(t, dir) {
		text, err := os.ReadFile(filepath.Join(dir, e.file))
		if err != nil {
			t.Fatal(err)
		}
		var object map[string]any
		// An object that cannot even be read is refused.
		unreadable := yaml.UnmarshalStrict(text, &object)
		problems := Validate(object, corpusTarget(e))
		accepted := unreadable == nil && len(problems) == 0
		if raw, err := json.Marshal(object); err == nil && unreadable == nil {
			if again := ValidateJSON(raw, corpusTarget(e)); !slices.Equal(again, problems) {
				t.Errorf("%s: as JSON %q, else %q", e.file, texts(again), texts(problems))
			}
		}
		counts[e.verdict]++
		disagrees := e.verdict == "ok" && !accepted ||
			(e.verdict == "invalid" || e.verdict == "unknown-or-dup-field") && accepted
		switch {
		case disagrees && !expected[e.file]:
			t.Errorf("%s (%s): the index says %s %s; here %v %q", e.file, e.kind, e.verdict, e.err, unreadable, texts(problems))
		case !disagrees && expected[e.file]:
			t.Errorf("%s is listed as a disagreement and is none", e.file)
		}
		delete(expected, e.file)
	}
	for file := range expected {
		t.Errorf("%s is listed as a disagreement and is not in the index", file)
	}
	t.Logf("objects by verdict: %v", counts)
}

// corpusTarget is the cluster that an object was written for.
func corpusTarget(e entry) Target {
	if strings.HasPrefix(e.apiVersion, "cilium.io/") {
		return target(compat.Cilium)
	}
	if e.kind == "ClusterNetworkPolicy" {
		on := true
		out := target(compat.Cilium)
		out.Cilium = cluster.CiliumSettings{NodeSelectorLabels: &on}
		return out
	}
	return target(compat.Calico)
}
