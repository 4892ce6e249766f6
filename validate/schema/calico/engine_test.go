package calico

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// engineEnv names the program of the Calico engine module, which has Calico's own validator. See validate/engines.
const engineEnv = "POLICYFERRY_ENGINE_CALICO"

// TestCasesUnderCalico holds the case of every rule to Calico's own validator: it takes what we take, and refuses what we
// refuse.
func TestCasesUnderCalico(t *testing.T) {
	program := os.Getenv(engineEnv)
	if program == "" {
		t.Skipf("%s is not set: it names the program that is built from validate/engines/calico", engineEnv)
	}
	dir := t.TempDir()
	for i, tc := range cases {
		for k, text := range []string{tc.accept, tc.refuse} {
			write(t, filepath.Join(dir, fmt.Sprintf("%04d.json", 2*i+k)), object(t, text, 31, false))
		}
	}
	var stderr bytes.Buffer
	command := exec.Command(program, "--validate", "--policies", dir)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %.2000s", err, stderr.String())
	}
	answers := bufio.NewScanner(bytes.NewReader(out))
	answers.Buffer(nil, 1<<22) // an error may repeat a long annotation
	n := 0
	for ; answers.Scan(); n++ {
		var got struct {
			Accepted bool
			Error    string
		}
		if err := json.Unmarshal(answers.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		tc, want := cases[n/2], n%2 == 0
		if got.Accepted != want {
			t.Errorf("%s: %s: Calico accepts it: %v %s", tc.rule, []string{tc.accept, tc.refuse}[n%2], got.Accepted, got.Error)
		}
	}
	if n != 2*len(cases) {
		t.Errorf("%d answers to %d objects: %.2000s", n, 2*len(cases), strings.TrimSpace(stderr.String()))
	}
}

// write makes a document of an object.
func write(t *testing.T, path string, o Object) {
	t.Helper()
	document := maps.Clone(o.Content)
	document["apiVersion"], document["kind"] = "projectcalico.org/v3", o.Kind
	if namespaced := strings.HasSuffix(o.Kind, "NetworkPolicy") && !strings.Contains(o.Kind, "Global") || o.Kind == "NetworkSet"; namespaced {
		meta, _ := document["metadata"].(map[string]any)
		meta = maps.Clone(meta)
		meta["namespace"] = "shop"
		document["metadata"] = meta
	}
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
