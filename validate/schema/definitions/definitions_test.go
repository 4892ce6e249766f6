package definitions

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"testing"

	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/client/crds/v2"
	calicoconfig "github.com/projectcalico/calico/libcalico-go/config"

	"github.com/policyferry/policyferry/validate/schema/crd"
	"github.com/policyferry/policyferry/validate/schema/kubernetes"
)

var update = flag.Bool("update", false, "write the text anew")

// read returns one version of the definition in a file.
func read(t *testing.T, from fs.ReadFileFS, file, version string) crd.Version {
	t.Helper()
	raw, err := from.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, raw, version)
}

func parse(t *testing.T, raw []byte, version string) crd.Version {
	t.Helper()
	v, err := crd.Parse(raw, version)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// upstream are the definitions of all kinds that carry policy, as the modules have them that this build requires.
func upstream(t *testing.T) []crd.Version {
	t.Helper()
	var out []crd.Version
	for _, plural := range []string{"networkpolicies", "globalnetworkpolicies", "stagednetworkpolicies", "stagedglobalnetworkpolicies",
		"stagedkubernetesnetworkpolicies", "networksets", "globalnetworksets", "hostendpoints", "tiers"} {
		out = append(out, read(t, calicoconfig.CRDFiles, "crd/crd.projectcalico.org_"+plural+".yaml", "v1"))
	}
	for _, plural := range []string{"adminnetworkpolicies", "baselineadminnetworkpolicies"} {
		out = append(out, read(t, calicoconfig.CRDFiles, "crd/policy.networking.k8s.io_"+plural+".yaml", "v1alpha1"))
	}
	for _, plural := range []string{"ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies", "ciliumcidrgroups"} {
		out = append(out, read(t, ciliumv2.EmbedFS, plural+".yaml", "v2"))
	}
	out = append(out, read(t, ciliumv2.EmbedFS, "ciliumcidrgroups.yaml", "v2alpha1"))
	return append(out, networkPolicy(t), parse(t, kubernetes.ClusterNetworkPolicyDefinition, "v1alpha2"))
}

// networkPolicy is the schema of a NetworkPolicy, which Kubernetes publishes in no Go package: that of Calico's staged
// form without what it has beyond a NetworkPolicy.
func networkPolicy(t *testing.T) crd.Version {
	t.Helper()
	staged := read(t, calicoconfig.CRDFiles, "crd/crd.projectcalico.org_stagedkubernetesnetworkpolicies.yaml", "v1")
	staged.Name = "networkpolicies.networking.k8s.io/v1"
	if _, ok := staged.Schema.Properties["spec"].Properties["stagedAction"]; !ok {
		t.Fatal("a StagedKubernetesNetworkPolicy has no stagedAction any more")
	}
	delete(staged.Schema.Properties["spec"].Properties, "stagedAction")
	return staged
}

// TestText holds the text to the modules.
func TestText(t *testing.T) {
	versions := upstream(t)
	want, err := crd.Compact(versions...)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("definitions.jsonl", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(text, want) {
		t.Error("definitions.jsonl is not what the modules of the CNIs say; run go generate ./validate/schema/definitions")
	}
	library := Open()
	for _, v := range versions {
		if _, err := library.Source(v.Name).Definition(); err != nil {
			t.Error(err)
		}
	}
}
