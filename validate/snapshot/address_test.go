package snapshot

import (
	"math/rand/v2"
	"net/netip"
	"testing"
)

func testAnonymiser(salt string) *anonymiser {
	return &anonymiser{salt: saltOf(salt), ranked: map[string]string{}, values: map[string]bool{}, tests: map[stringTest]bool{}, memo: map[string]string{}}
}

// common is the number of leading bits that two addresses share.
func common(x, y netip.Addr) int {
	for n := x.BitLen(); ; n-- {
		if netip.PrefixFrom(x, n).Masked().Contains(y) {
			return n
		}
	}
}

// TestPrefixesAreKept: two addresses share as many bits after as before, so ranges hold what they held.
func TestPrefixesAreKept(t *testing.T) {
	a := testAnonymiser("salt")
	r := rand.New(rand.NewPCG(1, 2))
	moved := 0
	for range 2000 {
		var x, y netip.Addr
		if r.IntN(2) == 0 {
			b := [4]byte{byte(1 + r.IntN(222)), byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))}
			x = netip.AddrFrom4(b)
			b[r.IntN(4)] ^= 1 << r.IntN(8)
			y = netip.AddrFrom4(b)
		} else {
			b := netip.MustParseAddr("2001:db8::").As16()
			for i := 4; i < 16; i++ {
				b[i] = byte(r.IntN(256))
			}
			x = netip.AddrFrom16(b)
			b[r.IntN(16)] ^= 1 << r.IntN(8)
			y = netip.AddrFrom16(b)
		}
		p, q := a.address(x), a.address(y)
		if common(x, y) != common(p, q) {
			t.Fatalf("%s and %s share %d bits, %s and %s share %d", x, y, common(x, y), p, q, common(p, q))
		}
		if p != x {
			moved++
		}
		for _, s := range special {
			if s.Contains(x) != s.Contains(p) {
				t.Fatalf("%s became %s, and only one of them is in %s", x, p, s)
			}
		}
	}
	if moved < 1700 {
		t.Errorf("only %d of 2000 addresses changed", moved)
	}
	if got, _ := a.addresses("0.0.0.0/0"); got != "0.0.0.0/0" {
		t.Errorf("0.0.0.0/0 became %s", got)
	}
	if got, _ := a.addresses("169.254.169.254"); got != "169.254.169.254" {
		t.Errorf("the metadata address became %s", got)
	}
}

// TestExpressions: what a selector of Calico is made of stays, and what it names is renamed.
func TestExpressions(t *testing.T) {
	a := testAnonymiser("salt")
	app, web, db := a.word("app"), a.word("web"), a.word("db")
	for text, want := range map[string]string{
		`app == 'web'`:                        app + ` == '` + web + `'`,
		`app=="web"`:                          app + `=="` + web + `"`,
		`has(app) && !has( db )`:              `has(` + app + `) && !has( ` + db + ` )`,
		`all()`:                               `all()`,
		`global()`:                            `global()`,
		`app in {'web', 'db'}`:                app + ` in {'` + web + `', '` + db + `'}`,
		`app notin{'web'}||app not in {'db'}`: app + ` notin{'` + web + `'}||` + app + ` not in {'` + db + `'}`,
		`app starts with 'web'`:               app + ` starts with '` + web + `'`,
		`app contains 'web' || app ends with "db"`: app + ` contains '` + web + `' || ` + app + ` ends with "` + db + `"`,
		`has == 'web'`: a.word("has") + ` == '` + web + `'`,
		`projectcalico.org/namespace == 'default'`:   `projectcalico.org/namespace == 'default'`,
		`pcns.app == 'web' && k8s-app == 'kube-dns'`: `pcns.` + app + ` == '` + web + `' && k8s-app == 'kube-dns'`,
	} {
		if got := a.expression(text); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// TestPartsOfLabels: a literal that a selector looks for is found in the same labels after renaming.
func TestPartsOfLabels(t *testing.T) {
	a := testAnonymiser("salt")
	a.literals = []string{"-canary", "web-"}
	for _, test := range []stringTest{{"startswith", "web-"}, {"endswith", "-canary"}, {"contains", "-canary"}} {
		for _, v := range []string{"web-1", "web-1-canary", "my-web-1", "1-canary-x", "web", "db"} {
			renamed := stringTest{test.operator, a.word(test.literal)}
			if test.holds(v) != renamed.holds(a.word(v)) {
				t.Errorf("%s on %s: %v, renamed %s on %s", test, v, test.holds(v), renamed, a.word(v))
			}
		}
	}
}
