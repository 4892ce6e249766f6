package source

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var changes = flag.Int("changes", 20_000, "changed texts that TestOrdinaryChanged reads")

// thorough reads the values of a chunk by the parser.
func thorough(c chunk, opt Options) (roots []*Node, nodes int, ok bool) {
	parsed, failure := parse(c, opt, opt.MaxNodes)
	if failure != nil {
		return nil, 0, false
	}
	for _, root := range parsed {
		n := normalizer{opt: opt, budget: opt.MaxNodes, lineOffset: root.lineOffset}
		nodes += n.run(root.node)
		if len(n.failures) > 0 {
			return nil, 0, false
		}
		roots = append(roots, compact(root.node, map[*yaml.Node]*Node{}))
	}
	return roots, nodes, true
}

// compareOrdinary reads every document of a text in both ways and returns how many were ordinary.
func compareOrdinary(t *testing.T, data []byte, opt Options) (ordinary, all int) {
	t.Helper()
	p := newOrdinary(opt)
	for c := range chunks(data) {
		if _, bad := c.notText(); bad || c.blank() {
			continue
		}
		all++
		got, nodes := p.read(string(c.data), c.line), p.nodes
		if got == nil {
			continue
		}
		ordinary++
		roots, want, ok := thorough(c, opt)
		if !ok || len(roots) != 1 {
			t.Errorf("what the parser refuses is read: %q", c.data)
			continue
		}
		if g, w := outline(got), outline(roots[0]); g != w || nodes != want {
			t.Errorf("%q\nis read as %d nodes\n%s\nand parsed as %d nodes\n%s", c.data, nodes, g, want, w)
		}
	}
	return ordinary, all
}

// outline writes out all that a node has.
func outline(n *Node) string {
	var b strings.Builder
	var walk func(n *Node)
	walk = func(n *Node) {
		fmt.Fprintf(&b, "%d:%d %d %d %d %q %d\n", n.Line, n.Column, n.Kind, n.Type, n.Style, n.Value, len(n.Content))
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(n)
	return b.String()
}

// ordinarySeeds are what manifests are made of, and what looks like it.
var ordinarySeeds = []string{
	"a: b\nc:\n- d\n- e: f\n  g: h\ni:\n  - - j\n    - k\n",
	"---\n# c\na: 'it''s' # d\nb: \"x\\\"y\\\\n\\n\"\nc: |\n  one\n    two\n\n  three\n\n\nd: |-\n  x\n",
	"a: {b: [c, \"d\", {e: f}], g: h,\n  'i': k8s:j, l: {}, m: []}\n",
	"a:\nb:\n  -\n  - c:\n    d:\n  -\n    e: f\n",
	"a: b\n c\n", "a: b\n  # d\n  c\n", "- a\n  b\n", "a:\n  b\n c\n", "a: [b\n c]\n", "a: 'b\n  c'\n",
	"a: |\n  b\n c: d\n", "a: |\n  b\n# c\nd: e\n", "- a: |\n    b\n  c: |-\n    d\n", "- a: |\n  b: c\n", "a: |\n\n  b\n",
	"a: 1\na: 2\n", "{a: 1, a: 2}\n", "a: {<<: {b: c}}\n", "<<: {a: b}\n", "1: a\n", "yes: a\n", "a: <<\n", "null: a\n",
	"a: [yes, no, on, Off, y, ~, null, 1, -1, 0x1F, 1e3, 1.5, .5, .inf, 1_000, 0o17, 017, 08, 1.2.3.4, 10.0.0.0/8, ::1, 2020-01-01, 1:30, +1, -.5, 0b11, -0]\n",
	"a: b: c\n", "a : b\n", "a:b\n", "a: b:\n", "a: - b\n", "a: b #c\nd: e#f\ng: 'h'#i\n", "? a\n: b\n", "a: [b, ]\n", "a: {b, c: }\n",
	"a: *b\n", "a: &b c\n", "a: !!str 1\n", "a: >\n  b\n", "a: @b\n", "a: %b\n", "a: `b\n", "a: ,b\n", "a: ]\n", "a: -\n", "a: -b\n", "a: --b\n", "a: [-, -1, -b]\n",
	"a:\n - b\n - c\n- d\n", "a:\n  b: c\n d: e\n", "a:\n- b\n c: d\n", "- # a\n  b: c\n", "a: # b\n  c: d\n", "a: # b\n- c\n", "a:#b\n",
	"a: é\nb: \"é\"\n# é\né: f\ng: [é]\n", "a: b\u2028c\n", "a:\tb\n", "a: b\tc\n", "a: b # c\td\n\te: f\n", "a: 'b\tc'\n", " a: b\n c: d\n", "  a: b\n c: d\n",
	"{\"a\": 1, \"b\": [true, null, \"c\", -2.5e3]}\n", "{\"a\": 1e400}", "{\"a\": 12345678901234567890}", "{\"a\": b}", "[1, 2]\n", "[a]\n", "{}\n", "{a}\n", "{\"a\": \"\\u00e9\"}",
	"{apiVersion: v1, kind: A,\n metadata: {name: b}}\n", "a: {b: c} d\n", "a: {b: c}: d\n", "{a: b}: c\n", "[a]: b\n", "'a': b\n", "\"a\" : b\n", "'a'b: c\n",
	"a: b\n---\nc: d\n...\n", "--- a: b\n", "a: b\n... c: d\n", "--- # a\nb: c\n", "---\n", "a\n", "'a'\n", "- a\n", "a: b", "a:", "-", "- ", "a: |", "a: |\n  b", "a: '", "a: \"\\", "a: {", "a: [b", "a: {b: c,", "a: {\"b\":c, 'd':[e]}\n",
	"a:\n  - b\n  # c\n  - d\n  # e\nf: g\n", "a:\n# b\n  c: d\n# e\n", "#a\nb: c #d\n\n\n#e\n", "a: ?b\nc: [?d]\ne: f?g\nh: [i?j]\n", "a: {b: c#d, e: f #g\n }\n", "a: [\n]\nb: {\n}\n", "a:   \n   b: c\n", "a:   |  \n  b\n", "a: |\n  b\n  \n  c\n", "a: |\n    b\n  c\n",
}

func TestOrdinary(t *testing.T) {
	for _, text := range append(ordinarySeeds, seeds...) {
		compareOrdinary(t, []byte(text), Options{}.withDefaults())
	}
}

func FuzzOrdinary(f *testing.F) {
	for _, text := range append(ordinarySeeds, seeds...) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		compareOrdinary(t, data, Options{MaxFileBytes: 1 << 20, MaxNodes: 100_000}.withDefaults())
	})
}

// TestOrdinaryCorpus holds what is read to what is parsed, and most real policies to be ordinary.
func TestOrdinaryCorpus(t *testing.T) {
	dir := os.Getenv("POLICYFERRY_CORPUS")
	if dir == "" {
		t.Skip("POLICYFERRY_CORPUS is not set")
	}
	r := rand.New(rand.NewPCG(3, 4))
	ordinary, all := 0, 0
	for _, path := range (&reader{}).expand(dir) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		o, n := compareOrdinary(t, data, Options{}.withDefaults())
		ordinary, all = ordinary+o, all+n
		for range 5 {
			compareOrdinary(t, []byte(changed(r, string(data), ordinarySeeds)), Options{}.withDefaults())
		}
	}
	t.Logf("%d of %d documents are ordinary", ordinary, all)
	if 10*ordinary < 8*all {
		t.Errorf("of %d documents only %d are read without the parser", all, ordinary)
	}
}

// changed changes a text in a few places: drops, repeats, swaps or inserts what YAML knows.
func changed(r *rand.Rand, text string, others []string) string {
	const marks = ":-#,[]{}'\"|>&*!?%@`\n \t~<.0aé\\"
	for range 1 + r.IntN(3) {
		at := r.IntN(len(text) + 1)
		end := min(at+r.IntN(4), len(text))
		switch r.IntN(6) {
		case 0:
			text = text[:at] + text[end:]
		case 1:
			text = text[:end] + text[at:]
		case 2:
			text = text[:at] + " " + text[at:]
		case 3:
			other := others[r.IntN(len(others))]
			from := r.IntN(len(other) + 1)
			text = text[:at] + other[from:min(from+r.IntN(12), len(other))] + text[at:]
		case 4:
			lines := strings.SplitAfter(text, "\n")
			i, j := r.IntN(len(lines)), r.IntN(len(lines))
			lines[i], lines[j] = lines[j], lines[i]
			text = strings.Join(lines, "")
		default:
			i := r.IntN(len(marks))
			text = text[:at] + marks[i:i+1] + text[at:]
		}
	}
	return text
}

// TestOrdinaryChanged is the fuzzer for those who have a minute less: random changes of the seeds.
func TestOrdinaryChanged(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	texts := append(slices.Clone(ordinarySeeds), seeds...)
	for i := 0; i < *changes && !t.Failed(); i++ {
		compareOrdinary(t, []byte(changed(r, texts[r.IntN(len(texts))], texts)), Options{}.withDefaults())
	}
}
