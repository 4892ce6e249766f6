package calico

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	upstream "github.com/projectcalico/calico/libcalico-go/lib/selector"

	"github.com/policyferry/policyferry/translate/selector"
)

// Labels and values of the random expressions. Two of the labels are special to Calico, and the second value
// contains the first.
var (
	someLabels = []string{"app", "env", "a.b/c-d_e", "pcns.team", "projectcalico.org/namespace", "projectcalico.org/orchestrator"}
	someValues = []string{"web", "webs", "k8s", "", `it"s`, "it's"}
)

func randomText(r *rand.Rand, depth int) string {
	blank := func() string { return strings.Repeat(" ", r.IntN(2)) }
	if depth > 0 && r.IntN(3) > 0 {
		switch r.IntN(4) {
		case 0:
			return "!" + blank() + randomText(r, depth-1)
		case 1:
			return "(" + randomText(r, depth-1) + blank() + ")"
		case 2:
			return randomText(r, depth-1) + blank() + "&&" + blank() + randomText(r, depth-1)
		}
		return randomText(r, depth-1) + " || " + randomText(r, depth-1)
	}
	label := someLabels[r.IntN(len(someLabels))]
	value := quote(someValues[r.IntN(len(someValues))])
	switch r.IntN(11) {
	case 0:
		return "all()"
	case 1:
		return "has(" + blank() + label + blank() + ")"
	case 2:
		return label + " in {" + blank() + value + blank() + ", 'db'}"
	case 3:
		return label + " not" + blank() + "in { 'db'," + value + ",}"
	case 4:
		return label + " contains " + value
	case 5:
		return label + " starts" + blank() + "with " + value
	case 6:
		return label + " ends  with" + blank() + value
	case 7:
		return label + blank() + "!=" + blank() + value
	case 8:
		return label + " in {}"
	}
	return label + blank() + "==" + blank() + value
}

func randomLabels(r *rand.Rand) map[string]string {
	out := map[string]string{labelNamespace: "web", labelOrchestrator: "k8s"}
	for _, l := range someLabels[:4] {
		if i := r.IntN(len(someValues) + 2); i < len(someValues) {
			out[l] = someValues[i]
		}
	}
	return out
}

// TestExpressionsAgainstCalico compares text, concrete matching and the symbolic form with libcalico-go.
func TestExpressionsAgainstCalico(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 6000 {
		text := randomText(r, 4)
		theirs, err := upstream.Parse(text)
		if err != nil {
			t.Fatalf("Calico does not read %s: %v", text, err)
		}
		x, err := parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if x.String() != theirs.String() {
			t.Fatalf("%s: got %s, want %s", text, x, theirs)
		}
		symbolic := x.pods()
		for range 8 {
			labels := randomLabels(r)
			want := theirs.Evaluate(labels)
			state := func(l string) labelState {
				v, ok := labels[l]
				return labelState{value: v, present: ok}
			}
			if got := x.match(state); got != truthOf(want) {
				t.Fatalf("%s on %v: got %v, want %v", text, labels, got, want)
			}
			byKey := func(k selector.Key) (string, bool) {
				for l, v := range labels {
					if podKey(l) == k {
						return v, true
					}
				}
				return "", false
			}
			if got := symbolic.Match(byKey); got != want && !symbolic.TooComplex() {
				t.Fatalf("%s as %s on %v: got %v, want %v", text, symbolic, labels, got, want)
			}
		}
	}
}

func TestParseRefusesWhatCalicoRefuses(t *testing.T) {
	for _, text := range []string{
		"a = 'b'", "a == b", "a == 'b' and c == 'd'", "a ==", "a", "'a' == 'b'", "a == 'b", "has (a)", "has(a", "has()",
		"all(", "all() all()", "a in {,'b'}", "a in ['b']", "a in {'b'", "a not {'b'}", "a == 'b' &&", "|| a == 'b'",
		"a == 'b' &", "(a == 'b'", "a == 'b')", "a == 'b'\n&& c == 'd'", "!", "()", "a startswithx 'b'", "ä == 'b'",
		strings.Repeat("x", 513) + " == 'a'",
	} {
		if _, err := upstream.Parse(text); err == nil {
			t.Errorf("%q: Calico reads it", text)
		}
		if x, err := parse(text); err == nil {
			t.Errorf("%q: read as %s", text, x)
		}
	}
	if _, err := parse(strings.Repeat("(", 100_000)); err == nil {
		t.Error("a hundred thousand parentheses are read")
	}
}

func TestUnknownLabels(t *testing.T) {
	known := map[string]string{"a": "1"}
	state := func(l string) labelState {
		if l == "dark" {
			return labelState{unknown: true}
		}
		v, ok := known[l]
		return labelState{value: v, present: ok}
	}
	for text, want := range map[string]truth{
		"dark == 'x'":                 unknown,
		"!has(dark)":                  unknown,
		"a == '1' || dark == 'x'":     yes,
		"a == '2' || dark == 'x'":     unknown,
		"a == '2' && dark == 'x'":     no,
		"a == '1' && !(dark == 'x')":  unknown,
		"!(a == '1' || has(dark))":    no,
		"b not in {'1'} && has(dark)": unknown,
	} {
		x, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.match(state); got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for i := range uint64(20) {
		f.Add(randomText(rand.New(rand.NewPCG(1, i)), 3))
	}
	f.Add("a in {} || !global()")
	f.Fuzz(func(t *testing.T, text string) {
		theirs, theirErr := upstream.Parse(text)
		x, err := parse(text)
		if err != nil && strings.Contains(err.Error(), "parentheses inside") {
			return
		}
		if (err == nil) != (theirErr == nil) {
			t.Fatalf("%q: got %v, Calico %v", text, err, theirErr)
		}
		if err == nil && x.String() != theirs.String() {
			t.Fatalf("%q: got %s, want %s", text, x, theirs)
		}
	})
}

func Example_parse() {
	x, _ := parse(`! a=='1' && b in {"y", "x"}||has(c)`)
	fmt.Println(x)
	// Output: ((!a == "1" && b in {"x", "y"}) || has(c))
}
