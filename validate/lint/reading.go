package lint

import (
	"fmt"
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// reading takes in what was found while the documents were read. A file that nobody has rendered is one finding,
// whatever the number of its documents.
func (l *linter) reading(problems diag.List) {
	templates := map[string]int{}
	for _, f := range problems.All() {
		if f.Code == diag.Template {
			templates[f.Pos.File]++
		}
	}
	told := map[string]bool{}
	for _, f := range problems.Sorted() {
		if f.Code != diag.Template {
			l.add(Reading, f)
			continue
		}
		if told[f.Pos.File] {
			continue
		}
		told[f.Pos.File] = true
		f.Message = "the file is a template that has not been rendered"
		if n := templates[f.Pos.File]; n > 1 {
			f.Message = fmt.Sprintf("the file is a template that has not been rendered; %d of its documents cannot be judged", n)
		}
		l.add(Reading, f.WithHint("render it first, for example with helm template or kustomize build, and pipe the result into policyferry lint -"))
	}
}

// clusterProblems takes in what cannot be used of the cluster facts. What is wrong with other objects beside the
// policies is nobody's business here.
func (l *linter) clusterProblems(problems diag.List) {
	given := map[string]bool{}
	for _, d := range l.opt.Cluster {
		given[d.Pos.File] = true
	}
	for _, f := range problems.All() {
		if given[f.Pos.File] {
			l.add(Reading, f)
		}
	}
}

// foreignKinds reports forms that nothing reads any more, and kinds whose name is nearly that of a policy.
func (l *linter) foreignKinds() {
	for _, d := range l.docs {
		names := kinds[groupOf(d.Object)]
		switch {
		case isLegacy(d.Object):
			l.add(Enforcement, diag.LegacyAPI.At(d.Position("apiVersion"), d.Object, "apiVersion",
				"%s %s is a form that no supported release reads, so nothing enforces it", d.Object.APIVersion, d.Object.Kind).
				WithHint("%s", legacyHint(d.Object)))
		case names != nil && !names[d.Object.Kind]:
			if near := source.Nearest(d.Object.Kind, sortedKeys(names)); near != "" {
				l.add(Enforcement, diag.UnknownKind.At(d.Position("kind"), d.Object, "kind",
					"%s has no kind %q", d.Object.APIVersion, d.Object.Kind).WithHint("%s %q?", didYouMean, near))
			}
		}
	}
}

func legacyHint(o diag.Object) string {
	switch {
	case o.Kind == "NetworkPolicy":
		return "set apiVersion: networking.k8s.io/v1; the fields are the same"
	case o.APIVersion == "v1":
		return "convert it with calicoctl convert of Calico 3.31 or older"
	}
	return "set the current apiVersion and check the fields against its reference"
}

// duplicates reports documents that name one object and say different things: only one of them can be in force.
func (l *linter) duplicates() {
	first := map[diag.Object]*source.Document{}
	for _, d := range l.docs {
		if !isPolicy(d.Object) || d.Object.Name == "" {
			continue
		}
		id := l.identity(d.Object)
		if namespaced(d.Object.Kind) && d.Object.Namespace == "" {
			// Where kustomize or Helm sets the namespace, nobody knows it here; in one file it is the same.
			id.Namespace = "\x00" + d.Pos.File
		}
		other := first[id]
		if other == nil {
			first[id] = d
			continue
		}
		a, errA := d.JSON()
		b, errB := other.JSON()
		if errA == nil && errB == nil && slices.Equal(a, b) {
			continue
		}
		l.add(Enforcement, diag.DuplicateObject.At(d.Position("metadata.name"), d.Object, "metadata.name",
			"%s stands twice and says different things, so only what is applied last is in force", d.Object).
			WithHint("lint one overlay at a time, or give the objects different names").
			WithRelated(other.Position("metadata.name"), "the other one is here"))
	}
}
