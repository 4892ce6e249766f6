package cilium

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// icmpType is the type of an ICMP message, written as a number or as a name.
type icmpType struct {
	Name   string
	Number int
}

// UnmarshalJSON reads a number or a string.
func (t *icmpType) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		if err := json.Unmarshal(text, &t.Name); err != nil {
			return err
		}
		if n, err := strconv.Atoi(t.Name); err == nil {
			t.Name, t.Number = "", n
		}
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return fmt.Errorf("%s is neither a number nor a name of an ICMP type", text)
	}
	t.Number = n
	return nil
}

// MarshalJSON writes the number, which every release reads; names came with 1.16.
func (t icmpType) MarshalJSON() ([]byte, error) {
	if t.Name != "" {
		return json.Marshal(t.Name)
	}
	return []byte(strconv.Itoa(t.Number)), nil
}
