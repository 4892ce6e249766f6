package replay

import (
	"bytes"
	"encoding/json"

	"github.com/policyferry/policyferry/validate/replay/csv"
)

// marks are the keys by which a record of a format is known.
var marks = []struct {
	format Format
	keys   []string
}{
	{Hubble, []string{"verdict", "lost_events", "node_status", "agent_event", "debug_event", "l4", "IP"}},
	{Felix, []string{"source_name_aggr", "dest_name_aggr", "source_type", "dest_type", "_source"}},
	{Goldmane, []string{"Key", "source_name", "sourceName"}},
}

// detect tells the format by the first record that has one. A document that is not one record a line is Goldmane's:
// Hubble and Felix write lines.
func detect(head []byte) Format {
	for line := range bytes.Lines(head) {
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")))
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("data:")))
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if csv.IsHeader(line) {
			return CSV
		}
		if f := formatOf(line); f != Detect {
			return f
		}
	}
	return byText(head)
}

// formatOf tells the format of one record.
func formatOf(line []byte) Format {
	var keys map[string]json.RawMessage
	if json.Unmarshal(line, &keys) != nil {
		return Detect
	}
	if inner, wrapped := keys["flow"]; wrapped {
		if f := formatOf(inner); f != Detect {
			return f
		}
	}
	for _, m := range marks {
		for _, key := range m.keys {
			if _, has := keys[key]; has {
				return m.format
			}
		}
	}
	return Detect
}

// byText looks for keys in what is no record a line.
func byText(head []byte) Format {
	if head = bytes.TrimSpace(head); len(head) == 0 || head[0] != '{' && head[0] != '[' {
		return Detect
	}
	for _, m := range []struct {
		key    string
		format Format
	}{
		{`"source_name_aggr"`, Felix}, {`"_source"`, Felix}, {`"source_name"`, Goldmane}, {`"sourceName"`, Goldmane},
		{`"verdict"`, Hubble}, {`"lost_events"`, Hubble},
	} {
		if bytes.Contains(head, []byte(m.key)) {
			return m.format
		}
	}
	return Detect
}

// isDocument reports whether JSON is one document, or several of more than a line, and not one record a line.
func isDocument(head []byte) bool {
	line, _, whole := bytes.Cut(bytes.TrimSpace(head), []byte("\n"))
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] != '{' && line[0] != '[' {
		return false
	}
	if !whole && len(head) >= blockSize { // the first line is longer than any record should be
		return true
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(line, &keys) != nil {
		// A line that begins an object and does not end it; a record that was cut off would not stand first.
		return line[0] == '[' || bytes.Equal(line, []byte("{")) || line[len(line)-1] == ',' || line[len(line)-1] == '{'
	}
	return keys["items"] != nil || keys["hits"] != nil
}
