package equiv

import (
	"testing"

	"github.com/policyferry/policyferry/validate/verdict/calico"
)

// TestWordsOfPolicies: a snapshot that is given as a set holds its pods, and labels that no policy asks for, such as the
// hash of a template, divide no class.
func TestWordsOfPolicies(t *testing.T) {
	facts := castFacts(t)
	const policy = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {selector: app == 'web', types: [Egress]}
---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: shop, labels: {pod-template-hash: abc, app: web}}
`
	s := side(t, policy, facts, calico.New)
	w, err := wordsOf(s.Documents)
	if err != nil || !w.inPlay("app") || w.inPlay("pod-template-hash") {
		t.Errorf("%v, %v", w, err)
	}
}
