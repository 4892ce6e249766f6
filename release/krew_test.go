package release

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"text/template"
)

// plugin is a manifest of krew (sigs.k8s.io/krew, pkg/index/types.go).
type plugin struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name string }
	Spec       struct {
		Version          string
		Homepage         string
		ShortDescription string `yaml:"shortDescription"`
		Description      string
		Caveats          string
		Platforms        []struct {
			URI      string
			SHA256   string `yaml:"sha256"`
			Bin      string
			Files    []struct{ From, To string }
			Selector struct {
				MatchLabels map[string]string `yaml:"matchLabels"`
			}
		}
	}
}

const releases = "https://github.com/policyferry/policyferry/releases/download/"

// TestKrewManifest fills in the template as krew-release-bot does (pkg/source/template.go: the address is a template of
// its own, and the checksum follows indented by four), holds the result to what krew's own validation asks
// (internal/index/validation), and to the archives that goreleaser makes.
func TestKrewManifest(t *testing.T) {
	sum := strings.Repeat("0123456789abcdef", 4)
	tmpl, err := template.New("").Funcs(template.FuncMap{"addURIAndSha": func(address, tag string) (string, error) {
		parsed, err := template.New("").Parse(address)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		err = parsed.Execute(&out, struct{ TagName string }{tag})
		return fmt.Sprintf("uri: %s\n    sha256: %s", out.String(), sum), err
	}}).Parse(string(readFile(t, ".krew.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := tmpl.Execute(&text, struct{ TagName string }{"v0.1.0"}); err != nil {
		t.Fatal(err)
	}
	var p plugin
	decodeYAML(t, ".krew.yaml", []byte(text.String()), &p)
	if p.APIVersion != "krew.googlecontainertools.github.com/v1alpha2" || p.Kind != "Plugin" || p.Metadata.Name != "policyferry" || p.Spec.Version != "v0.1.0" {
		t.Errorf("the manifest is %s %s %s %s", p.APIVersion, p.Kind, p.Metadata.Name, p.Spec.Version)
	}
	// The index wants few words (krew.sigs.k8s.io/docs/developer-guide/develop/naming-guide and its linter).
	if d := p.Spec.ShortDescription; d == "" || len(d) > 50 || strings.ContainsAny(d, "\r\n") || strings.HasSuffix(d, ".") {
		t.Errorf("the short description is %q", d)
	}
	seen := map[string]bool{}
	for _, platform := range p.Spec.Platforms {
		system, arch := platform.Selector.MatchLabels["os"], platform.Selector.MatchLabels["arch"]
		seen[system+"/"+arch] = true
		if len(platform.Selector.MatchLabels) != 2 {
			t.Errorf("%s/%s is selected by %v", system, arch, platform.Selector.MatchLabels)
		}
		if want := releases + "v0.1.0/" + archiveOf(t, system, arch); platform.URI != want {
			t.Errorf("%s/%s comes from %s and not from %s", system, arch, platform.URI, want)
		}
		if !regexp.MustCompile(`^[a-f0-9]{64}$`).MatchString(platform.SHA256) {
			t.Errorf("%s/%s has the checksum %q", system, arch, platform.SHA256)
		}
		bin := goreleaser(t).Builds[0].Binary
		if system == "windows" {
			bin += ".exe"
		}
		files := map[string]string{}
		for _, f := range platform.Files {
			files[f.From] = f.To
		}
		if platform.Bin != bin || files[bin] != "." || files["LICENSE"] != "." || len(files) != 2 {
			t.Errorf("%s/%s has %s of %v", system, arch, platform.Bin, files)
		}
	}
	for _, system := range goreleaser(t).Builds[0].Goos {
		for _, arch := range goreleaser(t).Builds[0].Goarch {
			if !seen[system+"/"+arch] {
				t.Errorf("there is no plugin for %s/%s", system, arch)
			}
		}
	}
	if len(seen) != len(p.Spec.Platforms) || len(seen) != 6 {
		t.Errorf("%d platforms select %d systems", len(p.Spec.Platforms), len(seen))
	}
	link(t, p.Spec.Caveats)
}

// link runs the command of the caveats where krew would have put the plugin, and asks the link as kubectl would.
func link(t *testing.T, caveats string) {
	t.Helper()
	command := regexp.MustCompile(`(?m)^ +(ln -s .*)$`).FindStringSubmatch(caveats)
	if command == nil {
		t.Fatalf("no link in the caveats:\n%s", caveats)
	}
	home := t.TempDir()
	bin := filepath.Join(home, ".krew", "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program(t), filepath.Join(bin, "kubectl-policyferry")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", command[1])
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(filepath.Join(bin, "kubectl_complete-policyferry"), "translate", "--to", "").Output()
	if err != nil || !strings.HasPrefix(string(out), "cilium\ncalico\n:") {
		t.Errorf("%v: %q", err, out)
	}
	out, err = exec.Command(filepath.Join(bin, "kubectl-policyferry"), "help", "lint").Output()
	if err != nil || !strings.Contains(string(out), "  kubectl policyferry lint [flags] [PATH...]\n") {
		t.Errorf("%v: %s", err, out)
	}
}
