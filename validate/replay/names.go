package replay

import (
	"bytes"

	"github.com/policyferry/policyferry/validate/equiv"
)

// newBench prepares to judge by a set.
func newBench(s *equiv.Side) (*bench, error) {
	b := &bench{Side: s, uses: map[ruleKey]uint64{}}
	for _, doc := range s.Documents {
		text, err := doc.JSON()
		if err != nil {
			return nil, err
		}
		// A word too many only makes verdicts less sure.
		b.names = b.names || bytes.Contains(text, []byte(`"toFQDNs"`)) || bytes.Contains(text, []byte(`"domainNames"`))
	}
	return b, nil
}
