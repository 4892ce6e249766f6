package source

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestLimits(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("apiVersion: v1\nkind: A\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 40 {
		fmt.Fprintf(&bomb, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i, i)
	}
	longText := "apiVersion: v1\nkind: A\na: &a " + strings.Repeat("x", 1<<16) + "\nb: [" + strings.Repeat("*a, ", 1<<11) + "]\n"
	longKeys := "apiVersion: v1\nkind: A\n? " + strings.Repeat("k", 1<<10) + "\n: [" + strings.Repeat("1,", 300_000) + "]\n"
	tests := []struct {
		name, text string
		opt        Options
		finding    string
	}{
		{"file", policyText, Options{MaxFileBytes: 100}, "the file is larger than 100 bytes (PF1003)"},
		{"alias bomb", bomb.String(), Options{}, "with its aliases written out the document is too large"},
		{"text repeated by aliases", longText, Options{}, "with its aliases written out the document is too large"},
		{"values", "a: [" + strings.Repeat("1,", 2000) + "]", Options{MaxNodes: 1000}, "the input may hold more than 1000 values (PF1003)"},
		{"long keys", longKeys, Options{}, "A (no name) has too many or too long keys (PF1003)"},
		{"flow depth", "a: " + strings.Repeat("[", 100_000), Options{}, "more than 10000 levels deep (PF1003)"},
		{"block depth", strings.Repeat("- ", 5000) + "a", Options{}, "values stand in each other more than 200 levels deep (PF1003)"},
		{"json depth", `{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}", Options{}, "values stand in each other more than 200 levels deep (PF1003)"},
		{"depth by aliases", deepByAliases(), Options{}, "values stand in each other more than 200 levels deep (PF1003)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			start := time.Now()
			docs, list := ReadBytes("in.yaml", []byte(test.text), test.opt)
			if len(docs) != 0 || list.Len() != 1 || !strings.Contains(list.All()[0].String(), test.finding) {
				t.Errorf("got %d objects and %v", len(docs), list.All())
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// deepByAliases nests four lists of 60 levels each.
func deepByAliases() string {
	text := "apiVersion: v1\nkind: A\na0: &a0 x\n"
	for i := range 4 {
		text += fmt.Sprintf("a%d: &a%d %s*a%d%s\n", i+1, i+1, strings.Repeat("[", 60), i, strings.Repeat("]", 60))
	}
	return text
}

func TestLimitOfAllFiles(t *testing.T) {
	inputs := []Input{{"a.yaml", []byte(policyText)}, {"b.yaml", []byte(policyText)}}
	set, list := ReadInputs(inputs, Options{MaxTotalBytes: int64(len(policyText)) + 10})
	if len(set.Documents) != 1 || list.Len() != 1 || list.All()[0].Pos.File != "b.yaml" || list.All()[0].Code.ID != "PF1003" {
		t.Errorf("got %d objects and %v", len(set.Documents), list.All())
	}
	set, list = ReadInputs(inputs, Options{MaxNodes: 20})
	if len(set.Documents) != 1 || list.Len() != 1 || list.All()[0].Pos.File != "b.yaml" || list.All()[0].Code.ID != "PF1003" {
		t.Errorf("got %d objects and %v", len(set.Documents), list.All())
	}
}

func TestFindingsOfOneFileAreBounded(t *testing.T) {
	for _, text := range []string{strings.Repeat("---\na: b\n", 3000), strings.Repeat("- x\n", 3000)} {
		_, list := ReadBytes("in.yaml", []byte(text), Options{})
		all := list.All()
		if last := all[len(all)-1]; len(all) != maxFindings+1 || last.Code.ID != "PF1003" {
			t.Errorf("got %d findings, the last %s", len(all), last.String())
		}
	}
}

func TestManyDuplicatesAreOneDocumentsTrouble(t *testing.T) {
	_, list := ReadBytes("in.yaml", []byte(strings.Repeat("a: b\n", 100_000)+"---\n"+policyText), Options{})
	if list.Len() != maxDocumentFailures {
		t.Errorf("got %d findings", list.Len())
	}
}

func TestEveryLineBreakAndSeparatorKeepsLines(t *testing.T) {
	// The separator inside quotes ends the document as well: YAML allows none there.
	text := "a: 'x\n---\n" + policyText
	objects, findings := read(t, text)
	equal(t, "objects", objects, "in.yaml:3:1 NetworkPolicy shop/web")
	equal(t, "findings", findings, "in.yaml:1:1: error: the document is not YAML: found unexpected end of stream (PF1001)")
}
