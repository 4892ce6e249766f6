package lint

import (
	"bufio"
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// corpusEnv names a directory of real policies with an index of verdicts (index.tsv). It is no part of the project.
const corpusEnv = "POLICYFERRY_CORPUS"

// entry is one line of the index: a file with one object, and what the CNIs' own validators say of it.
type entry struct{ file, verdict, err string }

func corpus(t *testing.T) (dir string, entries []entry) {
	t.Helper()
	dir = os.Getenv(corpusEnv)
	if dir == "" {
		t.Skipf("%s is not set: it names a directory of real policies with their verdicts", corpusEnv)
	}
	f, err := os.Open(filepath.Join(dir, "index.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	var column map[string]int
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if column == nil {
			column = map[string]int{}
			for i, name := range fields {
				column[name] = i
			}
			continue
		}
		entries = append(entries, entry{fields[column["file"]], fields[column["verdict"]], fields[column["error"]]})
	}
	if len(entries) < 100 {
		t.Fatalf("the index has only %d entries", len(entries))
	}
	return dir, entries
}

// lintFile lints one file alone.
func lintFile(t *testing.T, dir, file string) *Result {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return lintText(t, file, string(text), Options{})
}

func lintText(t *testing.T, name, text string, opt Options) *Result {
	t.Helper()
	docs, problems := source.ReadBytes(name, []byte(text), source.Options{})
	opt.Reading = problems
	r, err := Run(docs, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// worst is the gravest finding, or none.
func worst(r *Result) (Finding, bool) {
	if len(r.Findings) == 0 {
		return Finding{}, false
	}
	return slices.MaxFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(a.Severity, b.Severity) }), true
}

// TestCorpus holds lint to what the CNIs' own validators say of real policies, each linted alone: what they reject is
// an error here, and what they accept is none, but for the objects of which the index says too little.
func TestCorpus(t *testing.T) {
	dir, entries := corpus(t)
	rejected, caught, accepted, alarms := 0, 0, 0, 0
	explained := map[string]int{}
	worstOf := map[diag.Severity]int{}
	for _, e := range entries {
		f, found := worst(lintFile(t, dir, e.file))
		// What depends on a setting that the cluster may have is a warning.
		isError := found && f.Severity == diag.Error
		switch e.verdict {
		case "ok":
			accepted++
			if found {
				worstOf[f.Severity]++
			}
			reason := indexSaysTooLittle(e, f)
			switch {
			case !isError:
			case reason == "":
				alarms++
				t.Logf("%s is accepted, and lint says %s", e.file, f.String())
			default:
				explained[reason]++
			}
		case "invalid", "unknown-or-dup-field":
			rejected++
			reason := notRejected[e.file]
			if reason == "" && strings.Contains(e.err, `unknown field "status"`) {
				reason = "status is set by the server"
			}
			switch {
			case isError || found && f.Topic == Enforcement && f.Severity == diag.Warning:
				caught++
				if reason != "" {
					t.Errorf("%s is said not to be caught, and is", e.file)
				}
			case reason == "":
				t.Errorf("%s is not caught; the index says %s: %s", e.file, e.verdict, e.err)
			default:
				explained[reason]++
			}
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(explained)) {
		t.Logf("%d: %s", explained[reason], reason)
	}
	t.Logf("accepted objects by their gravest finding: %v", worstOf)
	t.Logf("caught: %d of %d rejected objects; errors that should be none: %d of %d accepted objects", caught, rejected, alarms, accepted)
	if alarms*200 > accepted {
		t.Errorf("%d of %d accepted objects are errors, more than 1 in 200", alarms, accepted)
	}
}

// indexSaysTooLittle is why an object that the index accepts is an error all the same.
func indexSaysTooLittle(e entry, f Finding) string {
	switch {
	case f.Code == diag.Template:
		return "a variable stands in it, in a place where the index does not look"
	case strings.HasPrefix(f.Path, "metadata"):
		return "the index does not look at names and namespaces"
	case f.Code == diag.LegacyAPI:
		return "the index does not look at apiVersion"
	case strings.HasPrefix(e.file, "k8s/") && (f.Code == diag.WrongValue || f.Code == diag.UnknownField):
		return "the index has only decoded it; an API server validates"
	}
	return ""
}

// notRejected is why an object that the index rejects is none.
var notRejected = map[string]string{
	"calico/projectcalico__api__2.yaml":       "nobody validates a raw object, and Felix reads its actions in any spelling",
	"cilium/solidDoWant__infra-mk3__2.yaml":   "a key beside a merge that has it as well stands there once",
	"cilium/solidDoWant__infra-mk3__74.yaml":  "a key beside a merge that has it as well stands there once",
	"cilium/solidDoWant__infra-mk3__123.yaml": "a key beside a merge that has it as well stands there once",
}
