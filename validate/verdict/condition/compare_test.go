package condition

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func get(path string) Request { return Request{Method: "GET", Path: path} }

// TestCompare has what people write differently and mean the same, and what only looks the same.
func TestCompare(t *testing.T) {
	requests := func(list ...Request) []Request { return list }
	with := func(headers ...Header) []Request { return requests(Request{Headers: headers}) }
	for name, c := range map[string]struct {
		left, right    []Request
		opened, closed string
		unknown        bool
	}{
		"the same":                  {left: requests(get("/a")), right: requests(get("/a"))},
		"anchors":                   {left: requests(get("/a")), right: requests(get("^/a$"))},
		"methods apart":             {left: requests(Request{Method: "GET|HEAD"}), right: requests(Request{Method: "HEAD"}, Request{Method: "GET"})},
		"any host":                  {left: requests(Request{Host: ".*"}), right: requests(Request{Method: ".+"})},
		"a path of every request":   {left: requests(get("/.*")), right: requests(get(""))},
		"covered by another":        {left: requests(get("/a"), get("/a.*")), right: requests(get("/a.*"))},
		"exact, in two spellings":   {left: requests(get(`/a([?#].*)?`)), right: requests(get(`/a`), get(`/a\?.*`))},
		"a class":                   {left: requests(get(`/v[12]`)), right: requests(get(`/v1`), get(`/v2`))},
		"letters of any case":       {left: requests(get(`(?i)/a`)), right: requests(get(`/[aA]`))},
		"a method more":             {left: requests(get("/a")), right: requests(Request{Path: "/a"}), opened: "POST /a"},
		"a prefix less":             {left: requests(get("/a.*")), right: requests(get("/a")), closed: "GET /ax"},
		"neither":                   {left: requests(get("/a")), right: requests(get("/b")), opened: "GET /b", closed: "GET /a"},
		"a query":                   {left: requests(get("/a([?#].*)?")), right: requests(get("/a")), closed: "GET /a?"},
		"a host more":               {left: requests(Request{Host: `a\.example`}), right: requests(Request{Host: `a.example`}), opened: "GET / host axexample"},
		"any header but that":       {left: with(Header{"X", "1"}), right: with(Header{"x", ""}), opened: "GET / with x"},
		"two headers":               {left: with(Header{"X", ""}, Header{"Y", ""}), right: with(Header{"Y", ""}, Header{"X", ""})},
		"one of two headers":        {left: with(Header{"X", ""}, Header{"Y", ""}), right: with(Header{"X", ""}), opened: "GET / with x"},
		"a value beside any":        {left: with(Header{"X", "1"}, Header{"X", ""}), right: with(Header{"X", "1"})},
		"two values":                {left: with(Header{"X", "1"}, Header{"X", "2"}), right: nil},
		"words that look alike":     {left: requests(get("/a host b")), right: requests(Request{Method: "GET", Path: "/a", Host: "b"}), opened: "GET /a host b"},
		"a header in the path":      {left: requests(Request{Path: "/a with x"}), right: requests(Request{Path: "/a", Headers: []Header{{"X", ""}}}), opened: "GET /a with x"},
		"nothing":                   {left: nil, right: requests(get("/a")), opened: "GET /a"},
		"a word's end":              {left: requests(get(`/a\b`)), right: requests(get("/a")), unknown: true},
		"no expression":             {left: requests(get(`/a(`)), right: requests(get("/a")), unknown: true},
		"a header for the host":     {left: with(Header{"Host", "a"}), right: requests(Request{Host: "a"}), unknown: true},
		"too long to be worked out": {left: requests(get(`/.*a.{30}`)), right: requests(get(`/.*b.{30}`)), unknown: true},
	} {
		got := Compare(Passing{Conditions: []*Condition{Requests(c.left)}}, Passing{Conditions: []*Condition{Requests(c.right)}})
		if got != (Relation{!c.unknown, c.opened, c.closed}) {
			t.Errorf("%s: %+v, want opened %q, closed %q, unknown %v", name, got, c.opened, c.closed, c.unknown)
		}
	}
}

// TestPassing compares conditions with everything, with nothing and with two at once.
func TestPassing(t *testing.T) {
	of := func(list ...*Condition) Passing { return Passing{Conditions: list} }
	a, b := Requests([]Request{get("/a")}), Requests([]Request{{Path: "/[ab]"}})
	example, sub := Names([]string{`example[.]com[.]`}, []string{"example.com"}), Names([]string{`[-a-zA-Z0-9_]*[.]example[.]com[.]`}, []string{"*.example.com"})
	for name, c := range map[string]struct {
		left, right Passing
		want        Relation
	}{
		"all":                    {Passing{}, Passing{}, Relation{Known: true}},
		"all and nothing":        {Passing{}, Passing{Nothing: true}, Relation{Known: true, Closed: "everything"}},
		"nothing and all":        {Passing{Nothing: true}, Passing{}, Relation{Known: true, Opened: "everything"}},
		"some of all":            {Passing{}, of(a), Relation{Known: true, Closed: "GET /"}},
		"some, and nothing":      {of(a), Passing{Nothing: true}, Relation{Known: true, Closed: "GET /a"}},
		"all that exist":         {of(Requests([]Request{{Path: "/.*"}})), Passing{}, Relation{Known: true}},
		"none, and nothing":      {of(Requests(nil)), Passing{Nothing: true}, Relation{Known: true}},
		"both ends":              {of(a, b), of(a), Relation{Known: true}},
		"both ends, swapped":     {of(a, b), of(b, a), Relation{Known: true}},
		"names":                  {of(example), of(sub), Relation{Known: true, Opened: "x.example.com.", Closed: "example.com."}},
		"one text, two meanings": {of(Names([]string{`[-a-z0-9_]*[.]example[.]`}, []string{"**.example"})), of(Names([]string{`([-a-z0-9_]+[.])+example[.]`}, []string{"**.example"})), Relation{Known: true, Opened: "x.x.example."}},
		"names and requests":     {of(example), of(a), Relation{}},
		"something else, alike":  {of(Other([]string{"sni"}, []string{"a"})), of(Other([]string{"sni"}, []string{"a"})), Relation{Known: true}},
		"something else":         {of(Other([]string{"sni"}, []string{"a"})), of(Other([]string{"sni"}, []string{"b"})), Relation{}},
		"something else of all":  {of(Other([]string{"sni"}, []string{"a"})), Passing{}, Relation{}},
		"something else denied":  {of(Other([]string{"sni"}, []string{"a"})), Passing{Nothing: true}, Relation{}},
		"something else, beside": {of(Other([]string{"sni"}, []string{"a"}), a), of(a), Relation{}},
	} {
		if got := Compare(c.left, c.right); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestNormalPath has paths that a normalising proxy compares as they are, and others.
func TestNormalPath(t *testing.T) {
	for path, want := range map[string]bool{
		"/": true, "/a": true, "/a/": true, "/a.b/.c/..d/...": true, "/.well-known/x": true, "/a:b@c,d": true,
		"": false, "a": false, "//": false, "/a//b": false, "/a//": false, "/.": false, "/..": false, "/a/./b": false, "/a/..": false,
		"/../": false, "/a%2fb": false, "/a;x": false, `/a\b`: false,
	} {
		if NormalPath(path) != want {
			t.Errorf("%q: want %v", path, want)
		}
	}
	of := func(list ...Request) Passing { return Passing{Conditions: []*Condition{Requests(list)}} }
	for name, c := range map[string]struct {
		left, right Passing
		want        Relation
	}{
		"doubled slashes":        {of(Request{Path: "/a", Normal: true}), of(get("/a"), Request{Path: "/a|//a"}), Relation{Known: true}},
		"where all paths count":  {of(Request{Path: "/a"}), of(Request{Path: "/a|//a"}), Relation{Known: true, Opened: "GET //a"}},
		"a query":                {of(Request{Path: `/a(\?.*)?`, Normal: true}), of(Request{Path: `/a`}), Relation{Known: true, Closed: "GET /a?"}},
		"dots within a segment":  {of(Request{Path: "/a[.][.]b", Normal: true}), of(Request{Path: "/c"}), Relation{Known: true, Opened: "GET /c", Closed: "GET /a..b"}},
		"the same path, twofold": {of(Request{Path: "/%", Normal: true}), of(Request{Path: "/%"}), Relation{Known: true}},
	} {
		if got := Compare(c.left, c.right); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestRandom makes conditions of small expressions, and tries requests one by one.
func TestRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	parts := []string{"", "a", "b", "a*", "(a|b)", "[ab]+", "a?b", ".", ".*", "^a", "b$", "(?i)a"}
	pick := func() string { return parts[r.IntN(len(parts))] }
	path := func() string {
		switch p := pick(); {
		case p == "":
			return ""
		case strings.Contains(p, "^"):
			return "^/" + p[1:]
		case strings.Contains(p, "$"):
			return "/" + p
		default:
			return "/(?:" + p + ")"
		}
	}
	var try []string
	for _, method := range []string{"a", "b", "ab", "A", "c"} {
		for _, p := range []string{"/", "/a", "/b", "/ab", "/aa", "/A", "/bab", "/c"} {
			try = append(try, method+" "+p)
		}
	}
	fits := func(list []Request, text string) bool {
		method, path, _ := strings.Cut(text, " ")
		for _, m := range list {
			if whole(m.Method).MatchString(method) && whole(m.Path).MatchString(path) {
				return true
			}
		}
		return false
	}
	same, different := 0, 0
	for range 600 {
		var sides [2][]Request
		for i := range sides {
			if i == 1 && r.IntN(2) == 0 { // often the same, with one more
				sides[1] = slices.Clone(sides[0])
			}
			for range 1 + r.IntN(3) {
				sides[i] = append(sides[i], Request{Method: pick(), Path: path()})
			}
		}
		got := Compare(Passing{Conditions: []*Condition{Requests(sides[0])}}, Passing{Conditions: []*Condition{Requests(sides[1])}})
		if !got.Known {
			t.Fatalf("%v and %v are not compared", sides[0], sides[1])
		}
		for _, text := range try {
			left, right := fits(sides[0], text), fits(sides[1], text)
			if left && !right && got.Closed == "" || right && !left && got.Opened == "" {
				t.Fatalf("%v and %v: %s passes %v and %v, and the answer is %+v", sides[0], sides[1], text, left, right, got)
			}
		}
		for text, wantLeft := range map[string]bool{got.Closed: true, got.Opened: false} {
			if text != "" && (fits(sides[0], text) != wantLeft || fits(sides[1], text) == wantLeft) {
				t.Fatalf("%v and %v: %s is no example", sides[0], sides[1], text)
			}
		}
		if got.Opened == "" && got.Closed == "" {
			same++
		} else {
			different++
		}
	}
	if same < 50 || different < 250 {
		t.Errorf("%d conditions are the same and %d are not: the test shows too little", same, different)
	}
}

func whole(expression string) *regexp.Regexp {
	if expression == "" {
		expression = ".*"
	}
	return regexp.MustCompile("^(?:" + expression + ")$")
}
