package snapshot

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// served says which of the resources the API server serves. Only the groups that a snapshot reads are asked for: an
// aggregated API that is down elsewhere is none of its business, and client-go's own discovery client, which asks for
// all, would bring the types of the whole of Kubernetes into the program.
type served struct {
	// resources are the resources of a group and version, by apiVersion. A version that is not served is not there.
	resources map[string][]metav1.APIResource
	// down are the versions that should be served and whose API does not answer.
	down map[string]error
}

func (c *connection) discover(ctx context.Context, wanted []*Resource) (*served, error) {
	out := &served{resources: map[string][]metav1.APIResource{}, down: map[string]error{}}
	asked := map[string]bool{}
	for _, r := range wanted {
		for _, version := range r.Versions {
			apiVersion := r.apiVersion(version)
			if asked[apiVersion] {
				continue
			}
			asked[apiVersion] = true
			path := "/apis/" + apiVersion
			if r.Group == "" {
				path = "/api/" + version
			}
			var list metav1.APIResourceList
			switch err := c.get(ctx, path, &list); {
			case err == nil:
				out.resources[apiVersion] = list.APIResources
			case ctx.Err() != nil:
				return nil, ctx.Err()
			case apierrors.IsNotFound(err):
			default:
				out.down[apiVersion] = err
			}
		}
	}
	if err := out.down["v1"]; len(out.resources) == 0 && (apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err)) {
		return nil, fmt.Errorf("the account may not even ask the API server what it serves: %s", reason(err))
	}
	return out, nil
}

// version is the version in which a resource is to be listed, the preferred one that is served. With an error it is one
// that should be served. It is empty for a kind that the cluster does not know.
func (s *served) version(r *Resource) (string, error) {
	for _, version := range r.Versions {
		if slices.ContainsFunc(s.resources[r.apiVersion(version)], func(x metav1.APIResource) bool { return x.Name == r.Name }) {
			return version, nil
		}
	}
	for _, version := range r.Versions {
		if err := s.down[r.apiVersion(version)]; err != nil {
			return version, err
		}
	}
	return "", nil
}
