package controlplane

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// holds compares what the snapshot holds with what each list had to show.
func (w *witness) holds(s found, b *between) {
	t := w.t
	seen := map[string]bool{}
	for _, list := range s.index {
		path := list.path()
		then, asked := w.then[path]
		if !asked {
			continue // what is asked for by name
		}
		seen[path] = true
		got := s.states[list.APIVersion+" "+list.Kind]
		if list.Objects != len(then) || !maps.Equal(got, then) && len(got)+len(then) > 0 {
			t.Errorf("%s is not the state at %s: %s", list.Resource, list.ResourceVersion, difference(got, then))
		}
		for key, n := range s.times[list.APIVersion+" "+list.Kind] {
			if n != 1 {
				t.Errorf("%s %s is there %d times", list.Resource, key, n)
			}
		}
		w.paged(list, then, b.of(path))
	}
	for _, k := range crowdKinds {
		path := k.list()
		if !seen[path] {
			t.Errorf("%s are not in the index", path)
		}
		if w.forgotten[path] != w.compactions[path] {
			t.Errorf("%s was forgotten %d times, not %d", path, w.forgotten[path], w.compactions[path])
		}
		// Otherwise a list that mixes states would have passed as well.
		if w.compactions[path] < restarts && maps.Equal(w.then[path], w.later[path]) {
			t.Errorf("nothing has changed in %s while it was read", path)
		}
	}
}

// restarts is how often the program begins a list again before it asks for it in one piece.
const restarts = 3

// paged looks at how a list was asked for: in pages that show one state, begun again when that is forgotten, in the end
// in one piece.
func (w *witness) paged(list listed, then state, pages []page) {
	t, gone, pass, count := w.t, 0, 0, 0
	for _, p := range pages {
		switch {
		case p.status == 410:
			gone++
			continue
		case p.status != 200:
			t.Errorf("%s: status %d", list.Resource, p.status)
		case p.first:
			pass, count = 0, 0
		}
		want := strconv.Itoa(pageSize)
		if gone == restarts {
			want = ""
		}
		if p.limit != want {
			t.Errorf("%s: %q asked for at a time, not %q", list.Resource, p.limit, want)
		}
		pass++
		count += p.items
		if p.last && (p.resourceVersion != list.ResourceVersion || count != len(then)) {
			t.Errorf("%s: %d objects at %s in the pages, %d at %s in the index", list.Resource, count, p.resourceVersion, len(then), list.ResourceVersion)
		}
	}
	want := pagesOf(len(then))
	if gone == restarts {
		want = 1
	}
	if gone != w.compactions[list.path()] || pass != want {
		t.Errorf("%s: %d pages of %d objects at last, begun again %d times, not %d", list.Resource, pass, len(then), gone, w.compactions[list.path()])
	}
}

// difference tells the first objects in which two states differ.
func difference(got, want state) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if round, there := got[key]; !there {
			out = append(out, key+" is missing")
		} else if round != want[key] {
			out = append(out, fmt.Sprintf("%s is of round %s, not %s", key, round, want[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, there := want[key]; !there {
			out = append(out, key+" should not be there")
		}
	}
	return fmt.Sprintf("%d differ: %s", len(out), strings.Join(out[:min(5, len(out))], ", "))
}

// says holds an object of the crowd to what it must say in its round, and to its address.
func says(t *testing.T, o *unstructured.Unstructured, round string) {
	t.Helper()
	n, err := strconv.Atoi(round)
	if err != nil {
		return // no object of the crowd
	}
	for _, k := range crowdKinds {
		if k.apiVersion != o.GetAPIVersion() || k.kind != o.GetKind() {
			continue
		}
		if k.kind == "Pod" {
			var number int
			ip, _, _ := unstructured.NestedString(o.Object, "status", "podIP")
			if _, err := fmt.Sscanf(o.GetName(), "pod-%d", &number); err == nil && ip != podAddress(number) {
				t.Errorf("%s has the address %s, not %s", o.GetName(), ip, podAddress(number))
			}
			return
		}
		got, err := json.Marshal(o.Object["spec"])
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(k.spec(n))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s %s/%s of round %d says %s", o.GetKind(), o.GetNamespace(), o.GetName(), n, got)
		}
	}
}
