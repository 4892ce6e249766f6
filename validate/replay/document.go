package replay

import (
	"encoding/json"
	"io"
	"slices"
)

// lists are the fields of a document that hold its records: of Whisker's answers, and of Elasticsearch's.
var lists = []string{"items", "hits", "flows"}

// document reads records out of JSON that is not one record a line: indented records, a list of them, or an answer
// that holds a list. Behind an error nothing can be read.
func (o *opened) document(emit func(batch) bool) {
	ration := &rationed{o.Reader, maxRecord}
	r := &records{decoder: json.NewDecoder(ration), ration: ration, input: o, emit: emit, next: 1}
	head, _ := o.Peek(blockSize)
	var err error
	for err == nil {
		if isList(head) {
			err = r.walk()
		} else {
			err = r.record()
		}
	}
	if r.stopped {
		return
	}
	if err != io.EOF {
		r.flush(err.Error())
		return
	}
	r.flush("")
}

// isList reports whether a document is a list or an answer, as its beginning tells.
func isList(head []byte) bool {
	for _, b := range head {
		switch b {
		case ' ', '\t', '\r', '\n':
			continue
		case '[':
			return true
		}
		break
	}
	for _, name := range append([]string{"meta", "took", "total"}, lists...) {
		if firstKey(head) == name {
			return true
		}
	}
	return false
}

// firstKey is the first key of an object.
func firstKey(head []byte) string {
	var key string
	depth := 0
	for i, b := range head {
		switch b {
		case '{':
			depth++
		case '"':
			if depth != 1 {
				return ""
			}
			for j := i + 1; j < len(head) && head[j] != '"'; j++ {
				key += string(head[j])
			}
			return key
		case ' ', '\t', '\r', '\n':
		default:
			return ""
		}
	}
	return ""
}

// records gathers records into batches.
type records struct {
	decoder *json.Decoder
	ration  *rationed
	input   *opened
	emit    func(batch) bool
	held    [][]byte
	bytes   int
	next    int
	stopped bool
}

// walk reads a list of records, or an object whose fields hold one.
func (r *records) walk() error {
	token, err := r.decoder.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
		for r.decoder.More() {
			if err := r.record(); err != nil {
				return err
			}
		}
	case json.Delim('{'):
		for r.decoder.More() {
			key, err := r.decoder.Token()
			if err != nil {
				return err
			}
			if name, _ := key.(string); slices.Contains(lists, name) {
				err = r.walk()
			} else {
				err = r.decoder.Decode(new(json.RawMessage))
				r.ration.left = maxRecord
			}
			if err != nil {
				return unended(err)
			}
		}
	default:
		return nil
	}
	_, err = r.decoder.Token() // the end of it
	return unended(err)
}

// unended is the error of a document that ends too early.
func unended(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *records) record() error {
	var raw json.RawMessage
	if err := r.decoder.Decode(&raw); err != nil {
		return err
	}
	r.ration.left = maxRecord
	r.held = append(r.held, raw)
	if r.bytes += len(raw); r.bytes > blockSize {
		r.flush("")
		if r.stopped {
			return io.EOF
		}
	}
	return nil
}

func (r *records) flush(broken string) {
	r.stopped = !r.emit(batch{input: r.input, records: r.held, first: r.next, broken: broken})
	r.next += len(r.held)
	r.held, r.bytes = nil, 0
}
