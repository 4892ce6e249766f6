package cilium

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestAblation leaves out each step of the set-up in turn: at least one scenario must notice. Cilium keeps its
// configuration in package variables, so every step is left out in a process of its own.
func TestAblation(t *testing.T) {
	if os.Getenv(omitted) != "" {
		t.Skip("this process is the one that leaves a step out")
	}
	for _, s := range steps {
		t.Run(strings.ReplaceAll(string(s), " ", "-"), func(t *testing.T) {
			child := exec.Command(os.Args[0], "-test.run=^TestScenarios$", "-test.v")
			child.Env = append(os.Environ(), omitted+"="+string(s))
			output, err := child.CombinedOutput()
			if err == nil {
				t.Fatal("no scenario needs this step")
			}
			noticed := strings.Count(string(output), "--- FAIL: TestScenarios/")
			if noticed == 0 {
				t.Fatalf("no scenario failed, but the test did: %v\n%s", err, output)
			}
			t.Logf("%d scenarios notice", noticed)
		})
	}
}
