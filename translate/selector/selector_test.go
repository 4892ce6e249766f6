package selector

import (
	"math/rand/v2"
	"testing"
)

var (
	app  = Key{PodLabel, "app"}
	env  = Key{NamespaceLabel, "env"}
	name = Key{Kind: NamespaceName}
)

// world lists every combination of states of the three keys: app and env may be absent, the namespace may not.
func world() []map[Key]string {
	var out []map[Key]string
	for _, a := range []string{"", "web", "db", "dbx"} {
		for _, e := range []string{"", "prod", "dev"} {
			for _, n := range []string{"shop", "pay"} {
				m := map[Key]string{name: n}
				if a != "" {
					m[app] = a
				}
				if e != "" {
					m[env] = e
				}
				out = append(out, m)
			}
		}
	}
	return out
}

func lookup(m map[Key]string) func(Key) (string, bool) {
	return func(k Key) (string, bool) { v, ok := m[k]; return v, ok }
}

func random(r *rand.Rand, depth int) (Selector, func(map[Key]string) bool) {
	if depth == 0 || r.IntN(3) == 0 {
		return leaf(r)
	}
	s, f := random(r, depth-1)
	t, g := random(r, depth-1)
	switch r.IntN(4) {
	case 0:
		return s.And(t), func(m map[Key]string) bool { return f(m) && g(m) }
	case 1:
		return s.Or(t), func(m map[Key]string) bool { return f(m) || g(m) }
	case 2:
		return s.Minus(t), func(m map[Key]string) bool { return f(m) && !g(m) }
	}
	return s.Not(), func(m map[Key]string) bool { return !f(m) }
}

func leaf(r *rand.Rand) (Selector, func(map[Key]string) bool) {
	keys := []Key{app, env, name}
	values := map[Key][]string{app: {"web", "db", "dbx"}, env: {"prod", "dev"}, name: {"shop", "pay"}}
	k := keys[r.IntN(3)]
	v := values[k][r.IntN(len(values[k]))]
	switch r.IntN(6) {
	case 0:
		return Where(k, In(v)), func(m map[Key]string) bool { w, ok := m[k]; return ok && w == v }
	case 1:
		return Where(k, NotIn(v)), func(m map[Key]string) bool { w, ok := m[k]; return !ok || w != v }
	case 2:
		return Where(k, Exists()), func(m map[Key]string) bool { _, ok := m[k]; return ok }
	case 3:
		return Where(k, Absent()), func(m map[Key]string) bool { _, ok := m[k]; return !ok }
	case 4:
		t := Text{Key: k, Op: StartsWith, Arg: v[:1]}
		return WhereText(t), func(m map[Key]string) bool { w, ok := m[k]; return ok && w[:1] == v[:1] }
	}
	return All(), func(map[Key]string) bool { return true }
}

func TestAlgebraAgainstBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 4000 {
		s, f := random(r, 4)
		u, g := random(r, 3)
		if s.TooComplex() || u.TooComplex() {
			t.Fatalf("case %d: too complex: %s", i, s)
		}
		covers, overlaps := true, false
		for _, m := range world() {
			if got, want := s.Match(lookup(m)), f(m); got != want {
				t.Fatalf("case %d: %s on %v: got %v, want %v", i, s, m, got, want)
			}
			covers = covers && (f(m) || !g(m))
			overlaps = overlaps || f(m) && g(m)
		}
		if s.Covers(u) && !covers {
			t.Fatalf("case %d: %s does not cover %s", i, s, u)
		}
		if overlaps && !s.Overlaps(u) {
			t.Fatalf("case %d: %s and %s do overlap", i, s, u)
		}
	}
}

// TestWithin holds Within to its definition, on every pair of sets over a few values.
func TestWithin(t *testing.T) {
	var sets []Values
	for _, list := range [][]string{nil, {"a"}, {"b"}, {"a", "b"}, {"a", "c"}, {"a", "b", "c"}} {
		for flags := range 4 {
			sets = append(sets, Values{absent: flags&1 > 0, not: flags&2 > 0, list: list})
		}
	}
	for _, v := range sets {
		for _, w := range sets {
			if got, want := v.Within(w), v.Intersect(w.Complement()).IsEmpty(); got != want {
				t.Errorf("%s within %s: got %v, want %v", v, w, got, want)
			}
		}
	}
}

func TestNormalForm(t *testing.T) {
	web, db := Where(app, In("web")), Where(app, In("db"))
	if got := web.Or(db); !got.Equal(Where(app, In("web", "db"))) || len(got.Clauses()) != 1 {
		t.Errorf("two values of one label: %s", got)
	}
	if got := web.Or(web.Not()); !got.IsAll() {
		t.Errorf("a selector or its complement: %s", got)
	}
	if got := web.And(db); !got.IsNone() {
		t.Errorf("two values at once: %s", got)
	}
	if got := Where(name, Absent()); !got.IsNone() {
		t.Errorf("a pod without namespace: %s", got)
	}
	prefix := WhereText(Text{Key: app, Op: StartsWith, Arg: "d"})
	if got := Where(app, In("web", "db")).And(prefix); !got.Equal(db) {
		t.Errorf("a string operator on known values: %s", got)
	}
}

func TestTooComplexStaysSo(t *testing.T) {
	s := All()
	for i := range 12 {
		k := Key{PodLabel, string(rune('a' + i))}
		l := Key{PodLabel, string(rune('A' + i))}
		s = s.And(Where(k, Exists()).Or(Where(l, Exists())))
	}
	if !s.TooComplex() || !s.Not().TooComplex() || !s.Or(All()).TooComplex() {
		t.Errorf("4,096 clauses are not flagged: %d", len(s.Clauses()))
	}
	if s.IsNone() || s.IsAll() || s.Covers(All()) || !s.Overlaps(All()) {
		t.Error("a selector that is too complex claims to know something")
	}
}
