package main

import (
	"bytes"
	"encoding/json"
	"runtime/debug"
	"testing"

	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"
)

// TestRecorded: a release says what its flags say, every other build what the Go tool recorded.
func TestRecorded(t *testing.T) {
	const revision = "0123456789abcdef0123456789abcdef01234567"
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.time", Value: "2026-11-30T01:02:03Z"}, {Key: "vcs.modified", Value: "true"}}
	for _, tt := range []struct {
		name    string
		release build
		info    debug.BuildInfo
		want    build
	}{
		{"installed by version", build{}, debug.BuildInfo{Main: debug.Module{Version: "v0.1.0"}}, build{Version: "v0.1.0"}},
		{"built in a repository", build{}, debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: vcs},
			build{Version: "devel 0123456789ab", Commit: revision, Date: "2026-11-30T01:02:03Z", Modified: true}},
		{"built outside of one", build{}, debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, build{Version: "(devel)"}},
		{"a release", build{Version: "0.1.0", Commit: "abc", Date: "2026-12-01T00:00:00Z"}, debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: vcs},
			build{Version: "0.1.0", Commit: "abc", Date: "2026-12-01T00:00:00Z"}},
	} {
		got := tt.release
		got.recorded(&tt.info)
		if got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// TestVersionKeepsToItsSchema holds version --format json, of this build and of a release, to docs/version.schema.json.
func TestVersionKeepsToItsSchema(t *testing.T) {
	validator := validate.NewSchemaValidator(schemaOf(t, "version.schema.json"), nil, "", strfmt.Default)
	full := build{Version: "0.1.0", Commit: "abc", Date: "2026-12-01T00:00:00Z", Modified: true, Go: "go1.26", OS: "linux", Arch: "amd64"}
	for _, b := range []build{thisBuild(), full} {
		var text bytes.Buffer
		if err := writeVersionJSON(&text, b, knownReleases()); err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := json.Unmarshal(text.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		for _, err := range validator.Validate(v).Errors {
			t.Errorf("%s: %v", b.Version, err)
		}
		v["surprise"] = 1
		if validator.Validate(v).IsValid() {
			t.Errorf("%s: a key that is not in the schema is valid", b.Version)
		}
	}
}
