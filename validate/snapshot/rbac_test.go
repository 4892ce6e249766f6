package snapshot

import (
	"os"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestClusterRole: the role in the documentation has what is read, and no more.
func TestClusterRole(t *testing.T) {
	text, err := os.ReadFile("../../docs/snapshot-rbac.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var role struct {
		Rules []struct {
			APIGroups, Resources, ResourceNames, Verbs []string
		} `json:"rules"`
	}
	if err := yaml.Unmarshal(text, &role); err != nil {
		t.Fatal(err)
	}
	granted := map[string]bool{}
	for _, rule := range role.Rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				if strings.HasPrefix(resource, "tier.") {
					continue // how Calico's API server asks for a policy's tier
				}
				granted[strings.TrimSuffix(resource+"."+group, ".")] = true
				if resource == "configmaps" && !slices.Equal(rule.ResourceNames, []string{configMapName}) {
					t.Errorf("ConfigMaps: %v", rule.ResourceNames)
				}
			}
		}
		for _, verb := range rule.Verbs {
			if verb != "get" && verb != "list" {
				t.Errorf("%s is not for reading", verb)
			}
		}
	}
	asked := append(Resources(), daemonSets, resourceOf("v1", "ConfigMap"))
	for _, r := range asked {
		if !granted[r.FullName()] {
			t.Errorf("%s may not be read", r.FullName())
		}
		delete(granted, r.FullName())
	}
	for name := range granted {
		t.Errorf("%s is never read", name)
	}
}
