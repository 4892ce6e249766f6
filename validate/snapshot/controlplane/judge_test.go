package controlplane

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// state is what a list must hold: the objects, as namespace/name, each with the round in which it was last changed.
type state map[string]string

// onlyMetadata asks for a list with nothing but the metadata of its objects.
const onlyMetadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

// stateOf asks a server for the state of a list at exactly one resource version, in one piece; without a resource version
// for the latest. Of the objects only metadata is asked for.
func (p *plane) stateOf(t *testing.T, path, resourceVersion string) state {
	request := p.discovery.RESTClient().Get().AbsPath(path).SetHeader("Accept", onlyMetadata)
	if resourceVersion != "" {
		request = request.Param("resourceVersion", resourceVersion).Param("resourceVersionMatch", "Exact")
	}
	text, err := request.DoRaw(context.Background())
	if err != nil {
		t.Errorf("the state of %s at %q cannot be asked for: %v", path, resourceVersion, err)
		return nil
	}
	var list metav1.PartialObjectMetadataList
	if err := json.Unmarshal(text, &list); err != nil {
		t.Error(err)
	}
	if resourceVersion != "" && list.ResourceVersion != resourceVersion {
		t.Errorf("asked for the state of %s at %s, the server has given %s", path, resourceVersion, list.ResourceVersion)
	}
	out := state{}
	for _, o := range list.Items {
		out[o.Namespace+"/"+o.Name] = o.Labels["round"]
	}
	return out
}

// lastTwo are the last objects of the list, in the order of its pages.
func (s state) lastTwo() (secondLast, last string) {
	keys := slices.Sorted(maps.Keys(s))
	return keys[len(keys)-2], keys[len(keys)-1]
}

// listed is what the index of a snapshot says of a list.
type listed struct {
	Resource        string
	APIVersion      string
	Kind            string
	Objects         int
	ResourceVersion string
}

func (l listed) path() string {
	plural, _, _ := strings.Cut(l.Resource, ".")
	if l.APIVersion == "v1" {
		return "/api/v1/" + plural
	}
	return "/apis/" + l.APIVersion + "/" + plural
}

// found is what a snapshot holds.
type found struct {
	index []listed
	// states are what lists hold, and times how often each object is there, by apiVersion and kind.
	states map[string]state
	times  map[string]map[string]int
}

// readSnapshot reads a snapshot, and holds each object of a crowd to what it must say.
func readSnapshot(t *testing.T, dir string) found {
	t.Helper()
	out := found{states: map[string]state{}, times: map[string]map[string]int{}}
	for _, o := range read(t, dir) {
		if o.GetKind() == "Snapshot" {
			text, err := json.Marshal(o.Object["spec"])
			if err != nil {
				t.Fatal(err)
			}
			var spec struct{ Resources []listed }
			if err := json.Unmarshal(text, &spec); err != nil {
				t.Fatal(err)
			}
			out.index = spec.Resources
			continue
		}
		list, key, round := o.GetAPIVersion()+" "+o.GetKind(), o.GetNamespace()+"/"+o.GetName(), o.GetLabels()["round"]
		if out.states[list] == nil {
			out.states[list], out.times[list] = state{}, map[string]int{}
		}
		out.states[list][key] = round
		out.times[list][key]++
		says(t, o, round)
	}
	return out
}
