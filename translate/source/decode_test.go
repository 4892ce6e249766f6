package source

import (
	"encoding/json"
	"strings"
	"testing"

	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/policyferry/policyferry/translate/diag"
)

// labelSelector and endpointSelector have the form of Cilium's: the outer type reads its own JSON and forgets what it
// does not know.
type labelSelector struct {
	MatchLabels map[string]string `json:"matchLabels,omitempty"`
}

type endpointSelector struct {
	*labelSelector `json:",inline"`
}

func (s *endpointSelector) UnmarshalJSON(text []byte) error {
	s.labelSelector = &labelSelector{}
	return json.Unmarshal(text, s.labelSelector)
}

type rule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		EndpointSelector endpointSelector     `json:"endpointSelector"`
		Order            *float64             `json:"order,omitempty"`
		Port             *intstr.IntOrString  `json:"port,omitempty"`
		Ports            []intstr.IntOrString `json:"ports,omitempty"`
		Number           uint16               `json:"number,omitempty"`
		Enabled          *bool                `json:"enabled,omitempty"`
		Any              any                  `json:"any,omitempty"`
		Bytes            []byte               `json:"bytes,omitempty"`
	} `json:"spec"`
}

func decodeLines(t *testing.T, text string, into any) []string {
	t.Helper()
	list := document(t, text).Decode(into)
	var lines []string
	for _, f := range list.All() {
		line := strings.TrimPrefix(f.String(), "in.yaml:")
		if f.Hint != "" {
			line += " hint: " + f.Hint
		}
		lines = append(lines, line)
	}
	return lines
}

func TestDecodeFindings(t *testing.T) {
	const head = "apiVersion: v1\nkind: Rule\nmetadata: {name: a}\nspec:\n"
	tests := []struct{ name, spec, want string }{
		{"fine", "  endpointSelector: {matchLabels: {a: b}}\n  order: 10\n  port: \"80\"\n  ports: [http, 80]\n  bytes: aGk=\n  any: {x: [1]}", ""},
		{"hidden", "  endpointSelector: {matchLabel: {a: b}}",
			`5:22: error: spec.endpointSelector has no field "matchLabel" (PF1005) hint: did you mean "matchLabels"?`},
		{"case", "  endpointSelector: {matchlabels: {a: b}}",
			`5:22: error: spec.endpointSelector has no field "matchlabels" (PF1005) hint: did you mean "matchLabels"?`},
		{"far", "  endpointSelector: {podSelector: {}}",
			`5:22: error: spec.endpointSelector has no field "podSelector" (PF1005) hint: its fields are matchLabels`},
		{"yes", "  endpointSelector: {matchLabels: {a: yes}}",
			`5:36: error: spec.endpointSelector.matchLabels.a wants a string, and yes is a boolean (PF1006) hint: write it in quotes: "yes"`},
		{"text for number", "  order: first", `5:3: error: spec.order wants a number, and "first" is a string (PF1006)`},
		{"list for text", "  endpointSelector: {matchLabels: {a: [b]}}", `5:36: error: spec.endpointSelector.matchLabels.a wants a string and not a list (PF1006)`},
		{"two mistakes", "  order: x\n  number: 70000",
			`5:3: error: spec.order wants a number, and "x" is a string (PF1006)` + "\n" +
				`6:3: error: spec.number wants an integer of 16 bits, and 70000 is not one (PF1006)`},
		{"custom", "  ports:\n  - 1\n  - {a: b}", `7:5: error: spec.ports[1] does not take a mapping: cannot unmarshal object into Go value of type int32 (PF1006)`},
		{"mapping for list", "  ports: {a: b}", `5:3: error: spec.ports wants a list and not a mapping (PF1006)`},
		{"bytes", "  bytes: '%%'", `5:3: error: spec.bytes does not take "%%": illegal base64 data at input byte 0 (PF1006)`},
		{"string for bool", "  enabled: \"true\"", `5:3: error: spec.enabled wants true or false, and "true" is a string (PF1006)`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			equal(t, "findings", decodeLines(t, head+test.spec+"\n", &rule{}), strings.Split(test.want, "\n")...)
		})
	}
}

func TestDecodeServerSetFields(t *testing.T) {
	text := `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: a
  creationTimestamp: null
  managedFields:
  - fieldsV1: {"f:spec": {}}
    unheardOf: 1
spec:
  podSelector: {}
status: {conditions: []}
`
	var policy networking.NetworkPolicy
	equal(t, "findings", decodeLines(t, text, &policy))
	if policy.ManagedFields != nil {
		t.Errorf("got managed fields %v", policy.ManagedFields)
	}
}

func TestDecodePolicy(t *testing.T) {
	text := `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: b}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
  - from:
    - ipBlock: {cidr: 10.0.0.0/8}
    port:
    - port: 80
`
	var policy networking.NetworkPolicy
	equal(t, "findings", decodeLines(t, text, &policy),
		`10:5: error: spec.ingress[0] has no field "port" (PF1005) hint: did you mean "ports"?`)
	list := document(t, text).DecodeKnown(&policy)
	if list.Len() != 0 || policy.Spec.Ingress[0].From[0].IPBlock.CIDR != "10.0.0.0/8" {
		t.Errorf("got %v and %v", list.All(), policy)
	}
	d := document(t, text)
	list = d.Decode(&policy)
	if f := list.All()[0]; f.Path != "spec.ingress[0].port" || f.Object != d.Object || f.Code != diag.UnknownField {
		t.Errorf("got %+v", f)
	}
}
