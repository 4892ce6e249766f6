package verdict

import (
	"strings"
	"testing"
)

// TestConnectionReadsBack writes connections and reads them again.
func TestConnectionReadsBack(t *testing.T) {
	for text, want := range map[string]string{
		"shop/web-0 shop/db-0 tcp/5432":             "pod shop/web-0 → pod shop/db-0 tcp/5432",
		"pod shop/web-0 → node:n1 icmp/8.0":         "pod shop/web-0 → node:n1 icmp/8",
		"203.0.113.7 -> shop/web-0 udp/53 sport:53": "203.0.113.7 → pod shop/web-0 udp/53 sport:53",
		"a/b c/d 47 ipv6":                           "pod a/b → pod c/d 47 ipv6",
		"a/b c/d icmpv6/128.1":                      "pod a/b → pod c/d icmpv6/128.1",
		"fd00::1 a/b udplite/5":                     "fd00::1 → pod a/b udplite/5",
	} {
		c, err := ParseConnection(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := c.String(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
		again, err := ParseConnection(c.String())
		if err != nil || again.String() != want {
			t.Errorf("%s does not read back: %v, %v", want, again, err)
		}
	}
}

func TestParseConnectionRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "write FROM TO PROTOCOL/PORT",
		"a/b c/d":                 "write FROM TO PROTOCOL/PORT",
		"a/b c/d tcp":             "is not protocol/port",
		"a/b c/d tcp/1 allow":     `"allow"`,
		"a/b db-0 tcp/1":          `"db-0" is not namespace/pod`,
		"a/b c/d tcp/1 sport:abc": "sport:abc",
	} {
		if _, err := ParseConnection(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
