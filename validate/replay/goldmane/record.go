package goldmane

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// record is a flow by itself, or a result that holds one.
type record struct {
	fields
	Flow *fields `json:"flow"`
}

// fields are those of a flow. Its key is an object in Goldmane; Whisker writes all fields side by side.
type fields struct {
	key
	Key        *key   `json:"Key"`
	Protocol   string `json:"protocol"`
	Start      stamp  `json:"start_time"`
	End        stamp  `json:"end_time"`
	FromLabels labels `json:"source_labels"`
	ToLabels   labels `json:"dest_labels"`
	Started    number `json:"num_connections_started"`
}

type key struct {
	From      string `json:"source_name"`
	FromSpace string `json:"source_namespace"`
	FromType  name   `json:"source_type"`
	To        string `json:"dest_name"`
	ToSpace   string `json:"dest_namespace"`
	ToType    name   `json:"dest_type"`
	Port      number `json:"dest_port"`
	Proto     string `json:"proto"`
	Reporter  name   `json:"reporter"`
	Action    name   `json:"action"`
}

// camelRecord is a record as protobuf's encoder names its fields.
type camelRecord struct {
	camelFields
	Flow *camelFields `json:"flow"`
}

type camelFields struct {
	camelKey
	Key        *camelKey `json:"Key"`
	Start      stamp     `json:"startTime"`
	End        stamp     `json:"endTime"`
	FromLabels labels    `json:"sourceLabels"`
	ToLabels   labels    `json:"destLabels"`
	Started    number    `json:"numConnectionsStarted"`
}

type camelKey struct {
	From      string `json:"sourceName"`
	FromSpace string `json:"sourceNamespace"`
	FromType  name   `json:"sourceType"`
	To        string `json:"destName"`
	ToSpace   string `json:"destNamespace"`
	ToType    name   `json:"destType"`
	Port      number `json:"destPort"`
	Proto     string `json:"proto"`
	Reporter  name   `json:"reporter"`
	Action    name   `json:"action"`
}

// name is an enumerated value, by name or number.
type name string

func (n *name) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, (*string)(n))
	}
	if string(text) == "null" {
		return nil
	}
	_, err := strconv.ParseInt(string(text), 10, 32)
	*n = name(text)
	return err
}

// number has 64 bits, which protobuf writes as a string.
type number int64

func (n *number) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	v, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64)
	*n = number(v)
	return err
}

// stamp is a time: seconds since 1970, or as Whisker writes it.
type stamp struct{ time.Time }

func (s *stamp) UnmarshalJSON(text []byte) error {
	if seconds, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64); err == nil {
		if seconds > 0 && seconds < 1e11 {
			s.Time = time.Unix(seconds, 0).UTC()
		}
		return nil
	}
	return json.Unmarshal(text, &s.Time)
}

// labels are a list, or in Whisker one text.
type labels []string

func (l *labels) UnmarshalJSON(text []byte) error {
	if len(text) == 0 || text[0] != '"' {
		return json.Unmarshal(text, (*[]string)(l))
	}
	var joined string
	if err := json.Unmarshal(text, &joined); err != nil || joined == "" {
		return err
	}
	*l = strings.Split(joined, " | ")
	return nil
}
