package translate

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/translate/source"
)

// sort sets policy apart from everything else, and of the policy what the source CNI enforces.
func (t *translation) sort(docs []*source.Document) {
	problems, twins := t.asked(docs), t.twins(docs)
	for i, d := range docs {
		r := roleOf(d)
		switch r {
		case other, fact:
			t.passedOver[d.Object.Kind]++
			continue
		case foreign:
			t.passedOver[d.Object.Kind]++
			t.note(diag.UnknownKind, d, "kind", "it is not policy and not translated; what it sets up must be set up again by hand",
				"%s is no policy and is passed over", d.Object.Kind)
			continue
		case legacy:
			t.refuse(d, diag.LegacyAPI, "apiVersion", legacyHint(d), "%s %s is a form that no supported release reads", d.Object.APIVersion, d.Object.Kind)
			continue
		}
		if cni, ok := r.belongsTo(); ok && cni != t.env.Source.CNI {
			t.passedOver[d.Object.Kind]++
			t.note(diag.PassedOver, d, "kind", "", "%s is policy of the target and is passed over, as --from says", d.Object)
			continue
		}
		if t.repeats(twins[t.storedAs(d)], d) || !t.readBySource(d, r) || !t.enforced(d, problems[i]) {
			continue
		}
		t.assumeNamespace(d)
		if r == standardPolicy {
			t.standard = append(t.standard, d)
		} else {
			t.own = append(t.own, d)
		}
	}
}

// assumeNamespace notes that the namespace of an object is the assumed one, unless the user has said which that is.
func (t *translation) assumeNamespace(d *source.Document) {
	if namespaced(d.Object.Kind) && d.Object.Namespace == "" && t.opt.DefaultNamespace == "" {
		t.note(diag.NoNamespace, d, "metadata", "state metadata.namespace, or say --namespace",
			"no namespace is stated, so the policy is read as one of namespace %s", t.env.DefaultNamespace)
	}
}

func legacyHint(d *source.Document) string {
	switch {
	case d.Object.APIVersion == "v1":
		return "convert it with calicoctl convert of Calico 3.31 or older, then translate the result"
	case d.Object.Kind == "NetworkPolicy":
		return "set apiVersion: networking.k8s.io/v1; the fields are the same"
	}
	return "set the current apiVersion and check the fields against its reference"
}

// repeats deals with two documents that are one object to the API server. A copy is passed over; two different ones
// are refused, since which of them the cluster holds cannot be known.
func (t *translation) repeats(twins []*source.Document, d *source.Document) bool {
	if len(twins) < 2 {
		return false
	}
	for _, other := range twins {
		if !t.saysTheSame(other, d) {
			t.refuse(d, diag.DuplicateObject, "metadata.name", "give only the one that the cluster holds", "another document names the same object and says something else")
			return true
		}
	}
	if twins[0] == d {
		return false
	}
	t.passedOver[d.Object.Kind]++
	t.findings.Add(diag.PassedOver.At(d.Position("metadata.name"), d.Object, "metadata.name", "a copy of the same object is passed over").
		WithRelated(twins[0].Pos, "the object is here"))
	return true
}

// twins groups the documents that are one object to the API server, in canonical order.
func (t *translation) twins(docs []*source.Document) map[diag.Object][]*source.Document {
	out := map[diag.Object][]*source.Document{}
	for _, d := range docs {
		if d.Object.Name != "" {
			as := t.storedAs(d)
			out[as] = append(out[as], d)
		}
	}
	return out
}

// stored is the identity under which an API server stores an object: a namespaced one that names no namespace lies in
// the one that stands in for it.
func (t *translation) stored(o diag.Object) diag.Object {
	if namespaced(o.Kind) {
		o.Namespace = cmp.Or(o.Namespace, t.env.DefaultNamespace)
	}
	return o
}

func namespaced(kind string) bool {
	return kind == "NetworkPolicy" || kind == "NetworkSet" || kind == "CiliumNetworkPolicy" ||
		kind == "StagedNetworkPolicy" || kind == "StagedKubernetesNetworkPolicy"
}

func sameContent(a, b *source.Document) bool {
	return bytes.Equal(a.Stored(), b.Stored())
}

// readBySource says whether the source CNI reads a standard kind at all.
func (t *translation) readBySource(d *source.Document, r role) bool {
	if r != standardPolicy || d.Object.Kind == "NetworkPolicy" {
		return true
	}
	if compat.ReadsAdminPolicy(t.env.Source, d.Object.Kind, t.env.Facts.Cilium.ClusterNetworkPolicy) {
		return true
	}
	t.env.Report(d, diag.NotReadBySource, "kind", compat.AdminPolicyHint(t.env.Source, d.Object.Kind),
		"%s does not read %s, so nothing enforces it", t.env.Source, d.Object.Kind)
	t.refused = append(t.refused, d)
	return false
}

// asked collects what the source CNI has against each document. The answers do not depend on each other, and validating
// costs more than everything else together, so all cores take part.
func (t *translation) asked(docs []*source.Document) [][]Problem {
	return parallel.Map(len(docs), func(i int) []Problem {
		r := roleOf(docs[i])
		cni, own := r.belongsTo()
		if t.opt.Enforced == nil || r != standardPolicy && !(own && cni == t.env.Source.CNI) {
			return nil
		}
		return t.opt.Enforced(docs[i], t.env.Source, t.env.Facts)
	})
}

// enforced says whether the source CNI enforces the object as it stands. What it rejects is enforced nowhere and must
// not become policy on the way; what an API server would not store as it stands is refused, since what the cluster
// holds in its place cannot be known.
func (t *translation) enforced(d *source.Document, problems []Problem) bool {
	for _, p := range problems {
		if p.Code == diag.NotEnforced {
			t.env.Report(d, p.Code, p.Path, "correct the object, or delete it: today it protects nothing",
				"%s rejects the object, so it is not enforced and not carried: %s", t.env.Source, p.Message)
			continue
		}
		code, hint := p.Code, cmp.Or(p.Hint, "correct the object, or give what the cluster holds (kubectl get -o yaml)")
		if enterpriseOnly(p.Path) {
			code = diag.EnterpriseOnly
			hint = "the field is of Calico Enterprise and Cloud; Cilium's toFQDNs is its nearest relative, to be written by hand"
		}
		where := p.Path
		if where == "" {
			where = d.Object.String()
		}
		t.env.Report(d, code, p.Path, hint, "%s: %s", where, p.Message)
	}
	if len(problems) > 0 {
		t.refused = append(t.refused, d)
	}
	return len(problems) == 0
}

// enterpriseOnly reports whether the field is one that only Calico Enterprise and Cloud have.
func enterpriseOnly(path string) bool {
	return strings.HasSuffix(path, ".domains") || path == "spec.allowedEgressDomains"
}

func (t *translation) note(code *diag.Code, d *source.Document, path, hint, format string, args ...any) {
	f := code.At(d.Position(path), d.Object, path, format, args...)
	f.Hint = hint
	t.findings.Add(f)
}

func (t *translation) refuse(d *source.Document, code *diag.Code, path, hint, format string, args ...any) {
	t.note(code, d, path, hint, format, args...)
	t.refused = append(t.refused, d)
}
