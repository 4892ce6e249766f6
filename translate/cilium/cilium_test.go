package cilium

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy/api"
	"sigs.k8s.io/yaml"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/selector"
)

func init() {
	option.Config.EnableIPv4, option.Config.EnableIPv6 = true, true
	option.Config.EnableICMPRules = true
	option.Config.EnableL7Proxy = true
	option.Config.EnableNonDefaultDenyPolicies = true
	option.Config.EnableNodeSelectorLabels = true
	api.InitEntities("default")
}

// newEnv is the surroundings of a translation from Calico to Cilium, or the other way round.
func newEnv(to compat.CNI, facts *cluster.Facts) *env.Env {
	if facts == nil {
		facts = &cluster.Facts{}
	}
	return &env.Env{Facts: facts, Relied: &cluster.Relied{}, Findings: &diag.List{},
		Source: compat.Newest(to.Other()), Target: compat.Newest(to)}
}

func podLabel(name string) selector.Key { return selector.Key{Kind: selector.PodLabel, Name: name} }

func inNamespace(names ...string) selector.Selector {
	return selector.Where(namespaceName, selector.In(names...))
}

func labelled(key, value string) selector.Selector {
	return selector.Where(podLabel(key), selector.In(value))
}

// canonical is YAML or an object as comparable JSON.
func canonical(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	out, err := yaml.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func fromYAML(t *testing.T, text string) any {
	t.Helper()
	var out any
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// codesOf lists the findings as "PF2004 effect", in order, each once.
func codesOf(e *env.Env) string {
	var out []string
	for _, f := range e.Findings.Sorted() {
		text := f.Code.Name + " " + string(f.Effect())
		if len(out) == 0 || out[len(out)-1] != text {
			out = append(out, text)
		}
	}
	return strings.Join(out, ", ")
}

// sanitize asks Cilium's agent whether it takes the object.
func sanitize(t *testing.T, o any) {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	var head struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		t.Fatal(err)
	}
	switch head.Kind {
	case "CiliumNetworkPolicy":
		var cnp ciliumv2.CiliumNetworkPolicy
		if err := yaml.UnmarshalStrict(text, &cnp); err != nil {
			t.Fatalf("%v\n%s", err, canonical(t, o))
		}
		if _, err := cnp.Parse(log, "default"); err != nil {
			t.Fatalf("%v\n%s", err, canonical(t, o))
		}
	case "CiliumClusterwideNetworkPolicy":
		var ccnp ciliumv2.CiliumClusterwideNetworkPolicy
		if err := yaml.UnmarshalStrict(text, &ccnp); err != nil {
			t.Fatalf("%v\n%s", err, canonical(t, o))
		}
		if _, err := ccnp.Parse(log, "default"); err != nil {
			t.Fatalf("%v\n%s", err, canonical(t, o))
		}
	default:
		t.Fatalf("unexpected kind %q", head.Kind)
	}
}
