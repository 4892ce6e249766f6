package cluster

import (
	"net/netip"
	"reflect"
	"testing"

	"github.com/policyferry/policyferry/translate/cidr"
)

func TestCovers(t *testing.T) {
	pods := cidr.MustParse("10.244.0.0/16")
	for text, want := range map[string]Coverage{
		"10.244.3.0/24":  CoversAll,
		"10.0.0.0/8":     CoversSome,
		"192.168.0.0/16": CoversNone,
		"fd00::/8":       CoversNone,
	} {
		if got := Covers(cidr.MustParse(text), pods); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got := Covers(cidr.Set{}, pods); got != CoversNone {
		t.Errorf("nothing: got %s", got)
	}
}

func TestFamilies(t *testing.T) {
	four := &Pod{Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.1")}}
	six := &Pod{Addresses: []netip.Addr{netip.MustParseAddr("fd00::1")}}
	host := &Pod{HostNetwork: true, Addresses: six.Addresses}
	for name, tt := range map[string]struct {
		facts    Facts
		versions []int
		known    bool
	}{
		"nothing":           {Facts{}, nil, false},
		"some pods":         {Facts{Pods: map[string]*Pod{"a/four": four}}, nil, false},
		"all pods":          {Facts{Complete: true, Pods: map[string]*Pod{"a/four": four, "a/host": host}}, []int{4}, true},
		"dual stack":        {Facts{Complete: true, Pods: map[string]*Pod{"a/four": four, "a/six": six}}, []int{4, 6}, true},
		"ranges":            {Facts{PodCIDRs: []netip.Prefix{netip.MustParsePrefix("fd00::/64")}}, []int{6}, true},
		"pods not running":  {Facts{Complete: true, Pods: map[string]*Pod{}}, nil, false},
		"ranges over pods":  {Facts{Complete: true, Pods: map[string]*Pod{"a/four": four}, PodCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/64")}}, []int{4, 6}, true},
		"ranges said empty": {Facts{PodCIDRs: []netip.Prefix{}}, nil, false},
	} {
		versions, known := tt.facts.Families()
		if !reflect.DeepEqual(versions, tt.versions) || known != tt.known {
			t.Errorf("%s: got %v %v, want %v %v", name, versions, known, tt.versions, tt.known)
		}
	}
}

func TestLookups(t *testing.T) {
	f := load(t, shop)
	if p := f.PodAt(netip.MustParseAddr("fd00:10::5")); p == nil || p.Name != "web-0" {
		t.Errorf("pod by address: %+v", p)
	}
	if p := f.PodAt(netip.MustParseAddr("192.168.10.11")); p != nil {
		t.Errorf("a pod in the host's network is found by the node's address: %+v", p)
	}
	if n := f.NodeAt(netip.MustParseAddr("10.244.1.0")); n == nil || n.Name != "worker-1" {
		t.Errorf("node by tunnel address: %+v", n)
	}
	if n := f.NodeAt(netip.MustParseAddr("8.8.8.8")); n != nil {
		t.Errorf("node of a foreign address: %+v", n)
	}
	team := func(labels map[string]string) bool { return labels["team"] == "shop" }
	if got := f.NamespacesWith(team); len(got) != 1 || got[0].Name != "shop" {
		t.Errorf("namespaces: %v", got)
	}
	if got := f.NodesWith(func(l map[string]string) bool { return l["zone"] == "b" }); len(got) != 0 {
		t.Errorf("nodes: %v", got)
	}
	if got := f.ServiceAccountsWith(func(s *ServiceAccount) bool { return s.Labels["role"] == "front" }); len(got) != 1 || got[0].Name != "web" {
		t.Errorf("service accounts: %v", got)
	}
	var names []string
	for _, p := range f.PodsWith(func(*Pod) bool { return true }) {
		names = append(names, p.Namespace+"/"+p.Name)
	}
	if !reflect.DeepEqual(names, []string{"default/early", "kube-system/agent", "shop/web-0"}) {
		t.Errorf("pods: %v", names)
	}
	if f.Service("shop", "nowhere") != nil {
		t.Error("found a Service that does not exist")
	}
}
