package compat

import "testing"

// TestCalicoPath follows app-policy/checker/match.go of Calico 3.32.
func TestCalicoPath(t *testing.T) {
	for written, want := range map[string]string{
		"/": "/", "//": "/", "/a/": "/a", "/a//b/": "/a/b", "/a/./b": "/a/b", "/a/../b": "/b", "/..": "/", "/../../x": "/x",
		"/%61": "/a", "/a%2fb": "/a/b", "/a%2e%2E/b": "/a../b", "/%2e%2e/b": "/b", `/a\..\b`: "/b", "/a%5cb": "/a/b",
		"/a;x=1/b;y": "/a/b", "/a/..;x/b": "/b", "/;x/b": "/b", "/a%3bx": "/a", "/a%20b": "/a b", "/100%25": "/100%", "/a%3f": "/a?",
		// skipped
		"/%": "", "/%zz": "", "/a%2": "", "/%252e%252e/x": "", "/%252F": "", "/a%255cb": "", "/a%00": "", "a": "", "": "",
	} {
		if got, ok := CalicoPath(written); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", written, got, ok, want)
		}
	}
}

// TestCiliumKeeps follows Envoy's url_canon_path.cc, which Cilium turns on.
func TestCiliumKeeps(t *testing.T) {
	for path, want := range map[string]bool{
		"": true, "/": true, "/a/": true, "/a.b/.c/..d": true, "/a;x=1": true, "/a%20b": true, "/%c3%a9": true, "/%25": true, "/a%": true,
		"/!$&'()*+,-:;=@[]_~": true,
		"//":                  false, "/a/./b": false, "/a/..": false, `/a\b`: false, "/{id}": false, "/a b": false, "/\u00e9": false, "/a|b": false, "/a`b": false,
		"/%61": false, "/%2e": false, "/%2F": false, "/%5C": false, "/%7e": false, "/%39": false,
	} {
		if CiliumKeeps(path, false) != want {
			t.Errorf("%q: want %v", path, want)
		}
	}
	for prefix, want := range map[string]bool{"/a/.": true, "/a/..": true, "/a/../": false, "/a//": false, "/./a": false} {
		if CiliumKeeps(prefix, true) != want {
			t.Errorf("prefix %q: want %v", prefix, want)
		}
	}
}

// TestCiliumPath has every path come out as one that the proxy keeps and that Calico takes for the same.
func TestCiliumPath(t *testing.T) {
	for decoded, want := range map[string]string{
		"/": "/", "/a-b/c.d~e": "/a-b/c.d~e", "/a b": "/a%20b", "/\u00e9": "/%C3%A9", "/\xff": "/%FF", "/100%": "/100%25", "/{id}": "/%7Bid%7D",
		"/a?b#c": "/a%3Fb%23c", "/%41": "/%2541",
	} {
		got := CiliumPath(decoded)
		if got != want || !CiliumKeeps(got, false) {
			t.Errorf("%q: got %q, want %q", decoded, got, want)
		}
		if back, ok := CalicoPath(got); !ok || back != decoded {
			t.Errorf("%q: Calico takes %q for %q", decoded, got, back)
		}
	}
}
