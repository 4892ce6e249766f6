package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

const world = "../../testdata/world.yaml"

type result struct {
	code           int
	stdout, stderr string
}

func runWith(stdin string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(args, strings.NewReader(stdin), &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

func policyFile(t *testing.T, text string) string {
	t.Helper()
	file := t.TempDir() + "/policies.yaml"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const isolate = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: isolate, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}]}]}
`

const broken = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: broken, namespace: shop}
spec: {selector: "app ="}
`

// TestAnswers: one line for each question, in order, in the form of the contract; empty lines are none.
func TestAnswers(t *testing.T) {
	questions := `{"from":"shop/web","to":"shop/db","protocol":"tcp","port":5432}

{"from":"other/client","to":"shop/db","protocol":"tcp","port":5432}
{"from":"8.8.8.8","to":"9.9.9.9","protocol":17,"port":53}`
	want := `{"egress":"allow","ingress":"allow","egressBy":[],"ingressBy":["NetworkPolicy shop/isolate"],"why":""}
{"egress":"allow","ingress":"deny","egressBy":[],"ingressBy":[],"why":"ingress: end of tier default"}
{"egress":"none","ingress":"none","egressBy":[],"ingressBy":[],"why":""}
`
	got := runWith(questions, "--policies", policyFile(t, isolate), "--cluster", world)
	if got.code != exitAnswered || got.stdout != want || got.stderr != "" {
		t.Errorf("%+v, want %s", got, want)
	}
}

// TestRejected: a rejected policy is reported and left out; --strict makes it an error.
func TestRejected(t *testing.T) {
	question := `{"from":"shop/web","to":"shop/db","protocol":"tcp","port":5432}`
	file := policyFile(t, broken)
	got := runWith(question, "--policies", file, "--cluster", world)
	if got.code != exitAnswered || !strings.HasPrefix(got.stderr, "rejected: NetworkPolicy shop/broken: ") ||
		!strings.Contains(got.stdout, `"ingress":"allow"`) {
		t.Errorf("%+v", got)
	}
	got = runWith(question, "--policies", file, "--cluster", world, "--strict")
	if got.code != exitInput || got.stdout != "" || !strings.Contains(got.stderr, "1 policies rejected") {
		t.Errorf("strict: %+v", got)
	}
}

// TestUnusableInput exits 2 and says what is wrong, with the number of the line; answers before it stand.
func TestUnusableInput(t *testing.T) {
	file := policyFile(t, isolate)
	good := `{"from":"shop/web","to":"shop/db","protocol":"tcp","port":1}` + "\n"
	for want, got := range map[string]result{
		"connection 2: from: pod":           runWith(good+`{"from":"x/y","to":"shop/db","protocol":"tcp","port":1}`, "--policies", file, "--cluster", world),
		"connection 2: invalid character":   runWith(good+"not json\n", "--policies", file, "--cluster", world),
		"connection 1: json: unknown field": runWith(`{"from":"shop/web","to":"shop/db","proto":"tcp"}`, "--policies", file, "--cluster", world),
		"hint: --policies PATH":             runWith(good, "--cluster", world),
		"no such file":                      runWith(good, "--policies", "missing.yaml"),
		"unexpected argument \"more\"":      runWith(good, "--policies", file, "more"),
		"flag provided but not defined":     runWith(good, "--policy", file),
		"policies.yaml, document 1: yaml":   runWith(good, "--policies", policyFile(t, "a: ["), "--cluster", world),
	} {
		if got.code != exitInput || !strings.Contains(got.stderr, want) {
			t.Errorf("%+v, want %q", got, want)
		}
	}
	got := runWith(good+"not json\n", "--policies", file, "--cluster", world)
	if strings.Count(got.stdout, "\n") != 1 {
		t.Errorf("answers before the bad line: %q", got.stdout)
	}
}

// TestValidate prints a line for each Calico object.
func TestValidate(t *testing.T) {
	got := runWith("", "--validate", "--policies", policyFile(t, isolate+"---"+broken))
	if got.code != exitAnswered || !strings.HasPrefix(got.stdout, `{"kind":"NetworkPolicy","namespace":"shop","name":"broken","accepted":false,"error":"`) ||
		strings.Count(got.stdout, "\n") != 1 {
		t.Errorf("%+v", got)
	}
}
