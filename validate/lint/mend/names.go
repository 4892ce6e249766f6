package mend

import (
	"encoding/binary"
	"net/netip"

	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/learned"
)

// answers are addresses for DNS names. The judges take no name to be learned, so they say nothing of what a rule about
// names allows; with an address of its own for each name, they do.
type answers map[string]netip.Addr

// find gives names that have none an address of the range that is kept for measurements (RFC 2544), which no policy means.
func (a answers) find(names []string) []netip.Prefix {
	var out []netip.Prefix
	for _, name := range names {
		if _, known := a[name]; !known {
			a[name] = netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, 198<<24+18<<16+1+uint32(len(a)))))
		}
		out = append(out, netip.PrefixFrom(a[name], 32))
	}
	return out
}

// versions of a set before and after are those that are to be the same: as written, and where it speaks of DNS names also
// when these are learned.
func versions(before, after []*source.Document) ([][2][]*source.Document, error) {
	out := [][2][]*source.Document{{before, after}}
	a := answers{}
	known, err := learned.Policies(before, a.find)
	if err != nil {
		return nil, err
	}
	then, err := learned.Policies(after, a.find)
	if err != nil || len(a) == 0 {
		return out, err
	}
	return append(out, [2][]*source.Document{known, then}), nil
}
