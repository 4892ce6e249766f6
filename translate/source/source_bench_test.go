package source

import (
	"fmt"
	"strings"
	"testing"
	"time"

	networking "k8s.io/api/networking/v1"
	kubeyaml "sigs.k8s.io/yaml"
)

// benchPolicy is a policy of ordinary size, with comments and quotes as people write them.
func benchPolicy(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: %s\n  namespace: shop\n", name)
	b.WriteString("  labels:\n    app.kubernetes.io/name: shop\nspec:\n  podSelector:\n    matchLabels:\n      app: shop\n")
	b.WriteString("  policyTypes: [Ingress, Egress]\n  ingress:\n")
	for i := range 10 {
		fmt.Fprintf(&b, "  # team %d\n  - from:\n    - podSelector:\n        matchLabels: {team: \"%d\"}\n", i, i)
		fmt.Fprintf(&b, "    - ipBlock:\n        cidr: 10.%d.0.0/16\n        except:\n        - 10.%d.1.0/24\n", i, i)
		fmt.Fprintf(&b, "    ports:\n    - port: %d\n      protocol: TCP\n    - port: http\n", 8000+i)
	}
	return b.String()
}

func readAndDecode(tb testing.TB, data []byte) {
	docs, list := ReadBytes("in.yaml", data, Options{})
	var policy networking.NetworkPolicy
	if findings := docs[0].Decode(&policy); list.Len() > 0 || findings.Len() > 0 || len(policy.Spec.Ingress) != 10 {
		tb.Fatal(list.All(), findings.All())
	}
}

func kubernetesDecode(tb testing.TB, data []byte) {
	var policy networking.NetworkPolicy
	if err := kubeyaml.Unmarshal(data, &policy); err != nil || len(policy.Spec.Ingress) != 10 {
		tb.Fatal(err)
	}
}

// BenchmarkReadAndDecode reads one policy into its type. The metric x-of-kubernetes is its time as a multiple of
// sigs.k8s.io/yaml's for the same text in the same run; it is meant to stay below two.
func BenchmarkReadAndDecode(b *testing.B) {
	data := []byte(benchPolicy("web"))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		readAndDecode(b, data)
		ours += time.Since(start)
		b.StopTimer()
		start = time.Now()
		kubernetesDecode(b, data)
		theirs += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(float64(ours)/float64(theirs), "x-of-kubernetes")
}

// BenchmarkOrdinary reads one policy without the parser. The metric x-of-parser is its time as a part of that of parsing and
// normalizing the same text in the same run.
func BenchmarkOrdinary(b *testing.B) {
	c := chunk{data: []byte(benchPolicy("web"))}
	opt := Options{}.withDefaults()
	p := newOrdinary(opt)
	b.SetBytes(int64(len(c.data)))
	b.ReportAllocs()
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		if p.read(string(c.data), 0) == nil {
			b.Fatal("not ordinary")
		}
		ours += time.Since(start)
		b.StopTimer()
		start = time.Now()
		if _, _, ok := thorough(c, opt); !ok {
			b.Fatal("not YAML")
		}
		theirs += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(float64(ours)/float64(theirs), "x-of-parser")
}

// BenchmarkPositions asks for every leaf's position, in objects of growing size; the time for one leaf must not grow.
func BenchmarkPositions(b *testing.B) {
	for _, keys := range []int{100, 10_000} {
		b.Run(fmt.Sprint(keys), func(b *testing.B) {
			var text strings.Builder
			text.WriteString("apiVersion: v1\nkind: A\nspec:\n")
			for i := range keys {
				fmt.Fprintf(&text, "  key%d: [a, b]\n", i)
			}
			docs, _ := ReadBytes("in.yaml", []byte(text.String()), Options{})
			leaves := docs[0].Leaves()
			for b.Loop() {
				for _, leaf := range leaves {
					docs[0].Position(leaf.Path)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(leaves)), "ns/leaf")
		})
	}
}

func BenchmarkLeaves(b *testing.B) {
	docs, _ := ReadBytes("in.yaml", []byte(benchPolicy("web")), Options{})
	b.ReportAllocs()
	for b.Loop() {
		docs[0].Leaves()
	}
}
