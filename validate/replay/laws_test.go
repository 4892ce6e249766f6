package replay_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/replay"
	"github.com/policyferry/policyferry/validate/verdict"
)

// estateSides are an estate's policies, and what is left of them without every third.
func estateSides(t *testing.T, estate string) replay.Options {
	t.Helper()
	o := within(t, fixture("estates", estate, "cluster"), fixture("estates", estate, "policies"))
	docs := slices.Clone(o.Before.Documents)
	for i := len(docs) - 1; i >= 0; i-- {
		if i%3 == 0 && strings.HasSuffix(docs[i].Object.Kind, "Policy") {
			docs = slices.Delete(docs, i, i+1)
		}
	}
	var err error
	if o.After, err = equiv.NewSide(equiv.Set{CNI: o.Before.CNI, Documents: docs}, o.Facts, nil); err != nil {
		t.Fatal(err)
	}
	return o
}

// connectionsIn are random connections of a cluster: pods, nodes, addresses in and beside the ranges of the policies.
func connectionsIn(o replay.Options, n int) []verdict.Connection {
	random := rand.New(rand.NewPCG(7, 7))
	var ends []verdict.Endpoint
	for _, name := range slices.Sorted(maps.Keys(o.Facts.Pods)) {
		if !o.Facts.Pods[name].HostNetwork {
			ends = append(ends, verdict.Endpoint{Pod: name})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.Facts.Nodes)) {
		ends = append(ends, verdict.Endpoint{Node: name})
	}
	ranges := append(o.Before.Judge.Ranges(), netip.MustParsePrefix("203.0.113.0/24"))
	slices.SortFunc(ranges, func(a, b netip.Prefix) int { return strings.Compare(a.String(), b.String()) })
	inside := o.Facts.PodSet().Union(o.Facts.NodeSet()).Union(o.Facts.ServiceSet())
	for _, p := range ranges {
		for _, a := range []netip.Addr{p.Addr(), p.Addr().Prev()} {
			if a.Is4() && !inside.ContainsAddr(a) {
				ends = append(ends, verdict.Endpoint{Addr: a})
			}
		}
	}
	ports := []uint16{22, 53, 80, 443, 2049, 4180, 5432, 6379, 6443, 8080, 8443, 9090, 9092, 9100, 10443, 48002}
	var out []verdict.Connection
	for range n {
		c := verdict.Connection{From: ends[random.IntN(len(ends))], To: ends[random.IntN(len(ends))], Protocol: 6, SourcePort: 40000, IPVersion: 4}
		switch random.IntN(6) {
		case 0:
			c.Protocol, c.ICMPType = 1, 8
		case 1:
			c.Protocol = 17
		}
		if c.Protocol != 1 {
			c.Port = ports[random.IntN(len(ports))]
		}
		out = append(out, c)
	}
	return out
}

// line writes a connection and a verdict as a line of a table.
func line(c verdict.Connection, saw verdict.Action) string {
	protocol := map[uint8]string{1: "icmp", 6: "tcp", 17: "udp"}[c.Protocol]
	port := fmt.Sprint(c.Port)
	if c.Protocol == 1 {
		port = "8"
	}
	return fmt.Sprintf("%s,%s,%s,%s,%s\n", c.From, c.To, protocol, port, saw)
}

// TestGroupsAreJudgedAsTheirConnections compares a replay, which judges one connection of each group, with verdicts on
// every connection by itself.
func TestGroupsAreJudgedAsTheirConnections(t *testing.T) {
	for _, estate := range []string{"calico-platform", "cilium-gitops"} {
		o := estateSides(t, estate)
		var b strings.Builder
		b.WriteString("source,destination,protocol,port,verdict\n")
		want := map[replay.Kind]uint64{}
		for _, c := range connectionsIn(o, 6_000) {
			before, err := o.Before.Judge.Judge(c)
			if err != nil {
				t.Fatal(c, err)
			}
			after, err := o.After.Judge.Judge(c)
			if err != nil {
				t.Fatal(c, err)
			}
			if c.From == c.To || o.Before.Judge.Beside(c)+o.After.Judge.Beside(c) != "" || whole(before) == verdict.Unknown || whole(after) == verdict.Unknown {
				continue
			}
			b.WriteString(line(c, whole(before)))
			switch {
			case whole(before) == whole(after):
				want[replay.Same]++
			case whole(after) == verdict.Deny:
				want[replay.WouldDrop]++
			default:
				want[replay.WouldForward]++
			}
		}
		r := run(t, o, text(estate, b.String(), replay.CSV))
		// What DNS names allow is not known of an address by itself, and then nothing is said.
		got := maps.Clone(r.Totals)
		if unjudged := got[replay.Unjudged]; estate == "calico-platform" && unjudged > 0 || unjudged > want[replay.Same]/2 {
			t.Errorf("%s: %d of %d are not judged", estate, unjudged, r.Read())
		}
		if want[replay.WouldDrop]+want[replay.WouldForward] < 20 {
			t.Errorf("%s: hardly anything differs: %v", estate, want)
		}
		for _, kind := range []replay.Kind{replay.WouldDrop, replay.WouldForward} {
			if got[kind] > want[kind] || want[kind]-got[kind] > got[replay.Unjudged] {
				t.Errorf("%s: %d %s, want %d (%d are not judged)", estate, got[kind], kind, want[kind], got[replay.Unjudged])
			}
		}
	}
}

func whole(v verdict.Verdict) verdict.Action {
	switch {
	case !v.Allowed():
		return verdict.Deny
	case v.Egress == verdict.Unknown || v.Ingress == verdict.Unknown:
		return verdict.Unknown
	}
	return verdict.Allow
}

// TestRulesAreThoseOfTraces holds the rules that a judge lists to those that its traces show.
func TestRulesAreThoseOfTraces(t *testing.T) {
	for _, estate := range []string{"calico-platform", "cilium-gitops"} {
		o := estateSides(t, estate)
		listed := map[[3]string]bool{}
		for _, r := range o.Before.Judge.(verdict.Ruler).Rules() {
			if listed[[3]string{r.Policy, r.Path, r.Where}] {
				t.Errorf("%s: %s %s is listed twice", estate, r.Policy, r.Path)
			}
			listed[[3]string{r.Policy, r.Path, r.Where}] = true
		}
		shown := map[[3]string]bool{}
		for _, c := range connectionsIn(o, 5_000) {
			steps, err := o.Before.Judge.Trace(c)
			if err != nil {
				t.Fatal(c, err)
			}
			for _, s := range steps {
				key := [3]string{s.Policy, s.Path, s.Where}
				if s.Path != "" && !listed[key] {
					t.Fatalf("%s: %v decides %s, and is not listed", estate, key, c)
				}
				shown[key] = true
			}
		}
		if len(shown) < len(listed)/4 {
			t.Errorf("%s: only %d of %d rules are shown by any trace", estate, len(shown), len(listed))
		}
	}
}
