package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/translate/source"
)

// Load reads the facts out of the documents, in any order. Documents of other kinds are passed over.
// What a ClusterFacts document says wins over what other documents show.
func Load(docs []*source.Document) (*Facts, diag.List) {
	docs = slices.Clone(docs)
	slices.SortStableFunc(docs, compareDocuments)
	l := &loader{facts: &Facts{}, seen: map[string]*source.Document{}}
	for i, ahead := range parallel.Ahead(len(docs), func(i int) *decodedPod { return decodePod(docs[i]) }) {
		doc := docs[i]
		l.ahead = ahead
		if doc.Object.Kind == "ConfigMap" && doc.Object.Name != "cilium-config" {
			continue
		}
		if read := readers[kindKey(doc)]; read != nil && !l.repeated(doc) {
			read(l, doc)
		}
	}
	l.services()
	l.ranges()
	l.snapshotVersions()
	l.whole()
	l.clusterFacts()
	l.hostEndpoints()
	l.check()
	return l.facts, l.findings
}

// loader gathers what the documents say; the steps after the last document need all of them.
type loader struct {
	facts    *Facts
	findings diag.List
	seen     map[string]*source.Document
	// ahead is the document as a Pod, if it is one.
	ahead *decodedPod

	statement *source.Document // the ClusterFacts document
	snapshot  snapshotIndex
	index     *source.Document // of the snapshot
	pools     []pool
	nodeRoots []nodeRoot
	slices    []endpoints
	felix     []felixConfiguration
	// ciliumConfig says that cilium-config was given.
	ciliumConfig bool
}

// readers are the kinds that hold facts, by API group and kind.
var readers = map[string]func(*loader, *source.Document){
	"/Namespace":                           (*loader).namespace,
	"/ServiceAccount":                      (*loader).serviceAccount,
	"/Pod":                                 (*loader).pod,
	"/Node":                                (*loader).node,
	"/Service":                             (*loader).service,
	"/Endpoints":                           (*loader).endpoints,
	"/ConfigMap":                           (*loader).configMap,
	"discovery.k8s.io/EndpointSlice":       (*loader).endpointSlice,
	"networking.k8s.io/ServiceCIDR":        (*loader).serviceCIDR,
	"projectcalico.org/IPPool":             (*loader).ipPool,
	"projectcalico.org/HostEndpoint":       (*loader).hostEndpoint,
	"projectcalico.org/FelixConfiguration": (*loader).felixConfiguration,
	"projectcalico.org/KubeControllersConfiguration": (*loader).kubeControllers,
	"projectcalico.org/ClusterInformation":           (*loader).clusterInformation,
	"cilium.io/CiliumPodIPPool":                      (*loader).ciliumPool,
	"cilium.io/CiliumNode":                           (*loader).ciliumNode,
	"policyferry.io/ClusterFacts":                    (*loader).clusterFactsDocument,
	"policyferry.io/Snapshot":                        (*loader).snapshotIndex,
}

// kindKey is the API group and kind; Calico's two groups hold the same objects.
func kindKey(doc *source.Document) string {
	group, _, found := strings.Cut(doc.Object.APIVersion, "/")
	switch {
	case !found:
		group = ""
	case group == "crd.projectcalico.org":
		group = "projectcalico.org"
	}
	return group + "/" + doc.Object.Kind
}

// repeated reports whether the object was already read. Giving the same object twice is harmless; two objects that
// differ under one name are an error, because either could be the true one.
func (l *loader) repeated(doc *source.Document) bool {
	key := kindKey(doc) + " " + namespaced(doc) + "/" + doc.Object.Name
	first, ok := l.seen[key]
	if !ok {
		l.seen[key] = doc
		return false
	}
	if !sameObject(first, doc) {
		l.bad(doc, "", "%s is given twice, and the two differ", doc.Object).
			hint("leave one of them out; the first is at %s", first.Pos)
	}
	return true
}

func sameObject(a, b *source.Document) bool {
	left, errLeft := a.JSON()
	right, errRight := b.JSON()
	return errLeft == nil && errRight == nil && bytes.Equal(left, right) || sameMeaning(a, b)
}

// sameMeaning reports whether two documents say the same in other words: in another order of keys, with other
// annotations, or as Calico's API and as the custom resource behind it.
func sameMeaning(a, b *source.Document) bool {
	x, errX := meaningOf(a)
	y, errY := meaningOf(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

func meaningOf(doc *source.Document) (map[string]any, error) {
	var object struct {
		Metadata struct {
			Labels      map[string]string `json:"labels"`
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
	}
	out := map[string]any{}
	if err := errors.Join(json.Unmarshal(doc.Stored(), &out), json.Unmarshal(doc.Stored(), &object)); err != nil {
		return nil, err
	}
	labels, err := calicoLabels(doc, object.Metadata.Labels, object.Metadata.Annotations)
	if err != nil {
		return nil, err
	}
	addresses := map[string]string{}
	for key, value := range object.Metadata.Annotations {
		if slices.Contains(slices.Concat(calicoNodeAnnotations, ciliumNodeAnnotations, calicoPodAnnotations), key) {
			addresses[key] = value
		}
	}
	delete(out, "apiVersion")
	out["metadata"] = []any{labels, addresses}
	return out, nil
}

// namespaced is the object's namespace, where none means default as it does for kubectl.
func namespaced(doc *source.Document) string {
	if doc.Object.Namespace == "" {
		return "default"
	}
	return doc.Object.Namespace
}

// decode fills into from the document. A document that does not fit its kind is a finding, and false. Fields of other
// API releases are passed over: they hold no facts.
func (l *loader) decode(doc *source.Document, into any) bool {
	return l.taken(doc.DecodeKnown(into))
}

// taken reports what decoding found, and whether it was nothing.
func (l *loader) taken(findings diag.List) bool {
	for _, f := range findings.All() {
		f.Code = diag.BadFacts
		l.findings.Add(f)
	}
	return findings.Len() == 0
}

// bad reports facts that cannot be used.
func (l *loader) bad(doc *source.Document, path, format string, args ...any) pending {
	l.findings.Add(diag.BadFacts.At(doc.Position(path), doc.Object, path, format, args...))
	all := l.findings.All()
	return pending{&all[len(all)-1]}
}

// pending is a finding that was just added.
type pending struct{ finding *diag.Finding }

func (p pending) hint(format string, args ...any) { *p.finding = p.finding.WithHint(format, args...) }

func compareDocuments(a, b *source.Document) int {
	switch {
	case a.Pos.Before(b.Pos):
		return -1
	case b.Pos.Before(a.Pos):
		return 1
	}
	return a.Index - b.Index
}
