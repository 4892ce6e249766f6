package translate_test

import (
	"slices"
	"testing"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// TestOneSetInTwoForms gives one object as Calico's API shows it and as the custom resource keeps it.
func TestOneSetInTwoForms(t *testing.T) {
	const set = `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: offices, labels: {site: office}}
spec: {nets: [203.0.113.0/24]}
`
	for name, tt := range map[string]struct {
		annotation, nets string
		code             *diag.Code
	}{
		"the same":         {`{"labels":{"site":"office"}}`, "203.0.113.0/24", diag.PassedOver},
		"another label":    {`{"labels":{"site":"lab"}}`, "203.0.113.0/24", diag.DuplicateObject},
		"another address":  {`{"labels":{"site":"office"}}`, "203.0.113.0/25", diag.DuplicateObject},
		"its name is kept": {`{"name":"offices","labels":{"site":"office"}}`, "203.0.113.0/24", diag.PassedOver},
	} {
		t.Run(name, func(t *testing.T) {
			raw := "\n---\napiVersion: crd.projectcalico.org/v1\nkind: GlobalNetworkSet\nmetadata:\n  name: offices\n" +
				"  annotations: {projectcalico.org/metadata: '" + tt.annotation + "'}\nspec: {nets: [" + tt.nets + "]}\n"
			docs, problems := source.ReadBytes("sets.yaml", []byte(set+raw), source.Options{})
			if problems.Len() > 0 {
				t.Fatal(problems.All())
			}
			result, err := translate.Translate(docs, translate.Options{To: compat.Cilium})
			if err != nil {
				t.Fatal(err)
			}
			found := slices.ContainsFunc(result.Findings, func(f diag.Finding) bool { return f.Code == tt.code })
			if !found || tt.code == diag.PassedOver && len(result.Blocked) > 0 {
				t.Errorf("findings %v, want %s", result.Findings, tt.code.ID)
			}
		})
	}
}
