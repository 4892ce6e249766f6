package browser

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestContent looks for what the script draws, beside what the HTML has.
func TestContent(t *testing.T) {
	p := open(t, "sample.html", 1280, 900)
	p.want("document.querySelector('h1').textContent", "blocked")
	p.want("document.querySelectorAll('.policy').length", "1")
	p.want("document.querySelectorAll('[role=gridcell]').length", "9")
	p.want("document.querySelectorAll('.matrix .cell.opens').length", "1")
	p.want("document.querySelector('.panel h3').textContent", "shop/web → nodes")
	p.do(run("document.querySelector('.policy summary').click()"))
	p.want("document.querySelectorAll('.lines .code').length", "8")
	p.want("document.querySelectorAll('.lines tr.same').length", "1")
	p.want("document.querySelector('.lines tr.same').textContent", "2spec:1spec:")
	p.want("document.querySelector('.noted').previousSibling.querySelector('.code').textContent", "kind: web")
	p.want("document.querySelector('.noted code').textContent", "PF2013")
}

// TestFilters narrows the policies and the matrix down.
func TestFilters(t *testing.T) {
	p := open(t, "thousand.html", 1280, 900)
	p.want("document.querySelector('[data-part=policies] .count').textContent", "1\u202f000 policies")
	p.want("document.querySelectorAll('.policy').length", "100")
	p.do(chromedp.SetValue("[data-part=policies] [data-filter=effect]", "narrows"), input("[data-part=policies] [data-filter=effect]"))
	p.want("document.querySelector('[data-part=policies] .count').textContent", "200 of 1\u202f000")
	p.do(chromedp.SendKeys("[data-part=policies] [data-filter=text]", "policy-995"))
	p.want("document.querySelectorAll('.policy').length", "1")
	p.want("document.querySelector('.policy .from').textContent", "NetworkPolicy team-35/default.policy-995")
	p.do(chromedp.SetValue("[data-part=policies] [data-filter=code]", "PF2003"), input("[data-part=policies] [data-filter=code]"))
	p.want("document.querySelectorAll('.policy').length", "1")
	p.do(chromedp.SendKeys("[data-part=policies] [data-filter=text]", "x"))
	p.want("document.querySelector('div.policylist').textContent", "No policy is like that.")

	p.want("document.querySelector('[data-part=matrix] .count').textContent", "500 × 500 workloads")
	p.do(chromedp.SendKeys("[data-filter=from]", "team-7/"))
	p.want("document.querySelectorAll('.rowhead').length", "8")
	p.do(chromedp.SetValue("[data-filter=change]", "opens"), input("[data-filter=change]"))
	p.want("document.querySelector('[role=grid]').hidden", "true")
}

// input tells the page that a value was chosen, as a hand would.
func input(selector string) chromedp.Action[chromedp.Void] {
	return run("document.querySelector(" + strconv.Quote(selector) + ").dispatchEvent(new Event('input', {bubbles: true}))")
}

// focused is what has the focus, in the words of its text.
const focused = "document.activeElement.textContent.trim()"

// inView says whether what has the focus can be seen below what sticks to the top of the page.
const inView = "(r => r.top >= document.querySelector('.tabs').getBoundingClientRect().bottom && r.bottom <= innerHeight)(document.activeElement.getBoundingClientRect())"

// TestMatrixByMouse chooses a cell and follows it to the rules that decide, on either side, each at its own line.
func TestMatrixByMouse(t *testing.T) {
	p := open(t, "sample.html", 1280, 900)
	p.do(chromedp.ScrollIntoView(".matrix"), chromedp.Click(".matrix .cell.opens"))
	p.want("document.querySelector('.panel .witness').textContent", "+ more open web → shop/db tcp/80, such as GET /web")
	p.want("document.querySelectorAll('.panel .judged').length", "2")
	p.want("document.querySelector('.panel .judged .pos').textContent.trim()", "web.yaml:3:5")
	p.want("document.querySelector('.panel .judged + .judged').textContent.includes('After: allowed in part')", "true")
	p.do(chromedp.Click(".panel .judged a"))
	p.want("document.querySelector('.policy').open", "true")
	p.want("document.querySelector('[data-part=policies] [data-filter=text]').value", "")
	p.want("[...document.querySelectorAll('.code.cited')].map(e => e.id + e.textContent)", "line-0-0-s4  - action: Deny,line-0-0-s5    web: web")
	p.want(focused, "- action: Deny")
	p.want(inView, "true")
	p.want("(colours => colours.size)(new Set([...document.querySelectorAll('.cited')].map(e => getComputedStyle(e).backgroundColor)))", "1")
	p.want("getComputedStyle(document.querySelector('.cited')).backgroundColor === getComputedStyle(document.querySelector('.code:not(.cited)')).backgroundColor", "false")
	p.want("location.hash", "#line-0-0-s4")
	// policies that are drawn anew, as by a filter that was still waiting for the last key, keep the mark
	p.do(run("document.querySelector('.code.cited').old = true"), input("[data-part=policies] [data-filter=text]"))
	p.want("document.querySelector('.code.cited').old", "undefined")
	p.want("[...document.querySelectorAll('.code.cited')].map(e => e.id)", "line-0-0-s4,line-0-0-s5")
	p.want("document.querySelectorAll('.wayback').length", "1")
	p.do(chromedp.Click(".wayback button"))
	p.want(focused, "NetworkPolicy shop/web web")
	p.want(inView, "true")
	p.want("document.querySelectorAll('.cited, .wayback').length", "0")
	p.do(chromedp.Click(".panel .judged + .judged a"))
	p.want("[...document.querySelectorAll('.code.cited')].map(e => e.id + e.textContent)", "line-0-0-o2  c: web")
	p.want("location.hash", "#line-0-0-o2")
}

// TestRulesByKeys goes from a rule in a difference to its line and back without a mouse, by every way back: the button,
// Escape, and the browser's own.
func TestRulesByKeys(t *testing.T) {
	p := open(t, "sample.html", 1280, 900)
	follow := []chromedp.Action[chromedp.Void]{run("document.querySelector('.panel .judged a').focus()"), chromedp.KeyEvent(kb.Enter)}
	for _, back := range []chromedp.Action[chromedp.Void]{chromedp.KeyEvent(kb.Tab + kb.Enter), chromedp.KeyEvent(kb.Escape), run("history.back()")} {
		p.do(follow...)
		p.want(focused, "- action: Deny")
		p.want(inView, "true")
		p.want("document.querySelector('#back').textContent", "↩ Back to web → shop/db tcp/80")
		p.do(back)
		p.want(focused, "NetworkPolicy shop/web web")
		p.want(inView, "true")
		p.want("document.querySelectorAll('.cited, .wayback').length", "0")
	}
}

// TestLineInAddress opens the page at the line of a rule, as a link that somebody has kept does, and goes to the rules
// that flows name.
func TestLineInAddress(t *testing.T) {
	p := open(t, "sample.html#line-0-0-o2", 390, 844)
	p.want(focused, "c: web")
	p.want(inView, "true")
	p.want("document.querySelector('#back').textContent", "↩ Close")
	p.do(run("document.querySelector('.flows a').click()"))
	p.want(focused, "- action: Deny")
	p.want("document.querySelector('#back').textContent", "↩ Back to web → web tcp/80")
	p.do(chromedp.KeyEvent(kb.Escape))
	p.want("document.activeElement.closest('tr').dataset.back", "web → web tcp/80")
}

// TestRuleBehindFilters follows a rule to a policy that the filters hide and that is far down the list.
func TestRuleBehindFilters(t *testing.T) {
	p := open(t, "five.html", 1280, 900)
	p.do(chromedp.SetValue("[data-part=policies] [data-filter=effect]", "narrows"), input("[data-part=policies] [data-filter=effect]"))
	p.want("document.querySelector('[data-part=policies] .count').textContent", "1\u202f000 of 5\u202f000")
	p.do(run("document.querySelector('.panel .judged a').click()"))
	p.want("document.activeElement.id", "line-0-4321-s4")
	p.want(inView, "true")
	p.want("document.querySelector('[data-part=policies] [data-filter=text]').value", "NetworkPolicy team-1/default.policy-4321")
}

// TestMatrixByKeys goes through a large matrix without a mouse: only the cells in view exist, and the one that is
// reached is named for a screen reader.
func TestMatrixByKeys(t *testing.T) {
	p := open(t, "thousand.html", 1280, 900)
	p.do(run("document.querySelector('[role=grid]').focus()"), chromedp.KeyEvent(kb.End), chromedp.KeyEvent(kb.PageDown), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowLeft))
	name := "document.getElementById(document.querySelector('[role=grid]').getAttribute('aria-activedescendant')).getAttribute('aria-label')"
	if got := p.text(name); !strings.Contains(got, " to team-59/workload-498: ") {
		t.Errorf("the keys led to %q", got)
	}
	p.do(chromedp.KeyEvent(kb.Enter))
	p.want("document.querySelector('.panel h3').textContent.endsWith('team-59/workload-498')", "true")
	if n, _ := strconv.Atoi(p.text("document.querySelectorAll('.matrix .cell').length")); n == 0 || n > 6000 {
		t.Errorf("%d cells are drawn of 250,000", n)
	}
	p.want("document.querySelector('[role=grid]').getAttribute('aria-colcount')", "501")
}

// TestHostileNames opens everything of a page in which every name and text tries to be markup.
func TestHostileNames(t *testing.T) {
	p := open(t, "hostile.html", 1280, 900)
	p.do(run("for (const d of document.querySelectorAll('details')) d.open = true"),
		chromedp.Click(".matrix .cell.opens"), chromedp.Click(".panel .judged a"))
	p.want("document.querySelectorAll('.cited').length > 0 && document.querySelector('#back').textContent.includes('<img src=x onerror=alert(1)>')", "true")
	p.want("document.scripts.length", "2")
	p.want("document.querySelectorAll('img, iframe, base, link, object, embed, [onerror], [onload], [onmouseover], article svg:not([role])').length", "0")
	p.want("document.querySelectorAll('[href]:not([href^=\"#\"])').length", "0")
	p.want("document.querySelector('.rowhead').textContent.startsWith('shop/<script>alert(1)</script>')", "true")
	p.want("document.querySelector('.policy .from').textContent.includes('<img src=x onerror=alert(1)>')", "true")
}

// TestHostileEverywhere opens, filters, follows and prints a page in which every text there is tries to be markup, also
// those in which no snapshot has a say.
func TestHostileEverywhere(t *testing.T) {
	p := open(t, "everywhere.html", 1280, 900)
	p.do(run("for (const d of document.querySelectorAll('details')) d.open = true"),
		chromedp.SetValue("[data-part=policies] [data-filter=text]", "<img"), input("[data-part=policies] [data-filter=text]"),
		run("document.querySelector('.matrix [data-at=\"0,1\"]').click()"))
	p.want("document.querySelectorAll('.policy').length", "1")
	p.do(run("document.querySelector('.panel .judged a').click()"))
	p.want("document.querySelectorAll('.cited').length > 0", "true")
	p.do(run("dispatchEvent(new Event('beforeprint'))"), run("document.querySelector('.blocker [data-code]').click()"))
	for _, a := range []string{"window.ran", "document.querySelector('[onerror], [onload], [onmouseover], [onfocus], [autofocus]')", "document.querySelector('img, iframe, base, link, object, embed, hr, article [style*=url]')"} {
		if got := p.text(a); got != "null" && got != "undefined" {
			t.Errorf("%s is %s", a, got)
		}
	}
	p.want("document.scripts.length", "2")
	p.want("document.querySelectorAll('[href]:not([href^=\"#\"])').length", "0")
	p.want("document.title.includes('</title><base href=\"//x.example/\">')", "true")
	p.want("document.querySelector('article').getAttribute('aria-label').includes('<script>alert(1)</script>')", "true")
	p.want("document.querySelector('svg title').textContent.includes('</text></svg><iframe src=//x.example>')", "true")
}

// TestScriptOfOthersDoesNotRun puts markup into the page as somebody would who has found a hole in it: the policy stops
// it, and the browser says so.
func TestScriptOfOthersDoesNotRun(t *testing.T) {
	p := open(t, "sample.html", 1280, 900)
	p.do(run(`window.ran = false;
		for (const [tag, set] of [['script', e => e.append('window.ran = true')], ['img', e => { e.src = 'http://192.0.2.1/x.png'; }]]) {
			const e = document.createElement(tag);
			try { set(e); document.body.append(e); } catch { /* trusted types refuse it at once */ }
		}
		try { document.body.insertAdjacentHTML('beforeend', '<b onclick="window.ran = true">x</b>'); } catch { }`))
	p.want("window.ran", "false")
	p.want("document.querySelectorAll('b[onclick]').length", "0")
	p.mu.Lock()
	defer p.mu.Unlock()
	refused := 0
	for _, problem := range p.problems {
		if strings.Contains(problem, "Content Security Policy") || strings.Contains(problem, "TrustedHTML") {
			refused++
		}
	}
	if refused == 0 {
		t.Errorf("the policy has refused nothing: %q", p.problems)
	}
	p.problems = nil
	if len(p.requests) > 1 {
		p.requests = p.requests[:1] // the attempt is told, and never leaves the browser
	}
}

// TestNarrow is the page on a telephone: nothing is wider than the screen, and the output comes after the source.
func TestNarrow(t *testing.T) {
	p := open(t, "sample.html", 390, 844)
	p.do(run("document.querySelector('.policy summary').click()"))
	p.want("document.documentElement.scrollWidth", "390")
	p.want("document.querySelectorAll('.lines.one').length", "2")
	p.do(run("document.querySelector('[data-part=runbook]:not(a)').scrollIntoView()"))
	p.want("document.querySelector('nav [aria-current]')?.textContent", "Runbook")
	p.want("(r => r.left >= 0 && r.right <= innerWidth)(document.querySelector('nav [aria-current]').getBoundingClientRect())", "true")
}

// TestLongNames: names that offer no place to break make nothing wider than the screen.
func TestLongNames(t *testing.T) {
	for _, width := range []int64{390, 1280} {
		p := open(t, "long.html", width, 844)
		p.do(run("for (const d of document.querySelectorAll('details')) d.open = true"))
		p.want("document.querySelectorAll('.lines .code').length", "8")
		p.want("document.documentElement.scrollWidth", strconv.FormatInt(width, 10))
		p.want("[...document.querySelectorAll('.card, .blocker, .policy, .panel, .steps li, .window, .diffrow, .finding')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)", "")
	}
}

// TestNothing draws a result in which there is nothing to draw.
func TestNothing(t *testing.T) {
	p := open(t, "nothing.html", 390, 844)
	p.want("document.querySelector('div.policylist').textContent", "There is no policy.")
	p.want("document.querySelector('[data-part=policies] .count').textContent", "0 policies")
	p.want("document.querySelector('.panel').getClientRects().length", "0")
	p.want("document.documentElement.scrollWidth", "390")
}

// TestPrint is the page on paper: what is folded is open.
func TestPrint(t *testing.T) {
	p := open(t, "sample.html", 1280, 900)
	p.do(run("dispatchEvent(new Event('beforeprint'))"), media("print", "prefers-color-scheme", "light"))
	p.want("document.querySelectorAll('details.more:not([open])').length", "0")
	p.want("document.querySelectorAll('.diffrow[open] .judged').length", "2")
	p.want("[...document.querySelectorAll('pre')].every(e => e.scrollWidth <= e.clientWidth)", "true")
	p.want("getComputedStyle(document.querySelector('.tabs')).display", "none")
	p.do(run("dispatchEvent(new Event('afterprint'))"))
	p.want("document.querySelectorAll('details.more[open]').length", "0")
	paper, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPrintBackground()))
	if err != nil || len(paper) < 10_000 {
		t.Errorf("the PDF has %d bytes: %v", len(paper), err)
	}
}

// TestNames asks the browser for its accessibility tree: whatever takes the focus must have a name.
func TestNames(t *testing.T) {
	p := open(t, "sample.html", 1280, 900)
	p.do(run("document.querySelector('.policy summary').click()"))
	without := p.text(`[...document.querySelectorAll('a, button, input, select, summary, [tabindex="0"]')].filter(e => !e.hidden && !(e.getAttribute('aria-label') || e.textContent.trim() || e.closest('label')?.textContent.trim())).map(e => e.outerHTML.slice(0, 80))`)
	if without != "" {
		t.Errorf("these have no name: %q", without)
	}
	p.want("document.querySelectorAll('h1').length", "1")
	p.want("[...document.querySelectorAll('th')].every(e => e.scope)", "true")
}

// TestFiveThousand draws 5,000 policies, and says how long loading takes. docs/report-page.md has the times; no test
// fails by them.
func TestFiveThousand(t *testing.T) {
	for _, name := range []string{"thousand.html", "five.html"} {
		p := open(t, name, 1280, 900)
		t.Logf("%s: %s ms until all is loaded and drawn, %s ms until the first paint", name,
			p.text("Math.round(performance.getEntriesByType('navigation')[0].loadEventEnd)"),
			p.text("Math.round(performance.getEntriesByType('paint')[0]?.startTime ?? -1)"))
	}
	p := open(t, "five.html", 1280, 900)
	p.want("document.querySelector('[data-part=policies] .count').textContent", "5\u202f000 policies")
	p.do(chromedp.Click("div.policylist .morebutton"))
	p.want("document.querySelectorAll('.policy').length", "300")
	p.do(chromedp.SendKeys("[data-part=policies] [data-filter=text]", "value of policy 4999"))
	p.want("document.querySelectorAll('.policy').length", "1")
	p.want("document.querySelector('.policy .from').textContent", "NetworkPolicy team-19/default.policy-4999")
}
