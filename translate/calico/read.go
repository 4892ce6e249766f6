package calico

import (
	"encoding/json"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// metadataAnnotation is where an object of crd.projectcalico.org keeps the metadata that users gave it
// (libcalico-go/lib/backend/k8s/resources/resources.go).
const metadataAnnotation = "projectcalico.org/metadata"

// enterpriseFields are fields of Calico Enterprise and Calico Cloud that the open-source kinds do not have.
var enterpriseFields = map[string]bool{"domains": true, "allowedEgressDomains": true}

// decode reads the document into a type; false, with findings, if it cannot be used.
func (l *lowering) decode(doc *source.Document, into any) bool {
	problems := doc.Decode(into)
	for _, f := range problems.All() {
		if field := f.Path[strings.LastIndexAny(f.Path, ".]")+1:]; f.Code == diag.UnknownField && enterpriseFields[field] {
			f = diag.EnterpriseOnly.At(f.Pos, f.Object, f.Path, "%s exists only in Calico Enterprise and Calico Cloud", f.Path).
				WithHint("name the addresses, or keep this rule out of the translation")
		}
		l.env.Findings.Add(f)
	}
	return problems.Len() == 0
}

// identity is what an object is called and labelled, wherever it keeps that.
type identity struct {
	name   string
	labels map[string]string
}

// identify finds name and labels of an object. A raw custom resource keeps them in an annotation, and before 3.32
// its own name has the tier before it (libcalico-go/lib/backend/k8s/resources/resources.go).
func (l *lowering) identify(doc *source.Document, meta *metav1.ObjectMeta) (identity, bool) {
	ledger := l.env.Ledger(doc)
	out := identity{name: meta.Name, labels: meta.Labels}
	if !isRaw(doc) {
		return out, true
	}
	text, ok := meta.Annotations[metadataAnnotation]
	out.name = strings.TrimPrefix(out.name, "default.")
	if !ok {
		return out, true
	}
	path := source.Field("metadata.annotations", metadataAnnotation)
	var kept struct {
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels"`
	}
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		l.env.Report(doc, diag.WrongValue, path, "export the object again with kubectl get -o yaml",
			"the annotation is not the JSON that Calico writes, so name and labels of the object are not known")
		return out, false
	}
	ledger.Carried(path)
	if kept.Name != "" {
		out.name = strings.TrimPrefix(kept.Name, "default.")
	}
	merged := map[string]string{}
	for _, labels := range []map[string]string{meta.Labels, kept.Labels} {
		for k, v := range labels {
			merged[k] = v
		}
	}
	out.labels = merged
	return out, true
}

func isRaw(doc *source.Document) bool { return strings.HasPrefix(doc.Object.APIVersion, groupRaw) }

func (l *lowering) namespaceOf(doc *source.Document) string {
	if doc.Object.Namespace != "" {
		return doc.Object.Namespace
	}
	return l.env.DefaultNamespace
}
