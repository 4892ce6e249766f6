package snapshot

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/policyferry/policyferry/translate/source"
)

// Index is what a snapshot says of itself: the object in snapshot.yaml.
type Index struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Spec       IndexSpec `json:"spec"`
}

// IndexSpec says what was read, when and of what, and what is missing.
type IndexSpec struct {
	// Taken is when, in UTC; empty if nobody can say.
	Taken string `json:"taken,omitempty"`
	// Context names the cluster as the kubeconfig does; empty for files and in an anonymised snapshot.
	Context string `json:"context,omitempty"`
	// Kubernetes is the version of the API server.
	Kubernetes string `json:"kubernetes,omitempty"`
	// Calico and Cilium are the CNIs that run in the cluster.
	Calico *CNI `json:"calico,omitempty"`
	Cilium *CNI `json:"cilium,omitempty"`
	// Complete says that the namespaces, pods and service accounts are all there are.
	Complete bool `json:"complete,omitempty"`
	// Namespaces are those to which the snapshot was confined, if it was.
	Namespaces []string `json:"namespaces,omitempty"`
	Anonymised bool     `json:"anonymised,omitempty"`
	// Resources are the kinds that were read or should have been, by name.
	Resources []Read `json:"resources,omitempty"`
}

// CNI is one network plugin as it was found.
type CNI struct {
	// Version is major.minor.patch.
	Version string `json:"version"`
	// From is the object that says so.
	From string `json:"from,omitempty"`
	// Others are further versions that run beside it, as during an upgrade.
	Others []string `json:"others,omitempty"`
}

// Read says what became of one kind.
type Read struct {
	// Resource is the plural with its group.
	Resource   string `json:"resource"`
	APIVersion string `json:"apiVersion,omitempty"`
	Kind       string `json:"kind,omitempty"`
	Objects    int    `json:"objects"`
	// ResourceVersion is the state of the API server that the list shows.
	ResourceVersion string `json:"resourceVersion,omitempty"`
	// Missing says why the kind could not be read; empty if it was.
	Missing string `json:"missing,omitempty"`
}

const (
	indexAPIVersion = "policyferry.io/v1alpha1"
	indexKind       = "Snapshot"
	// IndexFile is the file by which a directory is known as a snapshot.
	IndexFile = "snapshot.yaml"
)

// now is the time that a snapshot says it was taken at.
func now() string { return time.Now().UTC().Truncate(time.Second).Format(time.RFC3339) }

func (s *IndexSpec) sort() {
	slices.SortFunc(s.Resources, func(a, b Read) int {
		return cmp.Or(strings.Compare(a.Resource, b.Resource), strings.Compare(a.APIVersion, b.APIVersion))
	})
}

// isIndex reports whether a document is the index of a snapshot.
func isIndex(doc *source.Document) bool {
	return doc.Object.APIVersion == indexAPIVersion && doc.Object.Kind == indexKind
}

// readIndex reads the index out of its document.
func readIndex(doc *source.Document) (Index, error) {
	var index Index
	if err := json.Unmarshal(doc.Stored(), &index); err != nil {
		return index, fmt.Errorf("%s: the index of the snapshot cannot be read: %w", doc.Pos, err)
	}
	return index, nil
}
