package release

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

// goreleaser is .goreleaser.yaml as goreleaser itself reads it, which refuses what it does not know.
func goreleaser(t *testing.T) config.Project {
	t.Helper()
	project, err := config.Load(filepath.Join(root, ".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// TestReleaseBuilds: one program for each of six systems, without the machine's paths and times in it.
func TestReleaseBuilds(t *testing.T) {
	project := goreleaser(t)
	if len(project.Builds) != 1 {
		t.Fatalf("%d builds", len(project.Builds))
	}
	b := project.Builds[0]
	for _, c := range []struct {
		what      string
		got, want []string
	}{
		{"systems", b.Goos, []string{"linux", "darwin", "windows"}},
		{"architectures", b.Goarch, []string{"amd64", "arm64"}},
		{"environment", b.Env, []string{"CGO_ENABLED=0"}},
		{"flags", b.Flags, []string{"-trimpath"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	if len(b.Ignore)+len(b.Targets) > 0 {
		t.Errorf("targets are left out or chosen one by one: %v %v", b.Ignore, b.Targets)
	}
	if b.ModTimestamp != "{{ .CommitTimestamp }}" {
		t.Errorf("the time of the files is %q and not that of the commit", b.ModTimestamp)
	}
	if project.Checksum.NameTemplate != "checksums.txt" || project.Checksum.Algorithm != "sha256" {
		t.Errorf("checksums: %+v", project.Checksum)
	}
	if len(project.SBOMs) != 1 || project.SBOMs[0].Artifacts != "archive" {
		t.Errorf("SBOMs: %+v", project.SBOMs)
	}
}

// TestReleaseKnowsItsVersion builds with the linker's flags of a release. The linker says nothing of a variable that
// there is not, so the program is asked.
func TestReleaseKnowsItsVersion(t *testing.T) {
	flags := filled(t, strings.Join(goreleaser(t).Builds[0].Ldflags, " "), nil)
	path := filepath.Join(t.TempDir(), "policyferry")
	cmd := exec.Command("go", "build", "-ldflags", flags, "-o", path, goreleaser(t).Builds[0].Main)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(path, "version", "--format", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	said := decodeJSON(t, out)
	for key, value := range map[string]string{"version": "Version", "commit": "FullCommit", "date": "CommitDate"} {
		if said[key] != example[value] {
			t.Errorf("%s is %v, want %v", key, said[key], example[value])
		}
	}
	if said["modified"] != nil {
		t.Errorf("a release says that it was modified")
	}
}

// TestReleaseArchives: every file that an archive shall hold is there once the hooks have run, and bears the time of
// the commit.
func TestReleaseArchives(t *testing.T) {
	project := goreleaser(t)
	pages := t.TempDir()
	for _, hook := range project.Before.Hooks {
		words := append(strings.Fields(filled(t, hook, nil)), "PAGES="+pages)
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", hook, err, out)
		}
	}
	if len(project.Archives) != 1 {
		t.Fatalf("%d archives", len(project.Archives))
	}
	a := project.Archives[0]
	if a.BuildsInfo.MTime != "{{ .CommitDate }}" {
		t.Errorf("the time of the program in its archive is %q", a.BuildsInfo.MTime)
	}
	found := map[string]bool{}
	for _, f := range a.Files {
		if f.Info.MTime != "{{ .CommitDate }}" || f.Info.Mode != 0o644 || f.Info.Owner != "root" || f.Info.Group != "root" {
			t.Errorf("%s: %+v depends on the machine", f.Source, f.Info)
		}
		source := filepath.Join(root, f.Source)
		if made, ok := strings.CutPrefix(f.Source, "bin/"); ok {
			source = filepath.Join(pages, made)
		}
		files, err := filepath.Glob(source)
		if err != nil || len(files) == 0 {
			t.Errorf("there is no %s (%v)", f.Source, err)
		}
		for _, file := range files {
			found[filepath.Base(file)] = true
		}
	}
	for _, name := range []string{"LICENSE", "README.md", "policyferry.1", "policyferry-lint.1", "policyferry.bash", "_policyferry", "policyferry.fish", "policyferry.ps1"} {
		if !found[name] {
			t.Errorf("the archives have no %s", name)
		}
	}
}

// archiveOf is the name of the archive for a system.
func archiveOf(t *testing.T, system, arch string) string {
	t.Helper()
	a := goreleaser(t).Archives[0]
	formats := a.Formats
	for _, o := range a.FormatOverrides {
		if o.Goos == system {
			formats = o.Formats
		}
	}
	if len(formats) != 1 {
		t.Fatalf("%s has the formats %q", system, formats)
	}
	return filled(t, a.NameTemplate, map[string]any{"Os": system, "Arch": arch}) + "." + formats[0]
}

// TestImages: the images hold the program of the release on distroless and run it as nobody in particular.
func TestImages(t *testing.T) {
	project := goreleaser(t)
	tags := map[string]bool{}
	for _, k := range project.Kos {
		if k.Build != project.Builds[0].ID {
			t.Errorf("%s is of the build %q", k.ID, k.Build)
		}
		if !regexp.MustCompile(`^gcr\.io/distroless/static-debian12:(debug-)?nonroot$`).MatchString(k.BaseImage) {
			t.Errorf("%s has the base %s", k.ID, k.BaseImage)
		}
		if !slices.Equal(k.Platforms, []string{"linux/amd64", "linux/arm64"}) || k.SBOM != "spdx" || !k.Bare || k.CreationTime != "{{ .CommitTimestamp }}" {
			t.Errorf("%s: %+v", k.ID, k)
		}
		for _, tag := range k.Tags {
			if tags[tag] {
				t.Errorf("the tag %s stands for two images", tag)
			}
			tags[tag] = true
		}
	}
	if !tags["{{ .Tag }}"] || !tags["{{ .Tag }}-debug"] {
		t.Errorf("the tags are %v", tags)
	}

	var ko struct {
		DefaultBaseImage string   `yaml:"defaultBaseImage"`
		DefaultPlatforms []string `yaml:"defaultPlatforms"`
		Builds           []struct {
			ID, Main            string
			Env, Flags, Ldflags []string
		}
	}
	readYAML(t, ".ko.yaml", &ko)
	if len(ko.Builds) != 1 || ko.DefaultBaseImage != project.Kos[0].BaseImage || !slices.Equal(ko.DefaultPlatforms, project.Kos[0].Platforms) {
		t.Fatalf(".ko.yaml differs from .goreleaser.yaml: %+v", ko)
	}
	b, of := ko.Builds[0], project.Builds[0]
	if b.Main != of.Main || !slices.Equal(b.Env, of.Env) || !slices.Equal(b.Flags, of.Flags) || strings.Join(b.Ldflags, " ") != of.Ldflags[0] {
		t.Errorf(".ko.yaml builds otherwise than .goreleaser.yaml: %+v", b)
	}
}
