package mend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/lint"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// fixCase is a file of testdata: a policy before and after the fixes of one code, and a wrong fix that is to be refused.
type fixCase struct {
	code, before, after string
	wrong               []string
	opt                 lint.Options
	// unsafe is the answer that the fix is to have, if it is not safe; any means that some is expected.
	unsafe string
}

func readCase(t *testing.T, file string) *fixCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := &fixCase{code: strings.SplitN(filepath.Base(file), "-", 2)[0]}
	for _, f := range txtar.Parse(text).Files {
		switch body := string(f.Data); f.Name {
		case "before":
			c.before = body
		case "after":
			c.after = body
		case "wrong":
			c.wrong = strings.SplitN(strings.TrimSpace(body), " ", 4)
		case "flags":
			key, value, _ := strings.Cut(strings.TrimSpace(body), ": ")
			switch key {
			case "unsafe":
				c.unsafe = value
			case "cni":
				c.opt.CNI = compat.CNI(value)
			case "portable-to":
				c.opt.PortableTo = []lint.Target{lint.Target(value)}
			default:
				t.Fatalf("%s: there is no flag %s", file, key)
			}
		default:
			t.Fatalf("%s: there is no section %s", file, f.Name)
		}
	}
	return c
}

// change is the wrong fix.
func (c *fixCase) change(t *testing.T) edit.Change {
	t.Helper()
	switch w := c.wrong; {
	case w[0] == "remove":
		return edit.Change{Kind: edit.Remove, Path: w[1]}
	case w[0] == "replace":
		return edit.Change{Kind: edit.Replace, Path: w[1], Value: strings.Join(w[2:], " ")}
	case w[0] == "insert":
		return edit.Change{Kind: edit.Insert, Path: w[1], Key: w[2], Value: w[3]}
	}
	t.Fatalf("there is no wrong fix %q", c.wrong)
	return edit.Change{}
}

// TestFixes makes the fixes of every code, and has a wrong one refused wherever fixes are to be proven.
func TestFixes(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	fixed := map[string]bool{}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c := readCase(t, file)
			fixed[c.code] = true
			if c.unsafe != "" {
				if got, r := mended(t, c.before, c.opt, Options{}); got != c.before {
					t.Errorf("it is made without being asked for: %+v", r.Outcomes)
				}
			}
			got, r := mended(t, c.before, c.opt, Options{Unsafe: c.unsafe != ""})
			for got != c.after && len(r.Texts) > 0 {
				got, r = mended(t, got, c.opt, Options{Unsafe: c.unsafe != ""})
			}
			if got != c.after {
				t.Errorf("%+v\n%s\nwant\n%s", r.Outcomes, got, c.after)
			}
			for _, o := range r.Outcomes {
				if answer := o.Answer; o.Finding.Code.ID != c.code || o.Refused != "" ||
					answer != c.unsafe && c.unsafe != "any" && (answer != "" || c.unsafe != "equivalent") {
					t.Errorf("%s: %q, %q", o.Finding.Code.ID, o.Refused, answer)
				}
			}
			if again, r := mended(t, c.after, c.opt, Options{Unsafe: c.unsafe != ""}); again != c.after {
				t.Errorf("what is fixed is fixed again: %+v\n%s", r.Outcomes, again)
			}
			if c.wrong != nil {
				c.refuses(t)
			} else if c.unsafe == "" && c.code != "PF6017" { // a comment says nothing that could be wrong
				t.Error("no wrong fix is tried")
			}
		})
	}
	for _, code := range lint.Fixable() {
		if !fixed[code.ID] {
			t.Errorf("no file of testdata fixes %s", code.ID)
		}
	}
}

// refuses puts the wrong fix in the place of the right one.
func (c *fixCase) refuses(t *testing.T) {
	t.Helper()
	set, r, run := linted(t, c.before, c.opt)
	change, tried := c.change(t), false
	e, err := edit.NewText(set.Texts["p.yaml"]).Locate(set.Documents[0], change)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range r.Findings {
		if r.Findings[i].Fix = nil; f.Code.ID == c.code && !tried {
			tried = true
			r.Findings[i].Fix = &lint.Fix{Title: "wrong", Changes: []edit.Change{change}, Edits: []edit.Edit{e}, Doc: set.Documents[0]}
		}
	}
	got := run(Options{})
	if !tried || len(got.Texts) > 0 || !strings.Contains(got.Outcomes[0].Refused, "would not enforce the same: ") {
		t.Errorf("a wrong fix is made: %+v\n%s", got.Outcomes, got.Texts["p.yaml"])
	}
}
