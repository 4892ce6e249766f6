package verdict

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

func TestParseFlows(t *testing.T) {
	flows, err := ParseFlows(`
# a table
shop/web-0   shop/db-0  tcp/5432  allow   # the shop's own database

node:n1  203.0.113.7   icmp/3.4   egress:deny
fd00::1  shop/db-0  icmpv6/128 egress:none,ingress:unknown
10.0.0.1 10.0.0.2 47 deny ipv6 sport:53
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []Flow{
		{
			Connection: Connection{From: Endpoint{Pod: "shop/web-0"}, To: Endpoint{Pod: "shop/db-0"}, Protocol: 6, Port: 5432, SourcePort: 40000},
			Line:       3, Text: "shop/web-0   shop/db-0  tcp/5432  allow", Want: Want{Whole: Allow}, Comment: "the shop's own database",
		},
		{
			Connection: Connection{From: Endpoint{Node: "n1"}, To: Endpoint{Addr: netip.MustParseAddr("203.0.113.7")}, Protocol: 1, ICMPType: 3, ICMPCode: 4, SourcePort: 40000},
			Line:       5, Text: "node:n1  203.0.113.7   icmp/3.4   egress:deny", Want: Want{Egress: Deny},
		},
		{
			Connection: Connection{From: Endpoint{Addr: netip.MustParseAddr("fd00::1")}, To: Endpoint{Pod: "shop/db-0"}, Protocol: 58, ICMPType: 128, SourcePort: 40000},
			Line:       6, Text: "fd00::1  shop/db-0  icmpv6/128 egress:none,ingress:unknown", Want: Want{Egress: None, Ingress: Unknown},
		},
		{
			Connection: Connection{From: Endpoint{Addr: netip.MustParseAddr("10.0.0.1")}, To: Endpoint{Addr: netip.MustParseAddr("10.0.0.2")}, Protocol: 47, SourcePort: 53, IPVersion: 6},
			Line:       7, Text: "10.0.0.1 10.0.0.2 47 deny ipv6 sport:53", Want: Want{Whole: Deny},
		},
	}
	if !reflect.DeepEqual(flows, want) {
		t.Errorf("got  %+v\nwant %+v", flows, want)
	}
	for _, f := range flows {
		again, err := parseWant(f.Want.String())
		if err != nil || again != f.Want {
			t.Errorf("%v does not read back: %v, %v", f.Want, again, err)
		}
	}
}

func TestParseFlowsRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"a/b c/d tcp/80":                          "3 words instead of",
		"web c/d tcp/80 allow":                    `"web" is not namespace/pod`,
		"a/b/c c/d tcp/80 allow":                  `"a/b/c" is not namespace/pod`,
		"a/b node: tcp/80 allow":                  `"node:" is not namespace/pod`,
		"a/b c/d tcp allow":                       `"tcp" is not protocol/port`,
		"a/b c/d http/80 allow":                   `"http" is not one of the protocols`,
		"a/b c/d tcp/0 allow":                     `"0" is not a port`,
		"a/b c/d tcp/70000 allow":                 `"70000" is not a port`,
		"a/b c/d icmp/8. allow":                   `"8." is not an ICMP type`,
		"a/b c/d icmp/256 allow":                  `"256" is not an ICMP type`,
		"a/b c/d 256 allow":                       `"256" is not protocol/port`,
		"a/b c/d 0 allow":                         `"0" is not protocol/port`,
		"a/b c/d tcp/80 accept":                   `"accept" is not a verdict`,
		"a/b c/d tcp/80 none":                     `"none" is not a verdict`,
		"a/b c/d tcp/80 egress:allow,egress:deny": "is not a verdict",
		"a/b c/d tcp/80 allow maybe":              `"maybe" after the verdict`,
		"a/b c/d tcp/80 allow sport:x":            `"sport:x" after the verdict`,
		"a/b c/d tcp/80 allow ipv6 ipv6":          `"ipv6" after the verdict`,
	} {
		_, err := ParseFlows("\n" + line + "\n")
		if err == nil || !strings.HasPrefix(err.Error(), "line 2: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant line 2: … %s", line, err, want)
		}
	}
}

func TestWantMet(t *testing.T) {
	for _, tt := range []struct {
		want Want
		got  Verdict
		met  bool
	}{
		{Want{Whole: Allow}, Verdict{Egress: Allow, Ingress: None}, true},
		{Want{Whole: Allow}, Verdict{Egress: Allow, Ingress: Deny}, false},
		{Want{Whole: Allow}, Verdict{Egress: Unknown, Ingress: Allow}, false},
		{Want{Whole: Deny}, Verdict{Egress: Unknown, Ingress: Deny}, true},
		{Want{Whole: Deny}, Verdict{Egress: Allow, Ingress: Unknown}, false},
		{Want{Whole: Deny}, Verdict{Egress: Allow, Ingress: Allow}, false},
		{Want{Egress: Deny}, Verdict{Egress: Deny, Ingress: Allow}, true},
		{Want{Egress: Deny}, Verdict{Egress: Allow, Ingress: Deny}, false},
		{Want{Ingress: None}, Verdict{Egress: Allow, Ingress: Allow}, false},
		{Want{Egress: Allow, Ingress: Unknown}, Verdict{Egress: Allow, Ingress: Unknown}, true},
	} {
		if tt.want.Met(tt.got) != tt.met {
			t.Errorf("%v of %v: want %v", tt.want, tt.got, tt.met)
		}
	}
}
