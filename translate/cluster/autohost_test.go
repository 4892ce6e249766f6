package cluster

import (
	"fmt"
	"strings"
	"testing"
)

const automaticHosts = `
apiVersion: v1
kind: Node
metadata:
  name: alpha
  labels: {zone: east}
  annotations: {projectcalico.org/IPv4Address: 192.168.10.1/24}
status: {addresses: [{type: InternalIP, address: 192.168.10.1}, {type: ExternalIP, address: 198.51.100.1}]}
---
apiVersion: v1
kind: Node
metadata: {name: beta}
status: {addresses: [{type: InternalIP, address: 192.168.10.2}]}
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: beta-auto-hep, labels: {exported: "yes"}}
spec: {node: beta, interfaceName: "*"}
`

func autoHosts(autoCreate string) string {
	return "---\napiVersion: projectcalico.org/v3\nkind: KubeControllersConfiguration\nmetadata: {name: default}\n" +
		"spec: {controllers: {node: {hostEndpoint: {autoCreate: " + autoCreate + "}}}}\n"
}

func statedHosts(on bool) string {
	return fmt.Sprintf("---\napiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {calico: {autoHostEndpoints: %v}}\n", on)
}

func TestAutomaticHostEndpointsStated(t *testing.T) {
	for text, want := range map[string]struct {
		known string
		made  bool
	}{
		"":                    {"", false},
		autoHosts("Enabled"):  {"true", true},
		autoHosts("Disabled"): {"false", false},
		statedHosts(true):     {"true", true},
		statedHosts(false):    {"false", false},
		autoHosts("Enabled") + statedHosts(false): {"false", false},
		autoHosts("Disabled") + statedHosts(true): {"true", true},
	} {
		f := load(t, automaticHosts+text)
		if got := f.Text(FactAutoHostEndpoints); got != want.known {
			t.Errorf("%s\nknown as %q, want %q", text, got, want.known)
		}
		h := f.HostEndpoints["alpha-auto-hep"]
		if (h != nil) != want.made {
			t.Errorf("%s\nmade: %v, want %v", text, h != nil, want.made)
		}
		if h != nil && (h.InterfaceName != "*" || h.Node != "alpha" || h.Labels["zone"] != "east" || fmt.Sprint(h.ExpectedIPs) != "[192.168.10.1]") {
			t.Errorf("%s\nmade as %+v", text, h)
		}
		if f.HostEndpoints["beta-auto-hep"].Labels["exported"] != "yes" {
			t.Errorf("%s\nan exported endpoint is made anew", text)
		}
	}
}

// TestHintsNameWhatCanBeStated holds hints to the keys that a ClusterFacts document takes.
func TestHintsNameWhatCanBeStated(t *testing.T) {
	for _, fact := range AllFacts() {
		section, key, _ := strings.Cut(string(fact), ".")
		spec := fmt.Sprintf("{%s: x}", section)
		if key != "" {
			spec = fmt.Sprintf("{%s: {%s: x}}", section, key)
		}
		_, findings := Load(read(t, "\napiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: "+spec+"\n"))
		unknown := false
		for _, f := range findings.All() {
			unknown = unknown || strings.Contains(f.Message, "unknown key")
		}
		if hinted := strings.Contains(fact.Hint(), "spec."+string(fact)+" in a ClusterFacts document"); hinted == unknown {
			t.Errorf("%s: ClusterFacts knows it: %v, and the hint is %q", fact, !unknown, fact.Hint())
		}
	}
}
