package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const policyText = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  selector: app == 'web'
`

// read joins the objects and findings of a text to lines that a test can compare.
func read(t *testing.T, text string) (objects, findings []string) {
	t.Helper()
	docs, list := ReadBytes("in.yaml", []byte(text), Options{})
	for _, d := range docs {
		objects = append(objects, d.Pos.String()+" "+d.Object.String())
	}
	for _, f := range list.All() {
		if f.Pos.File == "" {
			t.Errorf("finding without file: %s", f.String())
		}
		findings = append(findings, f.String())
	}
	return objects, findings
}

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("%s:\ngot\n%s\nwant\n%s", what, g, w)
	}
}

func TestReadRefuses(t *testing.T) {
	tests := []struct{ name, text, finding string }{
		{"empty", "", "in.yaml: error: no object in the input (PF1018)"},
		{"comments", "# nothing\n---\n# here\n", "in.yaml: error: no object in the input (PF1018)"},
		{"null", "---\nnull\n", "in.yaml: error: no object in the input (PF1018)"},
		{"NUL", "a: b\nc: \x00\n", "in.yaml:2:4: error: the text holds a NUL byte (PF1002)"},
		{"control", "a: é\x07\n", "in.yaml:1:5: error: the text holds the control character U+0007 (PF1002)"},
		{"latin1", "a: b\nc: caf\xe9\n", "in.yaml:2:7: error: byte 0xE9 is not UTF-8 (PF1002)"},
		{"utf16", "\xff\xfea\x00", "in.yaml:1:1: error: the text is UTF-16 and not UTF-8 (PF1002)"},
		{"tab", "kind: A\nspec:\n\tselector: x\n", "in.yaml:3:1: error: the line is indented with a tab (PF1001)"},
		{"truncated flow", "kind: A\nspec: {a: [1, 2\n", "in.yaml:2:1: error: the document is not YAML: did not find expected ',' or ']' (PF1001)"},
		{"truncated quote", "kind: A\nspec: \"abc\n", "in.yaml:2:1: error: the document is not YAML: found unexpected end of stream (PF1001)"},
		{"truncated key", "kind: A\nspec:\n  selec", "in.yaml:1:1: error: A (no name) has no apiVersion (PF1016)"},
		{"bad indent", "kind: A\nspec:\n    a: 1\n  b: 2\n", "in.yaml:4:3: error: the document is not YAML: did not find expected key (PF1001)"},
		{"scalar", "hello\n", "in.yaml:1:1: error: a string is not a Kubernetes object (PF1016)"},
		{"no kind", "a: b\n", "in.yaml:1:1: error: a document without apiVersion and kind is not a Kubernetes object (PF1016)"},
		{"list of scalars", "- a\n", "in.yaml:1:3: error: a string is not a Kubernetes object (PF1016)"},
		{"duplicate", "kind: A\napiVersion: v1\nspec:\n  a: 1\n  a: 2\n", "in.yaml:5:3: error: the key \"a\" stands twice in one mapping, first in line 4 (PF1004)"},
		{"duplicate boolean", "kind: A\napiVersion: v1\nspec:\n  yes: 1\n  'true': 2\n", "in.yaml:5:3: error: the key \"true\" stands twice in one mapping, first in line 4 (PF1004)"},
		{"ambiguous merge", "kind: A\napiVersion: v1\nx: &x {a: 1}\ny:\n  a: 2\n  <<: *x\n", "in.yaml:5:3: error: the key \"a\" is merged once more by << in line 6, and kubectl and YAML disagree which one counts (PF1004)"},
		{"deep", strings.Repeat("[", 300) + strings.Repeat("]", 300), "in.yaml:1:202: error: values stand in each other more than 200 levels deep (PF1003)"},
		{"self alias", "kind: A\nspec: &a\n  b: *a\n", "in.yaml:3:6: error: the alias *a stands inside the value it repeats (PF1001)"},
		{"unknown alias", "kind: A\nspec: *b\n", "in.yaml:1:1: error: the document is not YAML: unknown anchor 'b' referenced (PF1001)"},
		{"helm", "kind: A\nmetadata:\n  name: {{ .Values.name }}\n  {{- if .x }}\n  a: b\n  {{- end }}\n", "in.yaml:3:9: error: the document is a template that has not been rendered (PF1008)"},
		{"helm value", "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata:\n  name: {{ .Values.name }}\n", "in.yaml:4:9: error: the document is a template that has not been rendered (PF1008)"},
		{"envsubst", "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata:\n  name: web-${ENV}\n", "in.yaml:4:9: error: the document is a template that has not been rendered (PF1008)"},
		{"envsubst in a list", "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata:\n  name: web\nspec: {ingress: [${RULES}]}\n", "in.yaml:5:18: error: the document is a template that has not been rendered (PF1008)"},
		{"helm text", "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata:\n  name: \"{{ .Values.name }}\"\n", "in.yaml:4:9: error: the document is a template that has not been rendered (PF1008)"},
		{"json", "{\"kind\": \"A\",\n \"apiVersion\": \"v1\" \"x\"}", "in.yaml:2:21: error: the document is not JSON: invalid character '\"' after object key:value pair (PF1001)"},
		{"truncated json", "{\"kind\": \"A\",\n", "in.yaml:2:1: error: the document is not JSON: it ends before its last bracket (PF1001)"},
		{"infinite", "kind: A\napiVersion: v1\nspec: .inf\n", "in.yaml:3:7: error: .inf is not a number that JSON can hold (PF1006)"},
		{"list field", "kind: List\napiVersion: v1\nitmes: []\nitems: []\n", "in.yaml:3:1: error: a list of objects has no field \"itmes\" (PF1005)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			objects, findings := read(t, test.text)
			equal(t, "objects", objects)
			equal(t, "findings", findings, test.finding)
		})
	}
}

func TestBrokenDocumentHidesNoOther(t *testing.T) {
	for _, broken := range []string{
		"a: [", "a: \"", "a: |\n  text\n---x", "\tb: c", "a: \x00", "\xff", "{{- if .x }}", "a: 1\na: 2", "{\"a\":", "%YAML 9", "[", "'",
	} {
		text := policyText + "---\n" + broken + "\n---\n" + strings.ReplaceAll(policyText, "web", "api")
		objects, findings := read(t, text)
		if len(objects) != 2 || len(findings) != 1 {
			t.Errorf("%q: got %q and %q", broken, objects, findings)
		}
	}
}

func TestReadDocuments(t *testing.T) {
	item := "{apiVersion: v1, kind: A, metadata: {name: %}}"
	tests := []struct {
		name, text string
		objects    []string
	}{
		{"one", policyText, []string{"in.yaml:1:1 NetworkPolicy shop/web"}},
		{"bom", "\uFEFF" + policyText, []string{"in.yaml:1:1 NetworkPolicy shop/web"}},
		{"crlf", strings.ReplaceAll("# x\n---\n"+policyText+"---\n"+policyText, "\n", "\r\n"),
			[]string{"in.yaml:3:1 NetworkPolicy shop/web", "in.yaml:11:1 NetworkPolicy shop/web"}},
		{"end mark", policyText + "...\n" + policyText, []string{"in.yaml:1:1 NetworkPolicy shop/web", "in.yaml:9:1 NetworkPolicy shop/web"}},
		{"directive", "%YAML 1.1\n---\n" + policyText, []string{"in.yaml:3:1 NetworkPolicy shop/web"}},
		{"separator comment", "--- # first\n" + policyText + "--- # second\n", []string{"in.yaml:2:1 NetworkPolicy shop/web"}},
		{"separator content", "--- {apiVersion: v1, kind: A, metadata: {name: a}}\n", []string{"in.yaml:1:5 A a"}},
		{"list", "apiVersion: v1\nkind: List\nmetadata: {resourceVersion: \"\"}\nitems:\n- " + strings.ReplaceAll(item, "%", "a") + "\n- " + strings.ReplaceAll(item, "%", "b") + "\n",
			[]string{"in.yaml:5:3 A a", "in.yaml:6:3 A b"}},
		{"typed list", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicyList\nitems:\n- metadata: {name: a}\n",
			[]string{"in.yaml:4:3 NetworkPolicy a"}},
		{"nested list", "apiVersion: v1\nkind: List\nitems:\n- kind: List\n  apiVersion: v1\n  items:\n  - " + strings.ReplaceAll(item, "%", "a") + "\n", []string{"in.yaml:7:5 A a"}},
		{"kind that ends in List", "apiVersion: v1\nkind: AllowList\nmetadata: {name: a}\n", []string{"in.yaml:1:1 AllowList a"}},
		{"sequence", "- " + strings.ReplaceAll(item, "%", "a") + "\n- " + strings.ReplaceAll(item, "%", "b") + "\n", []string{"in.yaml:1:3 A a", "in.yaml:2:3 A b"}},
		{"json", `{"apiVersion":"v1","kind":"A","metadata":{"name":"\ud83d\ude00"}}`, []string{"in.yaml:1:1 A 😀"}},
		{"json stream", "{\"apiVersion\":\"v1\",\"kind\":\"A\"}\n  {\"apiVersion\":\"v1\",\"kind\":\"B\"}", []string{"in.yaml:1:1 A (no name)", "in.yaml:2:3 B (no name)"}},
		{"flow yaml", strings.ReplaceAll(item, "%", "a"), []string{"in.yaml:1:1 A a"}},
		{"template in annotation", strings.ReplaceAll(policyText, "  name:", "  annotations: {a: '{{ x }}'}\n  name:"), []string{"in.yaml:1:1 NetworkPolicy shop/web"}},
		{"template in data", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: '{{ y }}'}\n", []string{"in.yaml:1:1 ConfigMap a"}},
		{"a price", strings.ReplaceAll(policyText, "  name:", "  labels: {a: '$5 {x} ${1} ${'}\n  name:"), []string{"in.yaml:1:1 NetworkPolicy shop/web"}},
		{"template in comment", "# {{ x }}\n" + policyText, []string{"in.yaml:2:1 NetworkPolicy shop/web"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			objects, findings := read(t, test.text)
			equal(t, "objects", objects, test.objects...)
			equal(t, "findings", findings)
		})
	}
}

func TestReadFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("b.yml", strings.ReplaceAll(policyText, "web", "b"))
	write("a/z.json", `{"apiVersion":"v1","kind":"A","metadata":{"name":"z"}}`)
	write("a/broken.yaml", "a: [")
	write("a/readme.txt", "no YAML: [")
	write("none/empty.yaml", "")
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "lost.yaml")); err != nil {
		t.Fatal(err)
	}

	set, list := Read([]string{dir, filepath.Join(dir, "b.yml"), "-", filepath.Join(dir, "none"), filepath.Join(dir, "absent.yaml")},
		strings.NewReader(policyText), Options{})
	var objects, findings []string
	for i, d := range set.Documents {
		if d.Index != i {
			t.Errorf("document %d has index %d", i, d.Index)
		}
		objects = append(objects, strings.TrimPrefix(d.Pos.File, dir+"/")+" "+d.Object.String())
	}
	for _, f := range list.All() {
		findings = append(findings, strings.ReplaceAll(f.String(), dir+"/", ""))
	}
	equal(t, "objects", objects, "a/z.json A z", "b.yml NetworkPolicy shop/b", "stdin NetworkPolicy shop/web")
	equal(t, "findings", findings,
		"a/broken.yaml:1:1: error: the document is not YAML: did not find expected node content (PF1001)",
		"lost.yaml: error: the file cannot be read: no such file or directory (PF1001)",
		"absent.yaml: error: the file cannot be read: no such file or directory (PF1001)")

	_, list = Read([]string{filepath.Join(dir, "none")}, nil, Options{})
	if all := list.All(); len(all) != 1 || all[0].Code.ID != "PF1018" {
		t.Errorf("empty directory: got %v", all)
	}
}
