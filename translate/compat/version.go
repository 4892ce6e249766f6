// Package compat is the only place that knows which CNI can do what since which version and under which setting.
package compat

import (
	"fmt"
	"strconv"
	"strings"
)

// CNI is one of the two network plugins.
type CNI string

// The CNIs.
const (
	Calico CNI = "calico"
	Cilium CNI = "cilium"
)

// Other returns the other CNI.
func (c CNI) Other() CNI {
	if c == Calico {
		return Cilium
	}
	return Calico
}

// Version is a release of a CNI.
type Version struct{ Major, Minor, Patch int }

// ParseVersion reads 1.20, v1.20.1 or 3.31.0-rc.1 (the suffix is ignored).
func ParseVersion(s string) (Version, error) {
	core, _, _ := strings.Cut(strings.TrimPrefix(s, "v"), "-")
	parts := strings.Split(core, ".")
	var n [3]int
	if len(parts) < 2 || len(parts) > 3 {
		return Version{}, fmt.Errorf("version %q is not of the form 1.20 or 1.20.1", s)
	}
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 {
			return Version{}, fmt.Errorf("version %q is not of the form 1.20 or 1.20.1", s)
		}
		n[i] = v
	}
	return Version{n[0], n[1], n[2]}, nil
}

// AtLeast reports whether v is the release major.minor or a later one.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

// String returns major.minor.patch.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Release is one version of one CNI.
type Release struct {
	CNI     CNI
	Version Version
}

// Newest returns the release that is assumed when none is named: the one whose code this build links.
func Newest(c CNI) Release {
	if c == Calico {
		return Release{Calico, Version{3, 31, 0}}
	}
	return Release{Cilium, Version{1, 20, 1}}
}

// Oldest returns the oldest release whose ways are known. What an older one enforces cannot be told.
func Oldest(c CNI) Release {
	if c == Calico {
		return Release{Calico, Version{3, 26, 0}}
	}
	return Release{Cilium, Version{1, 14, 0}}
}

// Latest returns the newest release of which something is known that sets it apart. A later one is taken to be like it.
func Latest(c CNI) Release {
	if c == Calico {
		return Release{Calico, Version{3, 33, 0}}
	}
	return Release{Cilium, Version{1, 21, 0}}
}

// Name is the name of the CNI as it writes itself.
func (r Release) Name() string {
	if r.CNI == Cilium {
		return "Cilium"
	}
	return "Calico"
}

// String returns "Calico 3.31.0".
func (r Release) String() string { return r.Name() + " " + r.Version.String() }
