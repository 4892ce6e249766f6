package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const cluster = `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop, labels: {app: a}}
status: {phase: Running, podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: shop, labels: {app: b}}
status: {phase: Running, podIP: 10.0.0.2}
`

const policies = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec: {endpointSelector: {matchLabels: {app: a}}, ingress: [{fromEndpoints: [{matchLabels: {app: b}}]}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: q, namespace: shop}
spec: {endpointSelector: {}, ingress: []}
`

const rejection = "rejected: CiliumNetworkPolicy shop/q: "

func TestRun(t *testing.T) {
	root := t.TempDir()
	for name, content := range map[string]string{"cluster.yaml": cluster, "policies.yaml": policies} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	given := []string{"--policies", filepath.Join(root, "policies.yaml"), "--cluster", filepath.Join(root, "cluster.yaml")}
	for _, test := range []struct {
		name, stdin, stdout, stderr string
		args                        []string
		code                        int
	}{
		{
			name: "answers", args: given,
			stdin: `{"from":"shop/b","to":"shop/a","protocol":"tcp","port":80}

{"from":"10.9.9.9","to":"10.0.0.1","protocol":"icmp","icmpType":8}`,
			stdout: `{"egress":"allow","ingress":"allow","egressBy":[],"ingressBy":["CiliumNetworkPolicy shop/p"],"why":""}
{"egress":"none","ingress":"deny","egressBy":[],"ingressBy":[],"why":""}
`,
			stderr: rejection,
		},
		{name: "strict", args: append([]string{"--strict"}, given...), code: exitUnusable, stderr: rejection},
		{
			name: "validates", args: append([]string{"--validate"}, given...),
			stdout: `{"kind":"CiliumNetworkPolicy","namespace":"shop","name":"p","accepted":true,"error":""}
{"kind":"CiliumNetworkPolicy","namespace":"shop","name":"q","accepted":false,"error":"Invalid CiliumNetworkPolicy spec: rule must have at least one of Ingress, IngressDeny, Egress, EgressDeny"}
`,
		},
		{name: "unknown end", args: given, stdin: `{"from":"shop/c","to":"shop/a","protocol":"tcp"}`, code: exitUnusable, stderr: "connection 1: from:"},
		{name: "unknown key", args: given, stdin: `{"form":"shop/c"}`, code: exitUnusable, stderr: "connection 1:"},
		{name: "no JSON", args: given, stdin: "\nn/a shop/b\n", code: exitUnusable, stderr: "connection 2:"},
		{name: "missing file", args: []string{"--policies", filepath.Join(root, "none.yaml")}, code: exitUnusable, stderr: "none.yaml"},
		{name: "unknown flag", args: []string{"--police"}, code: exitUnusable, stderr: "police"},
		{name: "stray argument", args: []string{"x"}, code: exitUnusable, stderr: "unexpected argument"},
		{name: "help", args: []string{"--help"}, stderr: "-policies"},
		{name: "nothing at all", stdin: `{"from":"10.0.0.1","to":"10.0.0.2","protocol":"tcp"}`, stdout: `{"egress":"none","ingress":"none","egressBy":[],"ingressBy":[],"why":""}` + "\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(test.args, strings.NewReader(test.stdin), &stdout, &stderr)
			if code != test.code {
				t.Errorf("exit %d, want %d: %s", code, test.code, stderr.String())
			}
			if test.code == exitAnswered && stdout.String() != test.stdout {
				t.Errorf("answered\n%swant\n%s", stdout.String(), test.stdout)
			}
			if !strings.Contains(stderr.String(), test.stderr) || test.stderr == "" && stderr.Len() > 0 {
				t.Errorf("said %q, want %q", stderr.String(), test.stderr)
			}
		})
	}
}
