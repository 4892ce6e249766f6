package snapshot

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/policyferry/policyferry/translate/emit"
)

// file is one file of the directory; its path is below the directory, with slashes.
type file struct {
	path string
	data []byte
}

// fileBytes is the size at which a kind goes on in a further file, well below what reading accepts of one.
const fileBytes = 16 << 20

// layout matches the paths of files and directories that a snapshot has. What else lies there is somebody else's.
var layout = regexp.MustCompile(`^(snapshot\.yaml|cluster(/[a-z0-9.-]+\.yaml)?|namespaces(/[^/]+(/[a-z0-9.-]+\.yaml)?)?)$`)

// files lays the snapshot out: one file for each kind, below cluster or below the namespace of its objects. The objects
// are sorted, so the same cluster gives the same files.
func (s *Snapshot) files() ([]file, error) {
	var out []file
	part, last := 1, ""
	taken := map[string]bool{}
	for objects := s.Objects; len(objects) > 0; {
		place := placeOf(objects[0])
		if part++; place != last {
			part, last = 1, place
		}
		n, size := 0, 0
		var texts [][]byte
		for n < len(objects) && placeOf(objects[n]) == place && size < fileBytes {
			texts = append(texts, objects[n].JSON)
			size += len(objects[n].JSON)
			n++
		}
		text, err := emit.WithStatus(texts)
		if err != nil {
			return nil, err
		}
		name := place + ".yaml"
		if part > 1 {
			name = fmt.Sprintf("%s-%d.yaml", place, part)
		}
		// Two namespaces may share a directory: files may hold names that differ in case only, or in what a directory cannot
		// be called.
		for taken[strings.ToLower(name)] {
			part++
			name = fmt.Sprintf("%s-%d.yaml", place, part)
		}
		taken[strings.ToLower(name)] = true
		out, objects = append(out, file{name, text}), objects[n:]
	}
	index, err := json.Marshal(Index{APIVersion: indexAPIVersion, Kind: indexKind, Spec: s.Spec})
	if err != nil {
		return nil, err
	}
	text, err := emit.YAML([][]byte{index})
	return append(out, file{IndexFile, text}), err
}

// placeOf is the file of an object, without its ending.
func placeOf(o Object) string {
	if !o.resource.Namespaced {
		return "cluster/" + o.resource.FullName()
	}
	return "namespaces/" + oneElement(o.Namespace) + "/" + o.resource.FullName()
}

// oneElement keeps a name from leaving its directory. An API server accepts no such namespace; a file may hold it.
func oneElement(name string) string {
	name = strings.TrimLeft(strings.NewReplacer("/", "-", `\`, "-", "\x00", "-").Replace(name), ".")
	if name == "" {
		return "-"
	}
	return name
}
