package main

import (
	"bytes"
	"strings"
	"testing"
)

// translated runs translate on standard input.
func translated(t *testing.T, input string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, said bytes.Buffer
	code = Main(append([]string{"translate", "--to", "cilium", "-"}, args...), strings.NewReader(input), &out, &said)
	return code, out.String(), said.String()
}

// TestBytesThatAreNoText: what a text archive cannot hold.
func TestBytesThatAreNoText(t *testing.T) {
	const head = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\n"
	for name, test := range map[string]struct{ input, want string }{
		"NUL":       {head + "metadata: {name: a\x00b}\n", "stdin:3:19: error: the text holds a NUL byte (PF1002, refused)"},
		"latin 1":   {head + "metadata: {name: caf\xe9}\n", "stdin:3:21: error: byte 0xE9 is not UTF-8 (PF1002, refused)"},
		"UTF-16":    {"\xff\xfea\x00:\x00", "stdin:1:1: error: the text is UTF-16 and not UTF-8 (PF1002, refused)"},
		"control":   {head + "metadata: {name: a\x1bb}\n", "stdin:3:19: error: the text holds the control character U+001B (PF1002, refused)"},
		"surrogate": {head + "metadata: {name: \"a\xed\xa0\x80b\"}\n", "stdin:3:20: error: byte 0xED is not UTF-8 (PF1002, refused)"},
		"cut":       {head + "metadata: {name: \"\xe2\x82", "stdin:3:19: error: byte 0xE2 is not UTF-8 (PF1002, refused)"},
	} {
		code, stdout, stderr := translated(t, test.input)
		if first, _, _ := strings.Cut(stderr, "\n"); code != ExitUsage || stdout != "" || first != test.want {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q; want %q", name, code, stdout, first, test.want)
		}
	}
}

// TestTextsThatGrow: what is small to write and large to read is refused before it grows.
func TestTextsThatGrow(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: bomb}\na0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n")
	for i := range 9 {
		n := string(rune('0' + i))
		next := string(rune('1' + i))
		bomb.WriteString("a" + next + ": &a" + next + " [" + strings.Repeat("*a"+n+", ", 8) + "*a" + n + "]\n")
	}
	const head = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: deep}\nspec: "
	for name, test := range map[string]struct{ input, want string }{
		"aliases":        {bomb.String(), "with its aliases written out the document is too large"},
		"lists":          {head + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "levels deep"},
		"mappings":       {head + strings.Repeat("{a: ", 5000) + strings.Repeat("}", 5000), "levels deep"},
		"JSON":           {`{"apiVersion":"v1","kind":"A","a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}", "levels deep"},
		"open brackets":  {head + strings.Repeat("[", 100_000), "levels deep"},
		"its own member": {"apiVersion: v1\nkind: A\na: &a {b: *a}\n", "the alias *a stands inside the value it repeats"},
	} {
		code, stdout, stderr := translated(t, test.input)
		if first, _, _ := strings.Cut(stderr, "\n"); code != ExitUsage || stdout != "" || !strings.HasPrefix(first, "stdin:") || !strings.Contains(first, test.want) {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q; want %q", name, code, stdout, first, test.want)
		}
	}
}
