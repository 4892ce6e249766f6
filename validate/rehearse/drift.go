package rehearse

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
)

// drifting are the codes of what a release or its settings do not read, or will not read for long.
var drifting = map[*diag.Code]bool{
	diag.NotReadBySource: true, diag.LegacyAPI: true, diag.LeavesSoon: true, diag.Setting: true, diag.NotEnforced: true,
}

// drift gathers what the policies use and a release of this estate does not read: the source's today or after its next
// upgrade, and the target's.
func (e *estate) drift() {
	type use struct{ feature, release, needs string }
	counts := map[use]int{}
	var order []use
	add := func(u use) {
		if counts[u]++; counts[u] == 1 {
			order = append(order, u)
		}
	}
	for _, f := range slices.Concat(e.findings, e.leaving) {
		if !drifting[f.Code] {
			continue
		}
		release := e.forward.Source
		if f.Code == diag.Setting {
			release = e.forward.Target
		}
		add(use{strings.TrimSpace(f.Code.ID + " " + f.Code.Title), release.String(), f.Hint})
	}
	for _, r := range []struct {
		release Release
		cni     compat.Release
	}{{e.Source, e.forward.Source}, {e.Target, e.forward.Target}} {
		if !r.release.Stated {
			add(use{"the version of " + r.cni.Name() + ", which is assumed", r.cni.String(), "give a snapshot that tells it, or --source-version and --target-version"})
		}
		if latest := compat.Latest(r.cni.CNI); r.cni.Version.AtLeast(latest.Version.Major, latest.Version.Minor+1) {
			add(use{"a release that is later than any that is known", r.cni.String(), "it is taken to be like " + latest.String()})
		}
	}
	for _, u := range order {
		e.Drift = append(e.Drift, Drift{Feature: u.feature, Uses: counts[u], Release: u.release, Needs: u.needs})
	}
}
