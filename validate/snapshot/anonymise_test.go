package snapshot_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/generate"
	"github.com/policyferry/policyferry/validate/snapshot"
)

var (
	seeds = flag.Int("seeds", 40, "pairs of random sets whose verdicts are compared before and after they are made anonymous")
	first = flag.Uint64("first", 1, "the first seed")
)

const cast = "../../fixtures/cast"

// taken takes a snapshot of texts and of files.
func taken(t *testing.T, texts []string, paths ...string) *snapshot.Snapshot {
	t.Helper()
	for i, text := range texts {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.yaml", i))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	s, err := snapshot.FromFiles(paths, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answer compares what a snapshot holds of Calico with what it holds of Cilium, and writes down all that does not depend
// on names.
func answer(t *testing.T, s *snapshot.Snapshot) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "snapshot")
	if err := s.Write(dir, false); err != nil {
		t.Fatal(err)
	}
	set, problems := source.Read([]string{dir}, nil, source.Options{})
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	var ofCalico, ofCilium, objects []*source.Document
	for _, doc := range set.Documents {
		switch cni, _ := equiv.CNIOf([]*source.Document{doc}); cni {
		case compat.Calico:
			ofCalico = append(ofCalico, doc)
		case compat.Cilium:
			ofCilium = append(ofCilium, doc)
		default:
			objects = append(objects, doc)
			if strings.HasSuffix(doc.Object.Kind, "NetworkPolicy") {
				ofCalico, ofCilium = append(ofCalico, doc), append(ofCilium, doc)
			}
		}
	}
	facts, findings := equiv.Cluster(slices.Concat(objects, ofCalico, ofCilium))
	if findings.Len() > 0 {
		return "facts: " + findings.All()[0].Code.ID
	}
	var out []string
	sides := map[compat.CNI]*equiv.Side{}
	for cni, docs := range map[compat.CNI][]*source.Document{compat.Calico: ofCalico, compat.Cilium: ofCilium} {
		side, err := equiv.NewSide(equiv.Set{CNI: cni, Documents: docs}, facts, nil)
		if err != nil {
			return "no judge"
		}
		out = append(out, fmt.Sprintf("%s rejects %d", cni, len(side.Rejected())))
		if testing.Verbose() {
			t.Log(side.Rejected())
		}
		sides[cni] = side
	}
	r, err := equiv.Compare(sides[compat.Calico], sides[compat.Cilium], facts, equiv.Options{Explain: 1})
	if err != nil {
		return "no comparison"
	}
	out = append(out, string(r.Answer), fmt.Sprintf("%d pods, %d classes", r.Size.Pods, r.Size.Classes))
	for _, d := range r.Differences {
		out = append(out, fmt.Sprintf("%s %.6g", d.Kind, d.Connections))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestAnonymousSetsGiveTheSameAnswer compares random sets of Calico and of Cilium, which differ in much, before and after.
func TestAnonymousSetsGiveTheSameAnswer(t *testing.T) {
	differences, doubted := 0, 0
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		calico, cilium := generate.CalicoScenario(seed), generate.CiliumScenario(seed+1000)
		set := func() *snapshot.Snapshot {
			return taken(t, []string{calico.Policies, withoutStandard(cilium.Policies)}, cast)
		}
		before := answer(t, set())
		s := set()
		if err := s.Anonymise("salt"); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(codes(s), func(c string) bool { return strings.HasPrefix(c, "PF5005") }) {
			doubted++ // it says itself that the answer may differ
			continue
		}
		after := answer(t, s)
		differences += strings.Count(before, "\n")
		if before != after {
			t.Errorf("seed %d: before\n%s\nafter\n%s", seed, before, after)
		}
	}
	if t.Logf("%d of %d sets may differ by PF5005", doubted, *seeds); doubted > *seeds/4 {
		t.Error("of too many sets it is only said that their answers may differ")
	}
	if differences < *seeds*5 {
		t.Errorf("the sets differ in %d kinds of connections only, so nothing is shown", differences)
	}
}

// TestAnonymousNames: names say something to Calico, and whether an object is refused for its name does not change.
func TestAnonymousNames(t *testing.T) {
	long := strings.Repeat("long-", 20) + "name"
	policy := func(kind, name, spec string) string {
		return fmt.Sprintf("apiVersion: projectcalico.org/v3\nkind: %s\nmetadata: {name: %s, namespace: shop}\nspec: {%s}\n", kind, name, spec)
	}
	const closed = "selector: app == 'web', types: [Ingress, Egress]"
	tier := "apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: %s}\nspec: {order: 10}\n---\n"
	for name, text := range map[string]string{
		"a copy":                policy("NetworkPolicy", "knp.default.copy", closed),
		"a plain name":          policy("NetworkPolicy", "copy", closed),
		"of another tier":       policy("NetworkPolicy", "security.copy", closed),
		"of its tier":           fmt.Sprintf(tier, "security") + policy("NetworkPolicy", "security.copy", "tier: security, "+closed),
		"without its tier":      fmt.Sprintf(tier, "security") + policy("NetworkPolicy", "copy", "tier: security, "+closed),
		"a tier that is none":   fmt.Sprintf(tier, "Security_1") + policy("NetworkPolicy", "copy", "tier: Security_1, "+closed),
		"two dots":              policy("NetworkPolicy", "default.a.b", closed),
		"upper case":            policy("NetworkPolicy", "Copy", closed),
		"an underscore":         policy("NetworkPolicy", "default.my_copy", closed),
		"an OpenStack group":    policy("NetworkPolicy", "ossg.default.copy", closed),
		"long":                  policy("NetworkPolicy", long, closed),
		"too long":              policy("NetworkPolicy", strings.Repeat(long, 3), closed),
		"long, of Kubernetes":   "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " + long + ", namespace: shop}\nspec: {podSelector: {}}\n",
		"upper case, of Cilium": "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: Copy_1, namespace: shop}\nspec: {endpointSelector: {}, ingress: [{}]}\n",
		"long, of Cilium":       "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: " + long + ", namespace: shop}\nspec: {endpointSelector: {}, ingress: [{}]}\n",
		"a key with a domain":   "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {podSelector: {matchExpressions: [{key: example.com/team, operator: DoesNotExist}]}}\n",
		"a key that is none":    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {podSelector: {matchExpressions: [{key: -team-, operator: DoesNotExist}]}}\n",
		"a long value":          "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [" + long + "]}]}}\n",
		"a value that is none":  "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [-web-]}]}}\n",
		"a long account": policy("NetworkPolicy", "copy", "selector: app == 'web', ingress: [{action: Deny, source: {serviceAccounts: {names: ["+long+"]}}}, {action: Allow}]") +
			"---\napiVersion: v1\nkind: Pod\nmetadata: {name: " + long + ", namespace: shop}\nspec: {nodeName: alpha, serviceAccountName: " + long + "}\nstatus: {phase: Running, podIP: 10.244.1.99, podIPs: [{ip: 10.244.1.99}]}\n" +
			"---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: " + long + ", namespace: shop}\n",
		"a long group": "apiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: {name: " + long + "}\nspec: {externalCIDRs: [203.0.113.0/24]}\n---\n" +
			"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {endpointSelector: {}, egress: [{toCIDRSet: [{cidrGroupRef: " + long + "}]}]}\n",
		"the profile of a namespace": "apiVersion: projectcalico.org/v3\nkind: HostEndpoint\nmetadata: {name: eth1}\nspec: {node: alpha, interfaceName: eth1, expectedIPs: [192.168.10.1], profiles: [kns.shop]}\n---\n" +
			"apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: default.h}\nspec: {selector: pcns.env == 'prod', ingress: [{action: Deny}]}\n",
		"the profile of an account": "apiVersion: projectcalico.org/v3\nkind: HostEndpoint\nmetadata: {name: eth1}\nspec: {node: alpha, interfaceName: _eth1, expectedIPs: [192.168.10.1], profiles: [ksa.shop.cashier]}\n---\n" +
			"apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: default.h}\nspec: {selector: pcsa.role == 'money', ingress: [{action: Allow}]}\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := taken(t, []string{text}, cast)
			if err := s.Anonymise("salt"); err != nil {
				t.Fatal(err)
			}
			before, after := answer(t, taken(t, []string{text}, cast)), answer(t, s)
			if before != after || !strings.Contains(before, "classes") {
				t.Errorf("before\n%s\nafter\n%s", before, after)
			}
		})
	}
}

// withoutStandard leaves the kinds out that both sets have under the same names.
func withoutStandard(text string) string {
	docs := strings.Split(text, "---\n")
	return strings.Join(slices.DeleteFunc(docs, func(d string) bool { return !strings.Contains(d, "apiVersion: cilium.io/") }), "---\n")
}

// TestAnonymousEstates: the sample estates give the same answers, and nothing in them tells whose they are.
func TestAnonymousEstates(t *testing.T) {
	for name, c := range map[string]struct {
		paths  []string
		unlike bool
	}{
		"calico": {[]string{"../../fixtures/estates/calico-platform/policies", "../../fixtures/estates/calico-platform/cluster"}, false},
		"cilium": {[]string{"../../fixtures/estates/cilium-gitops/policies", "../../fixtures/estates/cilium-gitops/cluster"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			plain, s := taken(t, nil, c.paths...), taken(t, nil, c.paths...)
			if err := s.Anonymise("salt"); err != nil {
				t.Fatal(err)
			}
			if got := codes(s); slices.ContainsFunc(got, func(c string) bool { return strings.HasPrefix(c, "PF5005") }) != c.unlike {
				t.Errorf("%q", got)
			}
			if before, after := answer(t, plain), answer(t, s); before != after {
				t.Errorf("before\n%s\nafter\n%s", before, after)
			}
			dir := filepath.Join(t.TempDir(), "anonymous")
			if err := s.Write(dir, false); err != nil {
				t.Fatal(err)
			}
			tells(t, plain, dir)

			again, other := taken(t, nil, c.paths...), taken(t, nil, c.paths...)
			if err := again.Anonymise("salt"); err != nil {
				t.Fatal(err)
			}
			if err := other.Anonymise("pepper"); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(names(again), names(s)) || slices.Equal(names(other), names(s)) {
				t.Error("the same salt gives the same names, and another one others")
			}
		})
	}
}

// own are the API's words that an estate may use as names.
var own = regexp.MustCompile(`^(|true|false|default|kube-system|kube-dns|coredns|kubernetes|linux|amd64|k8s|calico|cilium|calico-kube-controllers|pod-template-hash|k8s-app|control-plane|io.kubernetes.pod.namespace|` +
	`app|name|role|tier|zone|env|web|db|api|key|node|http|https|all|dns|a|b|c|none|host|edge|pod|health|cluster|world|ingress|egress|metrics|info|[0-9.]{1,6})$`)

// tells looks in an anonymous snapshot for every name, label, DNS name and public address of the plain one. Words that are
// in every snapshot, such as fields of the API, cannot tell anything.
func tells(t *testing.T, plain *snapshot.Snapshot, dir string) {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all.WriteString(path[len(dir):] + "\n")
		all.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, checked := all.String(), 0
	for _, o := range plain.Objects {
		var content map[string]any
		if err := json.Unmarshal(o.JSON, &content); err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets(content) {
			if own.MatchString(secret) || strings.Contains(secret, "kubernetes.io") || strings.Contains(secret, "k8s.io") || strings.Contains(secret, "cilium") || strings.Contains(secret, "projectcalico") {
				continue
			}
			checked++
			if regexp.MustCompile(`(^|[^A-Za-z0-9-])` + regexp.QuoteMeta(secret) + `($|[^A-Za-z0-9.-])`).MatchString(text) {
				t.Errorf("%s of %s %s/%s is still there", secret, o.Kind, o.Namespace, o.Name)
			}
		}
	}
	if checked < 200 {
		t.Errorf("only %d words were looked for", checked)
	}
}

// address is an address that is not special.
var address = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+(/\d+)?$|^[0-9a-f]+:[0-9a-f:]+(/\d+)?$`)

// secrets are names, keys and values of labels, DNS names and addresses.
func secrets(content map[string]any) []string {
	var out []string
	meta, _ := content["metadata"].(map[string]any)
	out = append(out, fmt.Sprint(meta["name"]))
	if ns, ok := meta["namespace"].(string); ok {
		out = append(out, ns)
	}
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, member := range v {
				if key == "labels" || key == "matchLabels" {
					out = append(out, k, fmt.Sprint(member))
				} else {
					walk(k, member)
				}
			}
		case []any:
			for _, item := range v {
				walk(key, item)
			}
		case string:
			if key == "matchName" || key == "matchPattern" && v != "*" || key == "serviceName" || key == "serviceAccountName" || key == "nodeName" {
				out = append(out, v)
			}
			if address.MatchString(v) && !strings.HasPrefix(v, "0.0.0.0") && !strings.HasPrefix(v, "169.254.") && !strings.HasPrefix(v, "::") && strings.Count(v, ":") > 1 == strings.Contains(v, ":") && !strings.HasSuffix(v, ".0.0/16") && !strings.HasSuffix(v, "/8") && v != "172.16.0.0/12" {
				out = append(out, v)
			}
		}
	}
	walk("", content)
	return out
}
