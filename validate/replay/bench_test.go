package replay_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/replay"
	"github.com/policyferry/policyferry/validate/replay/flow"
)

// estate is a cluster of workloads in namespaces, ten pods each, and what Hubble sees of it.
type estate struct {
	workloads int
	seed      uint64
}

const namespaces, replicas = 50, 10

func (e estate) place(w int) (namespace, workload string) {
	return fmt.Sprintf("ns-%d", w%namespaces), fmt.Sprintf("app-%d", w)
}

func podName(workload string, i int) string { return fmt.Sprintf("%s-7d4b9c6f5d-%05d", workload, i) }

func podAddress(w, i int) string {
	n := w*replicas + i
	return fmt.Sprintf("10.%d.%d.%d", 64+n/62500, n/250%250, n%250+1)
}

// objects are the cluster and its policies: each workload admits three others on one port.
func (e estate) objects() (cluster, policies string) {
	var c, p strings.Builder
	for n := range 100 {
		fmt.Fprintf(&c, "---\napiVersion: v1\nkind: Node\nmetadata: {name: node-%d}\nstatus: {addresses: [{type: InternalIP, address: 192.168.%d.%d}]}\n", n, n/200, n%200+1)
	}
	c.WriteString("---\napiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {podCIDRs: [10.64.0.0/10], serviceCIDRs: [10.32.0.0/16], nodeCIDRs: [192.168.0.0/16]}\n")
	for w := range e.workloads {
		ns, app := e.place(w)
		for i := range replicas {
			fmt.Fprintf(&c, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: %s, labels: {app: %s, pod-template-hash: 7d4b9c6f5d}}\n"+
				"spec: {nodeName: node-%d, containers: [{name: c}]}\nstatus: {phase: Running, podIPs: [{ip: %s}]}\n",
				podName(app, i), ns, app, (w+i)%100, podAddress(w, i))
		}
		fmt.Fprintf(&p, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %s, namespace: %s}\n"+
			"spec:\n  podSelector: {matchLabels: {app: %s}}\n  ingress:\n  - from:\n", app, ns, app)
		for k := 1; k <= 3; k++ {
			_, other := e.place((w + k*7) % e.workloads)
			fmt.Fprintf(&p, "    - {namespaceSelector: {}, podSelector: {matchLabels: {app: %s}}}\n", other)
		}
		fmt.Fprintf(&p, "    ports: [{port: %d}]\n", 8000+w%10)
	}
	return c.String(), p.String()
}

// flows writes n lines as a CNI would, one after the other, without holding them.
type flows struct {
	format replay.Format
	e      estate
	random *rand.Rand
	left   int
	line   []byte
	at     time.Time
	number int
}

func (e estate) flows(format replay.Format, n int) io.ReadCloser {
	f := &flows{format: format, e: e, random: rand.New(rand.NewPCG(e.seed, 1)), left: n, at: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	if format == replay.CSV {
		f.line = []byte("source,destination,protocol,port,verdict,time\n")
	}
	return io.NopCloser(f)
}

func (f *flows) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(f.line) == 0 {
			if f.left == 0 {
				return n, io.EOF
			}
			f.left--
			f.next()
		}
		m := copy(p[n:], f.line)
		f.line = f.line[m:]
		n += m
	}
	return n, nil
}

// end writes an end: a pod, or in one of ten an address outside.
func (f *flows) end(b []byte, w, i int) []byte {
	ns, app := f.e.place(w)
	return fmt.Appendf(b, `{"ID":%d,"identity":%d,"cluster_name":"default","namespace":"%s","labels":["k8s:app=%s","k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=%s",`+
		`"k8s:io.cilium.k8s.policy.cluster=default","k8s:io.cilium.k8s.policy.serviceaccount=default","k8s:io.kubernetes.pod.namespace=%s"],"pod_name":"%s","workloads":[{"name":"%s","kind":"Deployment"}]}`,
		w*replicas+i, 10000+w, ns, app, ns, ns, podName(app, i), app)
}

// sight is what one line tells of: a connection between replicas of two workloads, or from an address outside.
type sight struct {
	from, to, i, k int
	dropped, world bool
	source         string
	sourcePort     int
}

// see draws the next sight. A quarter of what is seen is denied, a tenth comes from outside.
func (f *flows) see() sight {
	f.number++
	f.at = f.at.Add(60 * time.Millisecond)
	s := sight{from: f.random.IntN(f.e.workloads)}
	s.to = (s.from + f.e.workloads - 7*(1+f.random.IntN(4))) % f.e.workloads
	s.i, s.k = f.random.IntN(replicas), f.random.IntN(replicas)
	s.dropped = (s.to+28)%f.e.workloads == s.from
	s.world = f.random.IntN(10) == 0
	s.source = podAddress(s.from, s.i)
	if s.world {
		s.source = fmt.Sprintf("203.%d.%d.%d", f.random.IntN(256), f.random.IntN(256), f.random.IntN(256))
	}
	s.sourcePort = 32768 + f.random.IntN(28000)
	return s
}

func (f *flows) next() {
	s := f.see()
	switch f.format {
	case replay.Goldmane:
		f.goldmane(s)
	case replay.Felix:
		f.felix(s)
	case replay.CSV:
		f.csv(s)
	default:
		f.hubble(s)
	}
}

func (f *flows) hubble(s sight) {
	verdict, drop := "FORWARDED", ""
	if s.dropped {
		verdict, drop = "DROPPED", `"drop_reason":133,"drop_reason_desc":"POLICY_DENIED",`
	}
	b := fmt.Appendf(f.line[:0], `{"flow":{"time":"%s","uuid":"%016x-0000","verdict":"%s",%s"ethernet":{"source":"0a:58:0a:40:00:01","destination":"0a:58:0a:40:00:02"},`,
		f.at.Format(time.RFC3339Nano), f.number, verdict, drop)
	b = fmt.Appendf(b, `"IP":{"source":"%s","destination":"%s","ipVersion":"IPv4"},"l4":{"TCP":{"source_port":%d,"destination_port":%d,"flags":{"SYN":true}}},"source":`,
		s.source, podAddress(s.to, s.k), s.sourcePort, 8000+s.to%10)
	if s.world {
		b = append(b, `{"identity":2,"labels":["reserved:world"]}`...)
	} else {
		b = f.end(b, s.from, s.i)
	}
	b = append(b, `,"destination":`...)
	b = f.end(b, s.to, s.k)
	reply := f.number%3 == 0
	f.line = fmt.Appendf(b, `,"Type":"L3_L4","node_name":"default/node-%d","event_type":{"type":4,"sub_type":4},"traffic_direction":"INGRESS","trace_observation_point":"TO_ENDPOINT",`+
		`"trace_reason":"NEW","is_reply":%t,"Summary":"TCP Flags: SYN"},"node_name":"default/node-%d","time":"%s"}`+"\n", (s.to+s.k)%100, reply, (s.to+s.k)%100, f.at.Format(time.RFC3339Nano))
}

// calicoAction is what Calico's logs call a verdict.
func (s sight) calicoAction() string {
	if s.dropped {
		return "deny"
	}
	return "allow"
}

func (f *flows) goldmane(s sight) {
	b := append(f.line[:0], `{"Key":{`...)
	ns, app := f.e.place(s.from)
	kind, labels := "WorkloadEndpoint", fmt.Sprintf(`"app=%s","pod-template-hash=7d4b9c6f5d"`, app)
	app += "-7d4b9c6f5d-*"
	if s.world {
		ns, app, kind, labels = "-", "pub", "Network", ""
	}
	toNS, to := f.e.place(s.to)
	f.line = fmt.Appendf(b, `"source_name":"%s","source_namespace":"%s","source_type":"%s","dest_name":"%s-7d4b9c6f5d-*","dest_namespace":"%s","dest_type":"WorkloadEndpoint","dest_port":%d,`+
		`"proto":"tcp","reporter":"Dst","action":"%s","policies":{"enforced_policies":[{"kind":"NetworkPolicy","namespace":"%s","name":"%s","action":"%[7]s"}]}},`+
		`"start_time":%[10]d,"end_time":%[11]d,"source_labels":[%[12]s],"dest_labels":["app=%[13]s","pod-template-hash=7d4b9c6f5d"],"packets_in":12,"packets_out":9,"bytes_in":1844,"bytes_out":733,"num_connections_started":1}`+"\n",
		app, ns, kind, to, toNS, 8000+s.to%10, map[bool]string{false: "Allow", true: "Deny"}[s.dropped], toNS, to, f.at.Unix(), f.at.Unix()+15, labels, to)
}

func (f *flows) felix(s sight) {
	ns, app := f.e.place(s.from)
	name, kind, aggregate := podName(app, s.i), "wep", app+"-7d4b9c6f5d-*"
	labels := fmt.Sprintf(`{"labels":["app=%s","pod-template-hash=7d4b9c6f5d"]}`, app)
	if s.world {
		ns, name, kind, aggregate, labels = "-", "-", "net", "pub", "null"
	}
	toNS, to := f.e.place(s.to)
	f.line = fmt.Appendf(f.line[:0], `{"start_time":%d,"end_time":%d,"source_ip":"%s","source_name":"%s","source_name_aggr":"%s","source_namespace":"%s","source_port":%d,"source_type":"%s","source_labels":%s,`+
		`"dest_ip":"%s","dest_name":"%s","dest_name_aggr":"%s-7d4b9c6f5d-*","dest_namespace":"%s","dest_port":%d,"dest_type":"wep","dest_labels":{"labels":["app=%[12]s","pod-template-hash=7d4b9c6f5d"]},`+
		`"proto":"tcp","action":"%[15]s","reporter":"dst","policies":{"all_policies":["0|default|%[13]s/knp.default.%[12]s|%[15]s|0"]},"packets_in":12,"packets_out":9,"bytes_in":1844,"bytes_out":733,"num_flows":1,"num_flows_started":1,"num_flows_completed":0}`+"\n",
		f.at.Unix(), f.at.Unix()+15, s.source, name, aggregate, ns, s.sourcePort, kind, labels,
		podAddress(s.to, s.k), podName(to, s.k), to, toNS, 8000+s.to%10, s.calicoAction())
}

func (f *flows) csv(s sight) {
	source := s.source
	if !s.world {
		ns, app := f.e.place(s.from)
		source = ns + "/" + podName(app, s.i)
	}
	toNS, to := f.e.place(s.to)
	f.line = fmt.Appendf(f.line[:0], "%s,%s/%s,tcp,%d,%s,%d\n", source, toNS, podName(to, s.k), 8000+s.to%10, s.calicoAction(), f.at.Unix())
}

// BenchmarkReplay replays b.N lines of a format in an estate of 500 workloads and 5,000 pods, judged by Cilium and Calico:
// go test -run '^$' -bench Replay/hubble -benchtime 10000000x ./validate/replay
func BenchmarkReplay(b *testing.B) {
	for _, format := range replay.Formats {
		b.Run(string(format), func(b *testing.B) { benchmark(b, format) })
	}
}

func benchmark(b *testing.B, format replay.Format) {
	e := estate{workloads: 500, seed: 1}
	cluster, policies := e.objects()
	objects, problems := source.ReadBytes("cluster.yaml", []byte(cluster), source.Options{})
	if problems.Len() > 0 {
		b.Fatal(problems.All()[0])
	}
	docs, problems := source.ReadBytes("policies.yaml", []byte(policies), source.Options{})
	if problems.Len() > 0 {
		b.Fatal(problems.All()[0])
	}
	facts, _ := equiv.Cluster(objects, docs)
	var o replay.Options
	var err error
	if o.Before, err = equiv.NewSide(equiv.Set{CNI: "cilium", Documents: docs}, facts, objects); err != nil {
		b.Fatal(err)
	}
	if o.After, err = equiv.NewSide(equiv.Set{CNI: "calico", Documents: docs}, facts, objects); err != nil {
		b.Fatal(err)
	}
	o.Facts = facts
	b.ResetTimer()
	in := replay.Input{Name: "generated", Open: func() (io.ReadCloser, error) { return e.flows(format, b.N), nil }}
	r, err := replay.Run(context.Background(), []replay.Input{in}, o)
	if err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	if n := r.Read() - r.Records[flow.Event]; n != uint64(b.N) || r.Records[flow.Corrupt] > 0 || r.Totals[replay.Unjudged] > uint64(b.N)/2 {
		b.Fatalf("%d lines are counted of %d: %v, %v, %v", r.Read(), b.N, r.Records, r.Totals, r.Corrupt)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(float64(len(r.Connections)), "rows")
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		if _, rest, found := strings.Cut(string(text), "VmHWM:"); found {
			var kB float64
			if _, err := fmt.Sscan(rest, &kB); err == nil {
				b.ReportMetric(kB/1024, "peak-MB")
			}
		}
	}
}
