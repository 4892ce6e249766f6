package calico

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// A document is one Kubernetes object as a file gives it.
type document struct {
	apiVersion string
	kind       string
	namespace  string
	name       string
	origin     string // file and place in it, for messages
	json       []byte
	repeated   error // a key is given twice, which the API server refuses
}

func (d *document) String() string {
	if d.namespace == "" {
		return d.kind + " " + d.name
	}
	return d.kind + " " + d.namespace + "/" + d.name
}

// readPaths reads files, and directories recursively. The same file reached twice counts once.
func readPaths(paths []string) ([]document, error) {
	var files []string
	for _, path := range paths {
		found, err := listFiles(path)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	slices.Sort(files)
	var documents []document
	for _, file := range slices.Compact(files) {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		found, err := readDocuments(file, data)
		if err != nil {
			return nil, err
		}
		documents = append(documents, found...)
	}
	return documents, nil
}

func listFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{filepath.Clean(path)}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch filepath.Ext(file) {
		case ".yaml", ".yml", ".json":
			if !entry.IsDir() {
				files = append(files, filepath.Clean(file))
			}
		}
		return nil
	})
	return files, err
}

// readDocuments splits one file into documents; List kinds are unfolded.
func readDocuments(file string, data []byte) ([]document, error) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	var documents []document
	for number := 1; ; number++ {
		chunk, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		origin := fmt.Sprintf("%s, document %d", file, number)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", origin, err)
		}
		object, repeated := yaml.YAMLToJSONStrict(chunk)
		if repeated != nil {
			if object, err = yaml.YAMLToJSON(chunk); err != nil {
				return nil, fmt.Errorf("%s: %w", origin, err)
			}
		}
		for _, d := range unfold(origin, object, header{}) {
			d.repeated = repeated
			documents = append(documents, d)
		}
	}
}

// A header is what decides how an object is read.
type header struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   json.RawMessage   `json:"metadata"`
	Items      []json.RawMessage `json:"items"`
}

// unfold turns one object into documents. An item of a typed list may leave out its own kind.
func unfold(origin string, object []byte, list header) []document {
	var head header
	if err := json.Unmarshal(object, &head); err != nil {
		return nil // no Kubernetes object: empty, a scalar, or a kind that is no string
	}
	if head.Kind == "" && list.Kind != "List" {
		head.Kind = strings.TrimSuffix(list.Kind, "List")
		head.APIVersion = list.APIVersion
	}
	if head.Kind == "" {
		return nil
	}
	if strings.HasSuffix(head.Kind, "List") {
		var documents []document
		for i, item := range head.Items {
			documents = append(documents, unfold(fmt.Sprintf("%s, item %d", origin, i+1), item, head)...)
		}
		return documents
	}
	var metadata struct{ Name, Namespace string }
	if len(head.Metadata) > 0 {
		// A malformed name is reported when the object is decoded strictly.
		_ = json.Unmarshal(head.Metadata, &metadata)
	}
	return []document{{
		apiVersion: head.APIVersion, kind: head.Kind,
		namespace: metadata.Namespace, name: metadata.Name,
		origin: origin, json: object,
	}}
}
