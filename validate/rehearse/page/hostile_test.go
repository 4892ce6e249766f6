package page

import (
	"bytes"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/validate/rehearse"
)

// Hostile texts are what a name, a label or a message could hold to break out of where it stands.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</script><script>alert(1)</script>`, `<!--<script>`, `]]>`,
	`' onmouseover='alert(1)`, `javascript:alert(1)`, "\u2028alert(1)", `{{.}}`, `</style><svg onload=alert(1)>`, `</title><base href="//x.example/">`,
	`" autofocus onfocus="alert(1)`, `\"};alert(1);//`, "&lt;img src=x&gt;", "`${alert(1)}`", `</text></svg><iframe src=//x.example>`, `url(//x.example)`,
	`#line-0-0-s1"]`, "\x00<b>", `" style="background:url(//x.example)`, `<a href="javascript:alert(1)">x</a>`, "line\n<hr>",
}

// everywhere puts a text into every text of a result: names, namespaces, kinds, labels and annotations in the texts of
// policies, file names, messages, flows, reasons, versions, times, verdicts, and what else there is or will be. Left alone
// is what places cells and lines: no snapshot has a say in it.
func everywhere(r *rehearse.Result, text string) *rehearse.Result {
	put(reflect.ValueOf(r), text)
	return r
}

func put(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			put(v.Elem(), text)
		}
	case reflect.String:
		v.SetString(text)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			put(v.Index(i), text)
		}
	case reflect.Map:
		if v.Len() > 0 && v.Type().Key().Kind() == reflect.String {
			_, some, _ := first(v)
			v.SetMapIndex(reflect.ValueOf(text).Convert(v.Type().Key()), some)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch v.Type().Name() + "." + v.Type().Field(i).Name {
			case "Matrix.Rows", "Place.Side":
			case "Text.Text": // as many lines as places name
				put(v.Field(i), strings.Repeat(text+"\n", 5))
			default:
				put(v.Field(i), text)
			}
		}
	}
}

func first(m reflect.Value) (key, value reflect.Value, ok bool) {
	for it := m.MapRange(); it.Next(); {
		return it.Key(), it.Value(), true
	}
	return key, value, false
}

var (
	element = regexp.MustCompile(`<[a-zA-Z/!][^>]*>`)
	// embedded is the JSON in the page.
	embedded = regexp.MustCompile(`(?s)<script type="application/json" id="data">.*?</script>`)
	quoted   = regexp.MustCompile(`"[^"]*"`)
)

// elements are those of a page with the names of their attributes.
func elements(page string) string {
	var out []string
	for _, e := range element.FindAllString(page, -1) {
		out = append(out, quoted.ReplaceAllString(e, `""`))
	}
	return strings.Join(out, "\n")
}

// TestHostileTextMakesNoElement writes the same result with an ordinary and with hostile texts, where a snapshot has a say
// and then everywhere: the elements and their attributes but for the texts in them must be the same.
func TestHostileTextMakesNoElement(t *testing.T) {
	for name, make := range map[string]func(text string) *rehearse.Result{
		"where a snapshot has a say": sample,
		"everywhere":                 func(text string) *rehearse.Result { return everywhere(sample("web"), text) },
	} {
		want := elements(cut(written(t, make("web"))))
		if strings.Count(want, "\n") < 100 {
			t.Fatalf("%s: the page has only %d elements", name, strings.Count(want, "\n"))
		}
		for _, text := range hostile {
			page := cut(written(t, make(text)))
			if elements(page) != want {
				t.Errorf("%s: %q changes the elements of the page", name, text)
			}
			outside := embedded.ReplaceAllString(page, "") // in JSON a quote is escaped by what may stand before it anyway
			if strings.ContainsAny(text, "<") && strings.Contains(page, text) || strings.ContainsAny(text, `"`) && strings.Contains(outside, text) {
				t.Errorf("%s: %q stands in the page as it is", name, text)
			}
		}
	}
}

// TestEverywhereIsEverywhere: what is told to be in every text is.
func TestEverywhereIsEverywhere(t *testing.T) {
	page := written(t, everywhere(sample("web"), "zq"))
	for _, part := range []string{
		"<h1>zq</h1>", `datetime="zq"`, `aria-label="Estate zq"`, `class="hero zq"`, "<title>zq: leaving for zq, rehearsed zq</title>", `data-object="zq"`, `data-back="zq → zq zq"`,
		`<title>zq: `, `"namespace":"zq"`, `"kind":"zq"`, `"file":"zq"`, `"message":"zq"`, `"text":"zq\nzq\n`, `"anyOf":["zq"]`, `"example":"zq"`, `"hint":"zq"`,
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not have %s", part)
		}
	}
}

// cut leaves out what is ours and has < in it: the script and the style.
func cut(page string) string { return inline.ReplaceAllString(page, "") }

func written(t *testing.T, r *rehearse.Result) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
