package controlplane

import (
	"context"
	"flag"
	"path/filepath"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

var (
	policies = flag.Int("policies", 3000, "how many policies a large cluster has; make test-size has 12000")
	pods     = flag.Int("pods", 5000, "how many pods a large cluster has; make test-size has 20000")
)

// TestSize takes snapshots of a large cluster while others write, and while the store forgets what the pages show. Each
// list of a snapshot must be the state of the cluster at the resource version that the index says, which another server
// tells, one that reads the store itself.
func TestSize(t *testing.T) {
	apiserver, etcd, program := programs(t)
	at := store(t, etcd)
	// Whoever compacts is the test alone, so that what a list shows can be asked for again.
	const noCompaction = "--etcd-compaction-interval=0"
	judge := serve(t, apiserver, at, "--watch-cache=false", noCompaction)
	judge.definitions(t)
	c := crowd{namespaces: max(1, *pods/20), pods: *pods, policies: *policies}
	began := time.Now()
	c.populate(t, judge)
	t.Logf("%d policies and %d pods in %d namespaces, created in %v", c.policies, c.pods, c.namespaces, time.Since(began).Round(time.Second))
	pods, cilium := crowdKinds[0].list(), crowdKinds[2].list()
	var round atomic.Int64
	for _, server := range []struct {
		name  string
		flags []string
		// fromStore is how many of a list's objects come out of the store.
		fromStore func(all int) int
		// compactions are how often the store forgets a list between its first and its second page. After as many times as
		// the program begins a list again, it asks for it in one piece.
		compactions map[string]int
	}{
		{"all pages out of the watch cache", nil, func(int) int { return 0 }, nil},
		{"further pages out of the store", []string{"--feature-gates=ListFromCacheSnapshot=false"}, func(all int) int { return max(0, all-pageSize) }, map[string]int{pods: 1, cilium: 3}},
		{"all pages out of the store", []string{"--watch-cache=false"}, func(all int) int { return all }, map[string]int{pods: 1, cilium: 3}},
	} {
		t.Run(server.name, func(t *testing.T) {
			p := serve(t, apiserver, at, append(server.flags, noCompaction)...)
			p.servesCrowd(t)
			before := p.fromStore(t)
			r := policyferry(t, program, "snapshot", "--kubeconfig", p.kubeconfig(t, admin), "-o", filepath.Join(t.TempDir(), "quiet"))
			if r.exit != 0 {
				t.Fatalf("exit code %d\n%s", r.exit, r.stderr)
			}
			t.Logf("of a quiet cluster: %s", r.cost)
			if r.cost.megabytes > mostMegabytes {
				t.Errorf("took %d MB of memory, want at most %d", r.cost.megabytes, mostMegabytes)
			}
			all := len(judge.stateOf(t, pods, ""))
			if got, want := p.fromStore(t)-before, server.fromStore(all); got != want {
				t.Errorf("%d of %d pods came out of the store, not %d", got, all, want)
			}
			w := &witness{t: t, crowd: c, judge: judge, store: storeClient(t, at), compactions: server.compactions, round: &round,
				forgotten: map[string]int{}, newest: map[string]int64{}, then: map[string]state{}, later: map[string]state{}}
			b := standBetween(t, p, w.asked, w.arrived)
			stop := w.write()
			dir := filepath.Join(t.TempDir(), "snapshot")
			r = policyferry(t, program, "snapshot", "--kubeconfig", p.kubeconfigFor(t, b.url, admin), "-o", dir)
			t.Logf("%d writes of others meanwhile", stop())
			if r.exit != 0 {
				t.Fatalf("exit code %d\n%s", r.exit, r.stderr)
			}
			w.holds(readSnapshot(t, dir), b)
		})
	}
}

// mostMegabytes is twice what 20,000 pods need, and far below what they would need if they were kept as they are read.
const mostMegabytes = 250

// servesCrowd waits until a server that has just started serves every kind of the crowd, and has its watch cache filled if
// it has one: any version is asked for, so what is there is shown, and without a limit the server waits for it.
func (p *plane) servesCrowd(t *testing.T) {
	t.Helper()
	for _, k := range crowdKinds {
		eventually(t, k.list()+" is served", func() error {
			_, err := p.discovery.RESTClient().Get().AbsPath(k.list()).Param("resourceVersion", "0").SetHeader("Accept", onlyMetadata).DoRaw(context.Background())
			return err
		})
	}
}

// pageSize is how many objects the program asks for at a time.
const pageSize = 500

func pagesOf(objects int) int { return max(1, (objects+pageSize-1)/pageSize) }

// podsFromStore is the server's count of the pods that it has given out of the store.
var podsFromStore = regexp.MustCompile(`(?m)^apiserver_storage_list_returned_objects_total\{[^}]*resource="pods"[^}]*\} (\d+)$`)

func (p *plane) fromStore(t *testing.T) int {
	t.Helper()
	text, err := p.discovery.RESTClient().Get().AbsPath("/metrics").DoRaw(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	m := podsFromStore.FindSubmatch(text)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
