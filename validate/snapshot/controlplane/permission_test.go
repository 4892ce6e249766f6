package controlplane

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// permit binds the documented role to the reader, and in the namespace default to the confined user.
func (p *plane) permit(t *testing.T) {
	t.Helper()
	roles := read(t, filepath.Join(root, "docs", "snapshot-rbac.yaml"))
	if len(roles) != 1 {
		t.Fatalf("%d documents", len(roles))
	}
	binding := func(kind, namespace, user string) *unstructured.Unstructured {
		o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
			"metadata": map[string]any{"name": "snapshot-" + user},
			"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": roles[0].GetName()},
			"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}}}}
		o.SetNamespace(namespace)
		return o
	}
	p.create(t, append(roles, binding("ClusterRoleBinding", "", reader), binding("RoleBinding", "default", confined)))
}

// TestPermissions: what an account may not read is said, and what it may read is taken.
func TestPermissions(t *testing.T) {
	apiserver, etcd, program := programs(t)
	p := start(t, apiserver, etcd)
	p.definitions(t)
	pod := func(namespace, name string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Pod",
			"metadata": map[string]any{"name": name, "namespace": namespace},
			"spec":     map[string]any{"containers": []any{map[string]any{"name": "c", "image": "registry.invalid/a"}}}}}
	}
	p.create(t, []*unstructured.Unstructured{pod("default", "seen"), pod("kube-system", "unseen")})
	p.permit(t)

	dir := filepath.Join(t.TempDir(), "snapshot")
	r := policyferry(t, program, "snapshot", "--kubeconfig", p.kubeconfig(t, nobody), "-o", dir)
	// What is missing is told in a line for each thing that it means, and not in one for each kind.
	if r.exit != 2 || !regexp.MustCompile(`, pods, .* are missing, what depends on them cannot be decided: .*User "nobody" cannot list.*\(PF5001, narrows\)\n`).MatchString(r.stderr) ||
		!strings.Contains(r.stderr, "policyferry: the cluster shows this account no object that a snapshot holds, so nothing is written\nhint: ") || strings.Count(r.stderr, "\n") > 10 {
		t.Errorf("nobody: exit code %d\n%s", r.exit, r.stderr)
	}
	for token, want := range map[string]string{
		"":      `policyferry: the account may not even ask the API server what it serves: forbidden: User "system:anonymous" cannot get path "/api/v1", so nothing is written`,
		"wrong": "does not accept the credentials: Unauthorized, so nothing is written",
	} {
		r = policyferry(t, program, "snapshot", "--kubeconfig", p.kubeconfig(t, token), "-o", dir)
		if r.exit != 2 || !strings.Contains(r.stderr, want) {
			t.Errorf("token %q: exit code %d\n%s", token, r.exit, r.stderr)
		}
	}
	r = policyferry(t, program, "snapshot", "--kubeconfig", p.kubeconfig(t, confined), "-n", "default", "-o", dir)
	if r.exit != 1 || strings.Contains(r.stderr, " pods") || !regexp.MustCompile(` nodes .* are missing, what depends on them cannot be decided`).MatchString(r.stderr) ||
		!regexp.MustCompile(` globalnetworkpolicies.crd.projectcalico.org, .* are missing, so the policy set is not whole`).MatchString(r.stderr) {
		t.Errorf("confined: exit code %d\n%s", r.exit, r.stderr)
	}
	files := contents(t, dir)
	if !strings.Contains(files["namespaces/default/pods.yaml"], "name: seen") || files["namespaces/kube-system/pods.yaml"] != "" ||
		strings.Contains(files["snapshot.yaml"], "complete: true") {
		t.Errorf("%v", files)
	}
	r = policyferry(t, program, "snapshot", "--kubeconfig", p.kubeconfig(t, reader), "-o", dir)
	if r.exit != 0 || !strings.Contains(contents(t, dir)["namespaces/kube-system/pods.yaml"], "name: unseen") {
		t.Errorf("reader: exit code %d\n%s", r.exit, r.stderr)
	}
}
