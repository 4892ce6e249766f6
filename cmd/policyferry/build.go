package main

import (
	"runtime"
	"runtime/debug"
)

// What a release sets with -ldflags -X; empty in every other build, which then says what the Go tool recorded.
var releaseVersion, releaseCommit, releaseDate string

// build is what the program was built from.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	// Date is that of the commit, so that a release can be built again to the byte.
	Date string `json:"date,omitempty"`
	Go   string `json:"go"`
	OS   string `json:"os"`
	Arch string `json:"arch"`
}

func thisBuild() build {
	b := build{Version: releaseVersion, Commit: releaseCommit, Date: releaseDate, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.recorded(info)
	}
	if b.Version == "" {
		b.Version = "unknown"
	}
	return b
}

// recorded fills in what the Go tool recorded: the version of a module that was installed by version, and the revision
// of a build in a repository.
func (b *build) recorded(info *debug.BuildInfo) {
	revision, date, modified := "", "", false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.time":
			date = s.Value
		case "vcs.modified":
			modified = s.Value == "true"
		}
	}
	if b.Commit == "" {
		b.Commit, b.Modified = revision, modified
	}
	if b.Date == "" {
		b.Date = date
	}
	if b.Version == "" {
		b.Version = info.Main.Version
		if b.Version == "(devel)" && len(b.Commit) >= 12 {
			b.Version = "devel " + b.Commit[:12]
		}
	}
}

// version is the version of policyferry, as reports give it.
func version() string { return thisBuild().Version }
