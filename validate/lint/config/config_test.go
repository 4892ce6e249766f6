package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/strictyaml"
)

// TestTemplate: as it stands it says nothing; with the # taken away it says something in every field.
func TestTemplate(t *testing.T) {
	c, err := Parse(Name, []byte(Template))
	if err != nil || c.CNI+c.FailOn != "" || c.Paths != nil {
		t.Fatalf("%+v, %v", c, err)
	}
	text := regexp.MustCompile(`(?m)^#([a-z])`).ReplaceAllString(Template, "$1")
	c, err = Parse(Name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range Keys() {
		if !strings.Contains(text, "\n"+key+": ") {
			t.Errorf("the template does not have %s", key)
		}
	}
	if c.CNI != "cilium" || c.CalicoVersion != "3.31" || c.CiliumVersion != "1.20" || c.PortableTo != "none" || c.FailOn != "error" || c.Namespace != "default" ||
		len(c.Cluster) != 1 || len(c.Paths) != 1 || len(c.Exclude) != 2 || c.Severity[diag.UDPLeftOut] != (Level{Severity: diag.Error}) || !c.Severity[diag.AllowsAll].Off {
		t.Errorf("%+v", c)
	}
}

// TestProblems: what is not understood is told with its place.
func TestProblems(t *testing.T) {
	for text, want := range map[string]string{
		"cni: cilium\nfail-no: error\n":                  `c.yaml:2:1: there is no field "fail-no"; did you mean "fail-on"?`,
		"wholly: 1\n":                                    `c.yaml:1:1: there is no field "wholly"; the fields are `,
		"cni: flannel\n":                                 `c.yaml:1:6: "flannel" is none of the values`,
		"severity:\n  PF6003: loud\n":                    `c.yaml:2:11: "loud" is none`,
		"severity:\n  PF6999: off\n":                     `c.yaml:2:3: there is no code "PF6999"`,
		"severity:\n  PF6002: off\n  allows-all: note\n": `c.yaml:3:3: PF6002 stands twice`,
		"severity: off\n":                                `c.yaml:1:11: here must stand a mapping`,
		"cni: cilium\ncni: calico\n":                     `c.yaml:2:1: "cni" stands twice`,
		"paths: policies/\n":                             `c.yaml:1:8: here must stand a list`,
		"paths: [[a]]\n":                                 `c.yaml:1:9: here must stand one value`,
		"namespace:\n":                                   `here must stand one value`,
		"- cni\n":                                        `c.yaml:1:1: here must stand a mapping`,
		"cni: cilium\n---\ncni: calico\n":                `more than one document`,
		"cni: [\n":                                       `c.yaml: the file is not YAML: line`,
	} {
		_, err := Parse("c.yaml", []byte(text))
		p, ok := err.(*strictyaml.Problem)
		if !ok {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := p.Error() + "; " + p.Hint; !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if c, err := Parse("c.yaml", []byte("calico-version: 3.30\n")); err != nil || c.CalicoVersion != "3.30" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestExcludes(t *testing.T) {
	dir := t.TempDir()
	c := &Config{File: filepath.Join(dir, Name), Exclude: []string{"a/*.yaml", "**/testdata", "gen/", "x?.yml"}}
	for file, want := range map[string]bool{
		"a/b.yaml": true, "a/b/c.yaml": false, "testdata/x.yaml": true, "a/b/testdata/c/d.yaml": true, "gen/x/y.yaml": true,
		"generic/y.yaml": false, "x1.yml": true, "x12.yml": false, "b/" + Name: true, "../out/testdata/x.yaml": false,
		filepath.Join(dir, "gen", "z.yaml"): true,
	} {
		if got := c.Excludes(dir, file); got != want {
			t.Errorf("%s: %v", file, got)
		}
	}
}

// TestDiscover goes up to the root of the repository and no further.
func TestDiscover(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "repository", "deep")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	outer := filepath.Join(dir, Name)
	if err := os.WriteFile(outer, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := Discover(deep); err != nil || got != outer {
		t.Errorf("%s, %v", got, err)
	}
	if err := os.Mkdir(filepath.Join(dir, "repository", ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := Discover(deep); err != nil || got != "" {
		t.Errorf("beyond the repository: %s, %v", got, err)
	}
}
