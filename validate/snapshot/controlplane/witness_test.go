package controlplane

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// witness changes the cluster while a snapshot is taken of it, and knows what each list had to show.
type witness struct {
	t           *testing.T
	crowd       crowd
	judge       *plane
	store       *clientv3.Client
	compactions map[string]int
	// round is the last one in which anything was changed.
	round *atomic.Int64
	// newest is the store's revision when a list was asked for.
	newest map[string]int64
	// then is the state at the resource version of a list's last page, later the state when that page arrived.
	then, later map[string]state
	// forgotten counts the compactions of a list.
	forgotten map[string]int
}

// asked notes how far the store is when a list is asked for.
func (w *witness) asked(path string) {
	r, err := w.store.Get(context.Background(), "policyferry")
	if err != nil {
		w.t.Error(err)
		return
	}
	w.newest[path] = r.Header.Revision
}

// arrived acts when a page has arrived at the proxy, before the program has it.
func (w *witness) arrived(p page) {
	if p.status != 200 {
		return
	}
	if shown, err := strconv.ParseInt(p.resourceVersion, 10, 64); err != nil || p.first && shown < w.newest[p.path] {
		w.t.Errorf("%s shows %s, and the store was at %d when it was asked for", p.path, p.resourceVersion, w.newest[p.path])
	}
	i := slices.IndexFunc(crowdKinds, func(k *crowdKind) bool { return k.list() == p.path })
	if i >= 0 && p.first && !p.last {
		w.disturb(crowdKinds[i], w.judge.stateOf(w.t, p.path, p.resourceVersion))
		if w.forgotten[p.path] < w.compactions[p.path] {
			w.compact()
			w.forgotten[p.path]++
		}
	}
	if p.last {
		w.then[p.path] = w.judge.stateOf(w.t, p.path, p.resourceVersion)
		w.later[p.path] = w.judge.stateOf(w.t, p.path, "")
	}
}

// disturb changes what the next pages would show if they showed another moment than the first one: an object appears
// before them and one behind, one of the last page changes, and one goes.
func (w *witness) disturb(k *crowdKind, now state) {
	client, round := w.judge.discovery.RESTClient(), int(w.round.Add(1))
	secondLast, last := now.lastTwo()
	namespace, name, _ := strings.Cut(secondLast, "/")
	for _, err := range []error{
		post(client, k.within(namespaceName(0)), k.object(namespaceName(0), fmt.Sprintf("aa-%d", round), round)),
		post(client, k.within(namespaceName(w.crowd.namespaces-1)), k.object(namespaceName(w.crowd.namespaces-1), fmt.Sprintf("zz-%d", round), round)),
		send(client.Delete(), k.within(namespace)+"/"+name, map[string]any{"gracePeriodSeconds": 0}),
	} {
		if err != nil {
			w.t.Error(err)
		}
	}
	namespace, name, _ = strings.Cut(last, "/")
	if err := k.change(client, namespace, name, round); err != nil {
		w.t.Error(err)
	}
}

// compact has the store forget every state but the latest, which is none that was shown.
func (w *witness) compact() {
	ctx := context.Background()
	r, err := w.store.Put(ctx, "policyferry", "another revision")
	if err == nil {
		_, err = w.store.Compact(ctx, r.Header.Revision)
	}
	if err != nil {
		w.t.Error(err)
	}
}

// write has others create, change and delete objects of all kinds until stop is called, which tells how many writes there
// were. They leave the last namespace alone, whose objects disturb takes.
func (w *witness) write() (stop func() int) {
	done, writes := make(chan struct{}), atomic.Int64{}
	var writers sync.WaitGroup
	for n := range 4 {
		k, client := crowdKinds[n], w.judge.discovery.RESTClient()
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				namespace, round := namespaceName(i*37%max(1, w.crowd.namespaces-1)), int(w.round.Add(2))
				object := k.object(namespace, fmt.Sprintf("written-%d", round), round)
				name := k.name(fmt.Sprintf("written-%d", round))
				err := post(client, k.within(namespace), object)
				if err == nil {
					err = k.change(client, namespace, name, round-1)
				}
				if err == nil && i%2 == 0 {
					err = send(client.Delete(), k.within(namespace)+"/"+name, map[string]any{"gracePeriodSeconds": 0})
				}
				if err != nil {
					w.t.Error(err)
					return
				}
				writes.Add(1)
			}
		})
	}
	return func() int {
		close(done)
		writers.Wait()
		return int(writes.Load())
	}
}

func storeClient(t *testing.T, url string) *clientv3.Client {
	t.Helper()
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{url}, DialTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
