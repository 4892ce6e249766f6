package source

import "strings"

// serverSet are the fields that the API server, its controllers or kubectl write. They say how an object is stored
// and not what it asks for.
var serverSet = []string{
	"status",
	"metadata.managedFields",
	"metadata.uid",
	"metadata.resourceVersion",
	"metadata.generation",
	"metadata.creationTimestamp",
	"metadata.deletionTimestamp",
	"metadata.deletionGracePeriodSeconds",
	"metadata.selfLink",
	"metadata.ownerReferences",
	"metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]",
}

// IsServerSet reports whether the path is, or lies below, a field that is written by the server and carries no
// policy meaning.
func IsServerSet(path string) bool {
	if !strings.HasPrefix(path, "metadata.") && !strings.HasPrefix(path, "status") {
		return false
	}
	for _, p := range serverSet {
		if Within(path, p) {
			return true
		}
	}
	return false
}
