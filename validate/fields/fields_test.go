package fields

import (
	"reflect"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type inline struct {
	Shown  string `json:"shown"`
	Hidden string `json:"-"`
}

type outer struct {
	inline `json:",inline"`
	List   []*inline            `json:"list"`
	Labels map[string]string    `json:"labels,omitempty"`
	Picks  metav1.LabelSelector `json:"picks"`
	own    string
}

func TestOf(t *testing.T) {
	want := []string{"spec.shown", "spec.list[].shown", "spec.labels", "spec.picks"}
	var got []string
	for _, f := range Of(reflect.TypeOf(outer{own: "is not part of the JSON form"}), "spec") {
		got = append(got, f.Path)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestKinds looks for fields at the end of every way through the types.
func TestKinds(t *testing.T) {
	want := map[string]string{
		"GlobalNetworkPolicy":            "spec.egress[].destination.serviceAccounts.names[]",
		"StagedKubernetesNetworkPolicy":  "spec.ingress[].from[].ipBlock.except[]",
		"CiliumNetworkPolicy":            "specs[].ingressDeny[].icmps[].fields[].family",
		"CiliumClusterwideNetworkPolicy": "spec.nodeSelector",
		"Kubernetes NetworkPolicy":       "spec.egress[].ports[].endPort",
		"ClusterNetworkPolicy":           "spec.egress[].protocols[].sctp.destinationPort.range.end",
		"BaselineAdminNetworkPolicy":     "spec.ingress[].ports[].namedPort",
	}
	for _, k := range Kinds() {
		if len(k.Fields) == 0 {
			t.Errorf("%s has no fields", k)
		}
		path, asked := want[k.String()]
		if asked && !slices.ContainsFunc(k.Fields, func(f Field) bool { return f.Path == path }) {
			t.Errorf("%s lacks %s", k, path)
		}
		delete(want, k.String())
	}
	if len(want) > 0 {
		t.Errorf("no kind is called so: %v", want)
	}
}
