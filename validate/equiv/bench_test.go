package equiv

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/translate/source"
)

// estate is a generated cluster: namespaces with applications of some replicas each, and policies that let the
// applications of a namespace talk to each other, to one in the next namespace and to a range outside.
type estate struct {
	namespaces, apps, replicas, policies int
	// sparse says that most of the applications do not run.
	sparse bool
}

func (e estate) cluster() string {
	var b strings.Builder
	b.WriteString("apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {podCIDRs: [10.0.0.0/8], serviceCIDRs: [172.30.0.0/16], nodeCIDRs: [192.168.0.0/16], complete: true}\n")
	for n := range 20 {
		fmt.Fprintf(&b, "---\n{apiVersion: v1, kind: Node, metadata: {name: node-%d}, status: {addresses: [{type: InternalIP, address: 192.168.0.%d}]}}\n", n, n+1)
	}
	at := 0
	for ns := range e.namespaces {
		fmt.Fprintf(&b, "---\n{apiVersion: v1, kind: Namespace, metadata: {name: ns-%d, labels: {team: team-%d}}}\n", ns, ns%10)
		apps := e.apps
		if e.sparse { // three or four of the applications that policies speak of
			apps = 3 + ns%2
		}
		for app := range apps {
			for r := range e.replicas {
				at++
				address := fmt.Sprintf("10.%d.%d.%d", at>>16, at>>8&255, at&255)
				fmt.Fprintf(&b, "---\n{apiVersion: v1, kind: Pod, metadata: {name: app-%d-%d, namespace: ns-%d, labels: {app: app-%d, pod-template-hash: h%d}}, spec: {nodeName: node-%d, serviceAccountName: default, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}, status: {phase: Running, podIP: %s, podIPs: [{ip: %s}]}}\n",
					app, r, ns, app, at, at%20, address, address)
			}
		}
	}
	return b.String()
}

// network writes NetworkPolicies.
func (e estate) network() string {
	var b strings.Builder
	for i := range e.policies {
		ns, app := i%e.namespaces, i/e.namespaces%e.apps
		fmt.Fprintf(&b, `---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p-%d, namespace: ns-%d}, spec: {podSelector: {matchLabels: {app: app-%d}}, policyTypes: [Ingress, Egress],
 ingress: [{from: [{podSelector: {matchLabels: {app: app-%d}}}, {namespaceSelector: {matchLabels: {team: team-%d}}, podSelector: {matchLabels: {app: app-0}}}], ports: [{port: %d}, {port: http}]}],
 egress: [{to: [{podSelector: {}}]}, {to: [{ipBlock: {cidr: 203.%d.%d.0/24, except: [203.%d.%d.128/25]}}], ports: [{port: 443}]}]}}
`, i, ns, app, (app+1)%e.apps, (ns+1)%10, 8000+i%50, i>>8&255, i&255, i>>8&255, i&255)
	}
	return b.String()
}

// cilium writes the same policies as CiliumNetworkPolicies.
func (e estate) cilium() string {
	var b strings.Builder
	for i := range e.policies {
		ns, app := i%e.namespaces, i/e.namespaces%e.apps
		fmt.Fprintf(&b, `---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: p-%d, namespace: ns-%d}, spec: {endpointSelector: {matchLabels: {app: app-%d}},
 ingress: [{fromEndpoints: [{matchLabels: {app: app-%d}}, {matchLabels: {app: app-0, k8s:io.cilium.k8s.namespace.labels.team: team-%d}}], toPorts: [{ports: [{port: "%d", protocol: TCP}, {port: http, protocol: TCP}]}]}],
 egress: [{toEndpoints: [{}]}, {toCIDRSet: [{cidr: 203.%d.%d.0/24, except: [203.%d.%d.128/25]}], toPorts: [{ports: [{port: "443", protocol: TCP}]}]}]}}
`, i, ns, app, (app+1)%e.apps, (ns+1)%10, 8000+i%50, i>>8&255, i&255, i>>8&255, i&255)
	}
	return b.String()
}

// estates are the sizes that docs/benchmarks.md speaks of.
var estates = []struct {
	name string
	estate
}{
	{"1000 policies, 1000 workloads", estate{100, 10, 1, 1000, false}},
	{"12000 policies, 1000 namespaces, 3500 pods", estate{1000, 7, 1, 12000, true}},
	{"500 policies, 500 label sets, 100000 pods", estate{50, 10, 200, 500, false}},
}

// BenchmarkCompare compares NetworkPolicies under Calico with CiliumNetworkPolicies. Reading is not counted; making the
// judges is.
func BenchmarkCompare(b *testing.B) {
	for _, e := range estates {
		b.Run(e.name, func(b *testing.B) { e.compare(b) })
	}
}

// BenchmarkVerify also reads the texts and the facts, as the program does. The metric reading is the part of the time that
// takes, and us/object the time for one policy or pod.
func BenchmarkVerify(b *testing.B) {
	for _, e := range estates {
		b.Run(e.name, func(b *testing.B) { e.verify(b) })
	}
}

func (e estate) verify(b *testing.B) {
	var texts [3][]byte
	for i, text := range []string{e.network(), e.cilium(), e.cluster()} {
		texts[i] = []byte(text)
	}
	var reading time.Duration
	objects := 0
	for b.Loop() {
		start := time.Now()
		var read [3][]*source.Document
		objects = 0
		for i, text := range texts {
			set, problems := source.ReadInputs([]source.Input{{Name: "estate.yaml", Data: text}}, source.Options{Slim: true})
			if problems.Len() > 0 {
				b.Fatal(problems.All())
			}
			read[i] = set.Documents
			objects += len(set.Documents)
		}
		facts, problems := cluster.Load(read[2])
		if problems.Len() > 0 {
			b.Fatal(problems.All())
		}
		read[2] = nil
		reading += time.Since(start)
		if result := compareSets(b, facts, read[0], read[1]); result.Answer != Equivalent {
			b.Fatal(result.Answer)
		}
	}
	b.ReportMetric(reading.Seconds()/b.Elapsed().Seconds(), "reading")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(objects), "us/object")
	b.ReportMetric(sys(), "MB")
}

func (e estate) compare(b *testing.B) {
	facts, problems := cluster.Load(parse(b, e.cluster()))
	if problems.Len() > 0 {
		b.Fatal(problems.All())
	}
	left, right := parse(b, e.network()), parse(b, e.cilium())
	var result *Result
	for b.Loop() {
		result = compareSets(b, facts, left, right)
	}
	b.ReportMetric(float64(result.Size.Judged), "judged")
	b.ReportMetric(float64(len(result.Differences)), "differences")
	b.ReportMetric(sys(), "MB")
	if len(result.Differences) > 0 {
		d := result.Differences[0]
		b.Logf("%s: %s %s: %v %v", result.Answer, d.Kind, d.Witness, d.Left, d.Right)
	}
}

// compareSets makes both judges side by side, as verify does, and compares them.
func compareSets(b *testing.B, facts *cluster.Facts, left, right []*source.Document) *Result {
	sets := []Set{{CNI: compat.Calico, Documents: left}, {CNI: compat.Cilium, Documents: right}}
	sides := parallel.Map(2, func(i int) *Side {
		s, err := NewSide(sets[i], facts, nil)
		if err != nil {
			panic(err)
		}
		return s
	})
	result, err := Compare(sides[0], sides[1], facts, Options{Explain: 20})
	if err != nil {
		b.Fatal(err)
	}
	return result
}

// sys is the memory that the process has, in megabytes.
func sys() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.Sys) / 1e6
}

func parse(b *testing.B, text string) []*source.Document {
	b.Helper()
	docs, problems := source.ReadBytes("estate.yaml", []byte(text), source.Options{})
	if problems.Len() > 0 {
		b.Fatal(problems.All())
	}
	return docs
}
