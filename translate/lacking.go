package translate

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// indexFile is the index of a snapshot, which lies above the snapshot's objects (docs/snapshot.md).
const indexFile = "snapshot.yaml"

// lackingIndex is what an index says of kinds that could not be read.
type lackingIndex struct {
	Spec struct {
		Resources []lackingKind `json:"resources"`
	} `json:"spec"`
}

type lackingKind struct {
	Resource   string `json:"resource"`
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Missing    string `json:"missing"`
}

// Lacking says which kinds of policy are not in a set that comes from a snapshot, though its CNI may enforce them: each
// with why, such as "networkpolicies.networking.k8s.io (not permitted)". Whoever judges the set judges it without them.
func Lacking(docs []*source.Document, cni compat.CNI) []string {
	var out []string
	for _, index := range indexes(docs, docs) {
		for _, r := range kindsOf(index) {
			role := roleOf(&source.Document{Object: diag.Object{APIVersion: r.APIVersion, Kind: r.Kind}})
			owner, own := role.belongsTo()
			if r.Missing != "" && (role == standardPolicy || own && owner == cni && !strings.HasPrefix(r.Kind, "Staged")) {
				out = append(out, r.Resource+" ("+r.Missing+")")
			}
		}
	}
	return out
}

// indexes are those among the documents of snapshots of which a set has policies, each once.
func indexes(docs, among []*source.Document) []*source.Document {
	seen := map[string]bool{}
	var out []*source.Document
	for _, index := range among {
		if index.Object.Kind == "Snapshot" && strings.HasPrefix(index.Object.APIVersion, "policyferry.io/") && !seen[index.Pos.File] &&
			slices.ContainsFunc(docs, func(d *source.Document) bool { return IsPolicy(d) && ofSnapshot(index, d) }) {
			seen[index.Pos.File] = true
			out = append(out, index)
		}
	}
	return out
}

// kindsOf are the kinds that an index tells of; none if it cannot be read, which is reported where the facts are read.
func kindsOf(index *source.Document) []lackingKind {
	var content lackingIndex
	if problems := index.DecodeKnown(&content); problems.Len() > 0 {
		return nil
	}
	return content.Spec.Resources
}

// lacking refuses a set that comes from a snapshot which lacks kinds of policy: what was not read may be what closes
// something. Of a snapshot that gives only facts, what it lacks of policy does not matter.
func (t *translation) lacking(docs []*source.Document) {
	for _, index := range indexes(docs, slices.Concat(docs, t.opt.Cluster)) {
		kinds := kindsOf(index)
		for _, reason := range []struct {
			missing string
			code    *diag.Code
			hint    string
		}{
			{"not permitted", diag.NotPermitted, "take the snapshot with an account that may read them (docs/snapshot.md has the ClusterRole)"},
			{"not answered", diag.NotAnswered, "take the snapshot again when their API answers"},
		} {
			var names []string
			for _, r := range kinds {
				if r.Missing == reason.missing && t.matters(r.APIVersion, r.Kind) {
					names = append(names, r.Resource)
				}
			}
			if len(names) == 0 {
				continue
			}
			f := reason.code.At(index.Position("spec.resources"), diag.Object{}, "spec.resources",
				"the snapshot lacks %s (%s), so the policy set is not whole, and the output would open what they close", strings.Join(names, ", "), reason.missing)
			f.Hint, f.Override = reason.hint, diag.Refused
			t.findings.Add(f)
		}
	}
}

// matters says whether the source enforces a kind, or what it enforces refers to it.
func (t *translation) matters(apiVersion, kind string) bool {
	r := roleOf(&source.Document{Object: diag.Object{APIVersion: apiVersion, Kind: kind}})
	if r == standardPolicy {
		return kind == "NetworkPolicy" || compat.ReadsAdminPolicy(t.env.Source, kind, t.env.Facts.Cilium.ClusterNetworkPolicy)
	}
	cni, own := r.belongsTo()
	return own && cni == t.env.Source.CNI && !strings.HasPrefix(kind, "Staged")
}

// ofSnapshot says whether a document is one of the snapshot with an index.
func ofSnapshot(index, doc *source.Document) bool {
	at, file := filepath.ToSlash(index.Pos.File), filepath.ToSlash(doc.Pos.File)
	dir, named := strings.CutSuffix(at, indexFile)
	if dir == "" {
		return named && !filepath.IsAbs(file) && !strings.HasPrefix(file, "../") || at == file
	}
	return at == file || named && strings.HasPrefix(file, dir)
}
