package cilium

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/validate/verdict"
)

// onlookers are peers of shop/db, in the order of the columns of the tables: a pod of its namespace, one of another
// namespace, the world, its own node and another one.
var onlookers = []verdict.Endpoint{
	{Pod: "shop/web"}, {Pod: "dev/tool"}, {Addr: netip.MustParseAddr("203.0.113.7")}, {Node: "node-2"}, {Node: "node-1"},
}

// connection is one from an onlooker or other end, with traffic as tables of flows write it.
func connection(t testing.TB, from verdict.Endpoint, to, traffic string) verdict.Connection {
	t.Helper()
	flows, err := verdict.ParseFlows(from.String() + " " + to + " " + traffic + " allow")
	if err != nil {
		t.Fatal(err)
	}
	return flows[0].Connection
}

// columns asks for the ingress of shop/db from every onlooker: a, d or u for each.
func columns(t *testing.T, j verdict.Judge, traffic string) string {
	t.Helper()
	var out strings.Builder
	for _, from := range onlookers {
		v, err := j.Judge(connection(t, from, "shop/db", traffic))
		if err != nil {
			t.Fatal(err)
		}
		out.WriteByte(v.Ingress[0])
	}
	return out.String()
}

// policyForDB is a policy for shop/db of one of the kinds, with a fragment of its spec.
func policyForDB(kind, fragment string) string {
	subject := "endpointSelector: {matchLabels: {app: db}}"
	head := "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {namespace: shop, name: form}\n"
	switch kind {
	case "CCNP":
		head = "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: form}\n"
	case "KNP":
		head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {namespace: shop, name: form}\n"
		subject = "podSelector: {matchLabels: {app: db}}"
	case "KCNP":
		head = "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: form}\n"
		subject = "tier: Admin, priority: 1, subject: {namespaces: {matchLabels: {env: prod}}}"
	}
	return fmt.Sprintf("%sspec: {%s, %s}\n", head, subject, fragment)
}

func baseCluster(t testing.TB, facts string) []byte {
	t.Helper()
	base, err := os.ReadFile("testdata/cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(base, "---\napiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {cilium: {%s}}\n", facts)
}

// forms is the truth table of empty and degenerate forms. The probes are tcp/80, tcp/90, udp/80 and icmp/8, or one for
// all of them.
var forms = []struct{ kind, fragment, want string }{
	{"CNP", `egress: [{}]`, "aaaaa"},
	{"CNP", `ingress: []`, "aaaaa"},
	{"CNP", `ingress: [{}]`, "dddad"},
	{"KNP", `ingress: [{}]`, "aaaaa"},
	{"KNP", `ingress: []`, "dddad"},
	{"KNP", `ingress: [], policyTypes: [Egress]`, "aaaaa"},
	{"CNP", `ingress: [{fromEndpoints: []}]`, "dddad"},
	{"CNP", `ingress: [{fromEndpoints: [], toPorts: [{ports: [{port: "80"}]}]}]`, "dddad"},
	{"CNP", `ingress: [{fromEntities: [], toPorts: [{ports: [{port: "80"}]}]}]`, "dddad"},
	{"CNP", `ingress: [{fromCIDR: [], toPorts: [{ports: [{port: "80"}]}]}]`, "dddad"},
	{"CNP", `ingress: [{fromCIDRSet: [], toPorts: [{ports: [{port: "80"}]}]}]`, "dddad"},
	{"CNP", `ingress: [{fromGroups: [], toPorts: [{ports: [{port: "80", protocol: TCP}]}]}]`, "aaaaa dddad dddad dddad"},
	{"CNP", `ingress: [{fromEndpoints: [{}]}]`, "addad"},
	{"CCNP", `ingress: [{fromEndpoints: [{}]}]`, "aadad"},
	{"CNP", `ingress: [{toPorts: [{ports: [{port: "80", protocol: TCP}]}]}]`, "aaaaa dddad dddad dddad"},
	{"CNP", `ingress: [{toPorts: [{ports: [{port: "80"}]}]}]`, "aaaaa dddad aaaaa dddad"},
	{"CNP", `ingress: [{fromEndpoints: [{}], toPorts: []}]`, "addad"},
	{"CNP", `ingress: [{fromEndpoints: [{}], icmps: []}]`, "addad"},
	{"CNP", `ingress: [{fromEndpoints: [{}], toPorts: [{}]}]`, "dddad"},
	{"CNP", `ingress: [{fromEndpoints: [{}], toPorts: [{ports: []}]}]`, "dddad"},
	{"CNP", `ingress: [{fromEndpoints: [{}], icmps: [{}]}]`, "dddad"},
	{"CNP", `ingress: [{toPorts: [{ports: [{port: "0", protocol: ANY}]}]}]`, "aaaaa aaaaa aaaaa dddad"},
	{"CNP", `ingress: [{toPorts: [{ports: [{port: "0", protocol: TCP}]}]}]`, "aaaaa aaaaa dddad dddad"},
	{"CNP", `ingress: [{toPorts: [{ports: [{protocol: TCP}]}]}]`, "aaaaa"},
	{"CNP", `ingress: [{toPorts: [{ports: [{port: "90", endPort: 70, protocol: TCP}]}]}]`, "dddad aaaaa dddad dddad"},
	{"CNP", `ingress: [{toPorts: [{ports: [{port: "0", endPort: 70, protocol: TCP}]}]}]`, "aaaaa aaaaa dddad dddad"},
	{"CNP", `ingress: [{icmps: [{fields: [{type: 0}]}]}]`, "dddad dddad dddad aaaaa"},
	{"CNP", `ingress: [{icmps: [{fields: [{type: EchoReply}]}]}]`, "dddad dddad dddad aaaaa"},
	{"CNP", `ingress: [{icmps: [{fields: [{type: 8}]}]}]`, "dddad dddad dddad aaaaa"},
	{"CNP", `ingress: [{icmps: [{fields: [{type: 13}]}]}]`, "dddad"},
	{"CNP", `ingress: [{icmps: [{fields: [{type: 128, family: IPv6}]}]}]`, "dddad"},
	{"CNP", `ingress: [{fromEntities: [all]}]`, "aaaaa"},
	{"CNP", `ingress: [{fromEntities: [cluster]}]`, "aadaa"},
	{"CNP", `ingress: [{fromEntities: [none]}]`, "dddad"},
	{"CNP", `ingress: [{fromEntities: [world]}]`, "ddaad"},
	{"CNP", `ingress: [{fromEntities: [host]}]`, "dddad"},
	{"CNP", `ingress: [{fromEntities: [remote-node]}]`, "dddaa"},
	{"CNP", `ingress: [{fromEntities: [health, ingress, init, unmanaged]}]`, "dddad"},
	{"CNP", `ingressDeny: [{fromEntities: [world]}]`, "dddad"},
	{"CNP", `ingressDeny: [{}]`, "dddad"},
	{"CNP", `enableDefaultDeny: {ingress: false}, ingressDeny: [{fromEntities: [world]}]`, "aadaa"},
	{"CNP", `enableDefaultDeny: {ingress: false}, ingressDeny: [{}]`, "aaaaa"},
	{"CNP", `enableDefaultDeny: {ingress: false}, ingressDeny: [{fromEntities: [host]}]`, "aaada"},
	{"CNP", `enableDefaultDeny: {ingress: true}, egress: [{}]`, "aaaaa"},
	{"CNP", `ingress: [{fromEntities: [all]}], ingressDeny: [{fromEntities: [cluster]}]`, "ddadd"},
	{"CNP", `ingress: [{fromEntities: [all]}], ingressDeny: [{toPorts: [{ports: [{port: "80"}]}]}]`, "ddddd aaaaa ddddd aaaaa"},
	{"CNP", `ingress: [{fromEndpoints: [{}]}], ingressDeny: [{fromCIDR: [0.0.0.0/0]}]`, "addad"},
	{"CNP", `ingress: [{fromCIDR: [203.0.113.7]}], ingressDeny: [{fromEntities: [world]}]`, "dddad"},
	{"CNP", `ingress: [{toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{method: GET}]}}]}]`, "uuuau dddad dddad dddad"},
	{"CNP", `ingress: [{toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {}}]}]`, "aaaaa dddad dddad dddad"},
	{"KNP", `ingress: [{from: []}]`, "aaaaa"},
	{"KNP", `ingress: [{from: [{namespaceSelector: {}}]}]`, "aadad"},
	{"KNP", `ingress: [{from: [{podSelector: {}}]}]`, "addad"},
	{"KNP", `ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]`, "ddaad"},
	{"KNP", `ingress: [{ports: [{protocol: TCP}]}]`, "aaaaa aaaaa dddad dddad"},
	{"KCNP", `ingress: [{action: Deny, from: [{namespaces: {}}]}]`, "ddaaa"},
	{"KCNP", `ingress: [{action: Deny}]`, "ddddd"},
	{"KCNP", `ingress: [{action: Deny, protocols: [{tcp: {}}]}]`, "ddddd ddddd aaaaa aaaaa"},
	{"KCNP", `ingress: [{action: Pass}]`, "aaaaa"},
}

func TestForms(t *testing.T) {
	objects := baseCluster(t, "clusterNetworkPolicy: true")
	for _, form := range forms {
		t.Run(form.kind+" "+form.fragment, func(t *testing.T) {
			j := newJudge(t, []byte(policyForDB(form.kind, form.fragment)), objects)
			want := strings.Fields(form.want)
			for i, traffic := range []string{"tcp/80", "tcp/90", "udp/80", "icmp/8"} {
				if got := columns(t, j, traffic); got != want[i%len(want)] {
					t.Errorf("%s: got %s, want %s", traffic, got, want[i%len(want)])
				}
			}
		})
	}
}

// negations is the table of selectors that only say what they do not want, with peers confined to the local cluster
// and not. What no other label makes positive matches everyone, the excluded too.
var negations = []struct{ kind, fragment, confined, unconfined string }{
	{"CNP", `ingress: [{fromEndpoints: [{matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: NotIn, values: [dev]}]}]}]`, "addad", "aaaaa"},
	{"CNP", `ingress: [{fromEndpoints: [{matchExpressions: [{key: io.cilium.k8s.namespace.labels.env, operator: NotIn, values: [dev]}]}]}]`, "addad", "aaaaa"},
	{"CNP", `ingress: [{fromEndpoints: [{matchExpressions: [{key: app, operator: NotIn, values: [web]}]}]}]`, "dddad", "dddad"},
	{"CCNP", `ingress: [{fromEndpoints: [{matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: NotIn, values: [dev]}]}]}]`, "addad", "aaaaa"},
	{"CCNP", `ingress: [{fromEndpoints: [{matchExpressions: [{key: io.cilium.k8s.namespace.labels.env, operator: NotIn, values: [dev]}]}]}]`, "addad", "addad"},
	{"CCNP", `ingress: [{fromEndpoints: [{matchExpressions: [{key: app, operator: NotIn, values: [tool]}]}]}]`, "addad", "addad"},
	{"KNP", `ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: env, operator: NotIn, values: [dev]}]}}]}]`, "addad", "aaaaa"},
	{"KNP", `ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}]}]`, "dddad", "dddad"},
	{"KCNP", `ingress: [{action: Deny, from: [{namespaces: {matchExpressions: [{key: env, operator: NotIn, values: [dev]}]}}]}]`, "ddddd", "ddddd"},
	{"KCNP", `ingress: [{action: Deny, from: [{pods: {namespaceSelector: {matchExpressions: [{key: env, operator: NotIn, values: [dev]}]}, podSelector: {}}}]}]`, "daaaa", "ddddd"},
	{"KCNP", `ingress: [{action: Deny, from: [{namespaces: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: Exists}, {key: env, operator: NotIn, values: [dev]}]}}]}]`, "daaaa", "daaaa"},
	{"CNP", `ingress: [{fromEndpoints: [{matchExpressions: [{key: "reserved:remote-node", operator: DoesNotExist}]}]}]`, "aaaad", "aaaad"},
	{"CNP", `enableDefaultDeny: {ingress: false}, ingressDeny: [{fromEndpoints: [{matchExpressions: [{key: "reserved:host", operator: DoesNotExist}]}]}]`, "dddad", "dddad"},
	{"CNP", `enableDefaultDeny: {ingress: false}, ingressDeny: [{fromEndpoints: [{matchExpressions: [{key: "reserved:host", operator: DoesNotExist}, {key: app, operator: NotIn, values: [tool]}]}]}]`, "dddad", "dddad"},
	{"CNP", `enableDefaultDeny: {ingress: false}, ingressDeny: [{fromEndpoints: [{matchExpressions: [{key: "reserved:world", operator: DoesNotExist}]}]}]`, "ddadd", "ddadd"},
}

func TestNegations(t *testing.T) {
	for _, confined := range []bool{true, false} {
		objects := baseCluster(t, fmt.Sprintf("clusterNetworkPolicy: true, defaultLocalCluster: %t", confined))
		for _, n := range negations {
			t.Run(fmt.Sprintf("%t %s %s", confined, n.kind, n.fragment), func(t *testing.T) {
				j := newJudge(t, []byte(policyForDB(n.kind, n.fragment)), objects)
				want := n.confined
				if !confined {
					want = n.unconfined
				}
				if got := columns(t, j, "tcp/80"); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			})
		}
	}
}
