package rehearse

import (
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
)

// TestRunbookCommands: a deny before an allow needs tiers, which must be there before the policies in them. Going back
// deletes what is new and leaves the standard policy, which was there before and is in the output under the same name.
func TestRunbookCommands(t *testing.T) {
	const text = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: db}}
  ingress: [{fromEndpoints: [{matchLabels: {app: web}}, {matchLabels: {app: cart}}]}]
  ingressDeny: [{fromEndpoints: [{matchLabels: {tier: back}}]}]
---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: metrics}
spec:
  endpointSelector: {matchLabels: {app: web}}
  enableDefaultDeny: {ingress: false, egress: false}
  ingressDeny: [{fromEndpoints: [{matchLabels: {app: cart}}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}
`
	b := run(t, Options{To: compat.Calico}, inCast(t, "prod", text)).Estates[0].Runbook
	step := func(title string) RunbookStep {
		i := slices.IndexFunc(b.Steps, func(s RunbookStep) bool { return strings.Contains(s.Title, title) })
		if i < 0 {
			t.Fatalf("no step %q: %+v", title, b.Steps)
		}
		return b.Steps[i]
	}
	apply := step("Apply the policies")
	tiers := slices.IndexFunc(apply.Commands, func(c string) bool { return strings.Contains(c, "-f calico/tier-") })
	all := slices.IndexFunc(apply.Commands, func(c string) bool { return strings.Contains(c, "-R -f calico/") })
	if tiers != 0 || all < 1 {
		t.Errorf("tiers are not applied first:\n%s", strings.Join(apply.Commands, "\n"))
	}
	back := strings.Join(apply.Rollback, "\n")
	if strings.Contains(back, "networkpolicies.networking.k8s.io") || strings.Contains(back, "-R") || !strings.HasPrefix(apply.Rollback[len(apply.Rollback)-1], "kubectl delete tiers.projectcalico.org") {
		t.Errorf("going back:\n%s", back)
	}
	const always = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cilium-config, namespace: kube-system}\ndata: {enable-policy: always}\n"
	e := &estate{cluster: read(t, "config", always)}
	if got := enforce(e.enforcement()); !strings.Contains(got, `"enable-policy":"always"`) {
		t.Errorf("what was enforced always is then enforced by %s", got)
	}
	keep := step("keep the old ones").Commands[0]
	if !strings.Contains(keep, "-o json") || !strings.Contains(keep, `"resourceVersion"`) {
		t.Errorf("kept by %s", keep)
	}
}

// TestRunbookQuotes: what a snapshot is called is one word to the shell into which a command is pasted.
func TestRunbookQuotes(t *testing.T) {
	const text = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}
`
	snapshot := inCast(t, "prod", text)
	snapshot.Path, snapshot.Inputs = "my prod; rm -r x", nil
	first := run(t, Options{To: compat.Calico}, snapshot).Estates[0].Runbook.Steps[0]
	for _, command := range []string{first.Commands[1], first.Checks[1]} {
		if !strings.Contains(command, " 'my prod; rm -r x'") {
			t.Errorf("%s", command)
		}
	}
	snapshot.Inputs = []string{"a b.yaml", "c.yaml"}
	first = run(t, Options{To: compat.Calico}, snapshot).Estates[0].Runbook.Steps[0]
	if !strings.HasSuffix(first.Commands[1], " 'a b.yaml' c.yaml") {
		t.Errorf("%s", first.Commands[1])
	}
	if got := deleting([]Change{{Object: diag.Object{Kind: "NetworkPolicy", Namespace: "shop", Name: "$(date)"}}}); !strings.HasSuffix(got[0], " '$(date)'") {
		t.Errorf("%s", got)
	}
}
