package browser

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium finds the browser.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("POLICYFERRY_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("skipped: there is no chromium (.ci/run installs Debian's), and POLICYFERRY_CHROMIUM names none")
	return ""
}

var (
	writePages sync.Once
	pagesDir   string
	pagesErr   error
	pagesOut   []byte
)

// page has the main module write its pages, and gives the path of one.
func page(t *testing.T, name string) string {
	t.Helper()
	writePages.Do(func() {
		if pagesDir, pagesErr = os.MkdirTemp("", "pages"); pagesErr != nil {
			return
		}
		cmd := exec.Command("go", "test", "-count=1", "-run", "^TestPages$", "./validate/rehearse/page", "-pages", pagesDir)
		cmd.Dir = filepath.Join("..", "..", "..", "..")
		pagesOut, pagesErr = cmd.CombinedOutput()
	})
	if pagesErr != nil {
		t.Fatalf("the pages cannot be written: %v\n%s", pagesErr, pagesOut)
	}
	return filepath.Join(pagesDir, name)
}

func TestMain(m *testing.M) {
	code := m.Run()
	if pagesDir != "" {
		os.RemoveAll(pagesDir)
	}
	os.Exit(code)
}

// enabled has the browser tell what it asks for and what it complains about.
func enabled(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
	if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
		return chromedp.Void{}, err
	}
	_, err := cdp.Call(ctx, t, log.Enable, cdp.Empty{})
	return chromedp.Void{}, err
}

func mobile(is bool) chromedp.EmulateViewportOption {
	return func(p *emulation.SetDeviceMetricsOverrideParams, _ *emulation.SetTouchEmulationEnabledParams) {
		p.Mobile = is
	}
}

// media sets the medium, such as print, and one preference of the reader.
func media(medium, feature, value string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{{Name: feature, Value: value}}})
		return chromedp.Void{}, err
	}
}

// tab is a page in the browser, and what has become of it.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
	requests []string
}

// open opens a page, in a browser of its own, without looking anything up on the network.
func open(t *testing.T, name string, width, height int64) *tab {
	t.Helper()
	path := chromium(t)
	name, part, _ := strings.Cut(name, "#")
	file := page(t, name)
	if part != "" {
		file += "#" + part
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	p := &tab{T: t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.event); err != nil {
		t.Fatal(err)
	}
	p.do(enabled, chromedp.EmulateViewport(width, height, mobile(width < 600)), media("", "prefers-reduced-motion", "reduce"),
		chromedp.Navigate("file://"+file), chromedp.WaitReady("html[data-drawn]"))
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, problem := range p.problems {
			t.Errorf("the browser complains: %s", problem)
		}
		if len(p.requests) != 1 {
			t.Errorf("the page asks for more than itself: %s", strings.Join(p.requests, ", "))
		}
	})
	return p
}

func (p *tab) event(of any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := of.(type) {
	case *runtime.EventConsoleAPICalled:
		for _, arg := range e.Args {
			p.problems = append(p.problems, string(e.Type)+": "+string(arg.Value))
		}
	case *runtime.EventExceptionThrown:
		p.problems = append(p.problems, e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
	case *log.EventEntryAdded:
		p.problems = append(p.problems, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	}
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, stop := context.WithTimeout(p.ctx, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.Fatal(err)
	}
}

// run runs statements in the page.
func run(statements string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](statements)
}

// text is what an expression gives, as text.
func (p *tab) text(expression string) string {
	p.Helper()
	out, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		p.Fatal(err)
	}
	return out
}

// want compares what an expression gives.
func (p *tab) want(expression, want string) {
	p.Helper()
	deadline := time.Now().Add(5 * time.Second)
	got := p.text(expression)
	for got != want && time.Now().Before(deadline) { // filters wait for the last key
		time.Sleep(30 * time.Millisecond)
		got = p.text(expression)
	}
	if got != want {
		p.Errorf("%s is %q, want %q", expression, got, want)
	}
}
