package page

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/validate/rehearse"
)

// TestWriteIsTheSame writes a result twice.
func TestWriteIsTheSame(t *testing.T) {
	var a, b bytes.Buffer
	for _, out := range []*bytes.Buffer{&a, &b} {
		if err := Write(out, sample("web")); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same result gives two pages")
	}
}

var (
	inline   = regexp.MustCompile(`(?s)<(style|script)>(.*?)</(?:style|script)>`)
	outside  = regexp.MustCompile(`(?i)\b(?:src|href|srcset|action|data|poster|background)\s*=\s*"([^"]*)"|url\(|@import`)
	policyOf = regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`)
)

// TestPolicyNamesWhatIsInline computes the hashes of all style and script elements anew, and finds them in the policy.
func TestPolicyNamesWhatIsInline(t *testing.T) {
	page := pageOf(t, "web")
	policy := policyOf.FindStringSubmatch(page)
	if policy == nil {
		t.Fatal("the page has no content security policy")
	}
	found := inline.FindAllStringSubmatch(page, -1)
	if len(found) != 2 {
		t.Fatalf("%d inline elements, want a style and a script", len(found))
	}
	for _, f := range found {
		want := f[1] + "-src &#39;" + hash(f[2]) + "&#39;"
		if !strings.Contains(strings.ReplaceAll(policy[1], "&#43;", "+"), want) {
			t.Errorf("the policy %q lacks %s", policy[1], want)
		}
	}
	for _, word := range []string{"unsafe", "http", "data:", "*"} {
		if strings.Contains(policy[1], word) {
			t.Errorf("the policy %q allows %s", policy[1], word)
		}
	}
}

// TestNothingIsLoaded looks for anything in the page that a browser would fetch.
func TestNothingIsLoaded(t *testing.T) {
	for _, m := range outside.FindAllStringSubmatch(pageOf(t, "web"), -1) {
		if !strings.HasPrefix(m[1], "#") {
			t.Errorf("the page refers to something outside of it: %s", m[0])
		}
	}
}

func pageOf(t *testing.T, text string) string {
	t.Helper()
	return written(t, sample(text))
}

// TestEverythingIsShown looks for each part of a result in the page.
func TestEverythingIsShown(t *testing.T) {
	page := pageOf(t, "web")
	for _, want := range []string{"<title>blocked: leaving for Cilium", "Calico 3.31.0", "Cilium 1.20.1 (assumed)", "75<span", "PF2013", "PF5041", "2026-12-31", "expired",
		"would be dropped", "An open window, from step 1 to step 2", "not safe throughout", "not given", "There and back again", "<polyline", "1 new finding in the way",
		"1\u202f234\u202f567 connections", "do not rely on this page"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
}

// nothing is a result of a snapshot that holds no policy.
func nothing() *rehearse.Result {
	e := &rehearse.Estate{Name: "none", Verdict: rehearse.Blocked, Source: rehearse.Release{CNI: "calico"}, Target: rehearse.Release{CNI: "cilium"},
		Score:    rehearse.Score{PolicyShare: 100, RuleShare: 100},
		Policies: []rehearse.Policy{}, Findings: []rehearse.Finding{}, Differences: []rehearse.Difference{}}
	return &rehearse.Result{To: "cilium", Verdict: rehearse.Blocked, Estates: []*rehearse.Estate{e}}
}

// TestNothingIsNotPraised: where nothing was read or compared, no share and no equality is claimed.
func TestNothingIsNotPraised(t *testing.T) {
	page := cut(written(t, nothing()))
	for _, part := range []string{"were not compared", "No flows were given", "There is no runbook", "Nothing stands in the way", "The snapshot shows nothing else"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	for _, part := range []string{"100<span", "No difference.", "0 pods"} {
		if strings.Contains(page, part) {
			t.Errorf("the page says %q", part)
		}
	}
}

var pages = flag.String("pages", "", "directory to write the pages to that the browser tests read")

// TestPages writes the pages that the tests in the browser look at.
func TestPages(t *testing.T) {
	if *pages == "" {
		t.Skip("skipped: -pages names no directory")
	}
	for name, write := range map[string]func(io.Writer) error{
		"sample.html":     func(w io.Writer) error { return Write(w, sample("web")) },
		"hostile.html":    func(w io.Writer) error { return Write(w, sample(strings.Join(hostile, " "))) },
		"everywhere.html": func(w io.Writer) error { return Write(w, everywhere(sample("web"), strings.Join(hostile, " "))) },
		"long.html": func(w io.Writer) error {
			return Write(w, sample(strings.Repeat("without-a-break.", 15)+strings.Repeat("x", 240)))
		},
		"nothing.html":  func(w io.Writer) error { return Write(w, nothing()) },
		"thousand.html": func(w io.Writer) error { return Write(w, large(1000, 500)) },
		"five.html":     func(w io.Writer) error { return Write(w, large(5000, 500)) },
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*pages, name), out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkWrite writes the page of an estate of 1,000 policies and 500 workloads.
func BenchmarkWrite(b *testing.B) {
	r := large(1000, 500)
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		if err := Write(&out, r); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(out.Len()))
}
