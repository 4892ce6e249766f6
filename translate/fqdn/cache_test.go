package fqdn

import (
	"strings"
	"testing"
	"time"
)

const listed = `[
  {
    "endpoint-id": 1207,
    "expiration-time": "2026-11-20T09:20:00.000Z",
    "fqdn": "api.bank.example.",
    "ips": ["203.0.113.7", "2001:db8::7"],
    "lookup-time": "2026-11-20T09:15:00.000Z",
    "source": "lookup",
    "ttl": 300
  },
  {
    "endpoint-id": 88,
    "expiration-time": "2026-11-20T09:21:00.000Z",
    "fqdn": "api.bank.example.",
    "ips": ["203.0.113.8"],
    "lookup-time": "2026-11-20T10:16:00.000+01:00",
    "source": "connection"
  },
  {"fqdn": "www.bank.example.", "ips": ["::ffff:203.0.113.9"], "lookup-time": "2026-11-20T09:00:00Z"},
  {"fqdn": "empty.bank.example.", "ips": [], "lookup-time": "2026-11-21T09:00:00Z"}
]`

func parsed(t *testing.T, text string) *Cache {
	t.Helper()
	c, problems := Parse("cache.json", []byte(text))
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	return c
}

func TestFind(t *testing.T) {
	c := parsed(t, listed)
	for _, tt := range []struct{ names, addresses, since, missing string }{
		{"api.bank.example", "203.0.113.7/32, 203.0.113.8/32, 2001:db8::7/128", "2026-11-20T09:16:00Z", ""},
		{"WWW.bank.example.", "203.0.113.9/32", "2026-11-20T09:00:00Z", ""},
		{"*.bank.example", "203.0.113.7/32, 203.0.113.8/31, 2001:db8::7/128", "2026-11-20T09:16:00Z", ""},
		{"www.bank.example other.example *.org", "203.0.113.9/32", "2026-11-20T09:00:00Z", "*.org other.example"},
		{"empty.bank.example", "none", "0001-01-01T00:00:00Z", "empty.bank.example"},
	} {
		got := c.Find(strings.Fields(tt.names), since)
		if a := got.Addresses.String(); strings.ReplaceAll(a, ",", ", ") != tt.addresses && a != tt.addresses {
			t.Errorf("%s: addresses %s, want %s", tt.names, a, tt.addresses)
		}
		if at := got.Since.Format(time.RFC3339); at != tt.since {
			t.Errorf("%s: since %s, want %s", tt.names, at, tt.since)
		}
		if missing := strings.Join(got.Missing, " "); missing != tt.missing {
			t.Errorf("%s: missing %s, want %s", tt.names, missing, tt.missing)
		}
	}
}

func TestMerge(t *testing.T) {
	c := parsed(t, `[{"fqdn": "a.example.", "ips": ["203.0.113.1"], "lookup-time": "2026-11-20T09:00:00Z"}]`)
	c.Merge(parsed(t, `[{"fqdn": "A.example", "ips": ["203.0.113.2"], "lookup-time": "2026-11-19T09:00:00Z"}]`))
	got := c.Find([]string{"a.example"}, since)
	if a, at := got.Addresses.String(), got.Since.Day(); !strings.Contains(a, "203.0.113.1/32") || !strings.Contains(a, "203.0.113.2/32") || at != 20 {
		t.Errorf("got %s of day %d", a, at)
	}
}

func TestEmptyList(t *testing.T) {
	if got := parsed(t, "[]\n").Find([]string{"*"}, since); len(got.Missing) != 1 {
		t.Errorf("got %v", got)
	}
}

func TestParseErrors(t *testing.T) {
	const good = `"fqdn": "a.example.", "ips": ["203.0.113.1"], "lookup-time": "2026-11-20T09:00:00Z"`
	for _, tt := range []struct{ text, want string }{
		{"", "1:1: error: the FQDN cache cannot be used: it is empty"},
		{"Endpoint   Source   FQDN\n", "1:1: error: the FQDN cache cannot be used: it is not JSON"},
		{"{}", "1:1: error: the FQDN cache cannot be used: a list of lookups is expected here"},
		{"[1]", "1:2: error: the FQDN cache cannot be used: a lookup is expected here"},
		{"[\n  {" + good + "},\n", "3:1: error: the FQDN cache cannot be used: it ends before its last bracket"},
		{"[\n  {" + good + "\n", "3:1: error: the FQDN cache cannot be used: it ends before its last bracket"},
		{"[]\n[]", "2:1: error: the FQDN cache cannot be used: something follows the list"},
		{"[\n  {" + good + `, "cname": "b."}]`, `2:89: error: the FQDN cache cannot be used: unknown field "cname"`},
		{"[{" + good + `, "fqdn": "b."}]`, "fqdn stands twice in one lookup"},
		{"[{" + good + `, "FQDN": "b."}]`, `unknown field "FQDN"`},
		{"[{" + good + `, "source": "guess"}]`, `source "guess" is not one of`},
		{"[{" + good + `, "ttl": "5"}]`, "the value of ttl has the wrong type"},
		{"[{" + good + `, "expiration-time": "soon"}]`, `the value of expiration-time, "soon", is not a time`},
		{`[{"ips": ["203.0.113.1"], "lookup-time": "2026-11-20T09:00:00Z"}]`, "a lookup without fqdn"},
		{`[{"fqdn": "a.", "lookup-time": "2026-11-20T09:00:00Z"}]`, "a lookup without ips"},
		{`[{"fqdn": "a.", "ips": []}]`, "a lookup without lookup-time"},
		{`[{"fqdn": "*.a.", "ips": []}]`, `"*.a." is not a DNS name`},
		{`[{"fqdn": "a.", "ips": null}]`, "the value of ips has the wrong type"},
		{`[{"fqdn": "a.", "ips": ["203.0.113.0/24"], "lookup-time": "2026-11-20T09:00:00Z"}]`, `"203.0.113.0/24" of a. is not an IP address`},
		{`[{"fqdn": "a.", "ips": ["fe80::1%eth0"], "lookup-time": "2026-11-20T09:00:00Z"}]`, `"fe80::1%eth0" of a. is not an IP address`},
	} {
		c, problems := Parse("cache.json", []byte(tt.text))
		if c != nil || problems.Len() != 1 {
			t.Errorf("%s: %d problems", tt.text, problems.Len())
			continue
		}
		f := problems.All()[0]
		if got := f.String(); !strings.Contains(got, tt.want) || !strings.HasPrefix(got, "cache.json:") || f.Code.ID != "PF1014" || f.Hint == "" {
			t.Errorf("%s: got %s, want %s", tt.text, got, tt.want)
		}
	}
}
