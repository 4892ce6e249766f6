package cilium

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
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Document is one Kubernetes object, as JSON, and where it was read.
type Document struct {
	APIVersion string
	Kind       string
	Namespace  string
	Name       string
	JSON       []byte
	Place      string
}

// header is the part of an object that every kind shares.
type header struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"metadata"`
	Items []json.RawMessage `json:"items"`
}

// ReadPaths reads the documents of files and, recursively, of directories.
func ReadPaths(paths []string) ([]Document, error) {
	var docs []Document
	for _, path := range paths {
		err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || file != path && !isManifest(file) {
				return err
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			read, err := ReadDocuments(file, content)
			docs = append(docs, read...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return docs, nil
}

// isManifest tells the files of a directory that are read from those that are passed over.
func isManifest(file string) bool {
	switch filepath.Ext(file) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// ReadDocuments splits content, YAML or JSON with any number of documents, and unfolds lists.
func ReadDocuments(file string, content []byte) ([]Document, error) {
	var docs []Document
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for n := 1; ; n++ {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		place := fmt.Sprintf("%s, document %d", file, n)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place, err)
		}
		object, err := yaml.YAMLToJSONStrict(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place, err)
		}
		if string(object) == "null" {
			continue
		}
		unfolded, err := unfold(place, object, header{})
		if err != nil {
			return nil, err
		}
		docs = append(docs, unfolded...)
	}
}

// unfold returns the object, or the items of a list. The items of a typed list (PodList) carry neither
// kind nor apiVersion; they take them from the list.
func unfold(place string, object []byte, list header) ([]Document, error) {
	var h header
	if err := json.Unmarshal(object, &h); err != nil {
		return nil, fmt.Errorf("%s: not a Kubernetes object: %w", place, err)
	}
	if h.Kind == "" && h.APIVersion == "" {
		h.Kind, h.APIVersion = strings.TrimSuffix(list.Kind, "List"), list.APIVersion
	}
	if h.Kind == "" || h.APIVersion == "" {
		return nil, fmt.Errorf("%s: not a Kubernetes object: kind and apiVersion are required", place)
	}
	if h.Items == nil || !strings.HasSuffix(h.Kind, "List") {
		return []Document{{
			APIVersion: h.APIVersion, Kind: h.Kind, Place: place, JSON: object,
			Namespace: h.Metadata.Namespace, Name: h.Metadata.Name,
		}}, nil
	}
	var docs []Document
	for i, item := range h.Items {
		items, err := unfold(fmt.Sprintf("%s, item %d", place, i+1), item, h)
		if err != nil {
			return nil, err
		}
		docs = append(docs, items...)
	}
	return docs, nil
}

// group is the API group of the document's kind; the core group is "".
func (d Document) group() string {
	group, _, found := strings.Cut(d.APIVersion, "/")
	if !found {
		return ""
	}
	return group
}

// decode fills object as the API server would have it: unknown fields are pruned.
func (d Document) decode(object any) error {
	if err := json.Unmarshal(d.JSON, object); err != nil {
		return fmt.Errorf("%s: %s %s: %w", d.Place, d.Kind, qualified(d.Namespace, d.Name), err)
	}
	return nil
}

// qualified writes a name the way verdicts and messages spell it.
func qualified(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}
