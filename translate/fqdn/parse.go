package fqdn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/policyferry/policyferry/translate/diag"
)

const command = "give what `cilium-dbg fqdn cache list -o json` prints"

// Parse reads what an agent lists: an array of lookups (api/v1/models/dns_lookup.go). It is strict, since a field that
// is not known could say that an address does not count. A finding is about the first thing that is wrong, and then
// there is no cache.
func Parse(file string, data []byte) (*Cache, diag.List) {
	p := &parser{data: data, dec: json.NewDecoder(bytes.NewReader(data)), cache: &Cache{}}
	var problems diag.List
	if err := p.list(); err != nil {
		line, column := p.place()
		f := diag.BadFacts.At(diag.Position{File: file, Line: line, Column: column}, diag.Object{}, "", "the FQDN cache cannot be used: %s", err)
		problems.Add(f.WithHint(command))
		return nil, problems
	}
	return p.cache, problems
}

// parser reads one file.
type parser struct {
	data  []byte
	dec   *json.Decoder
	cache *Cache
	// at is where the value begins that is being read.
	at int
}

// mark notes where the next value begins.
func (p *parser) mark() {
	p.at = int(p.dec.InputOffset())
	for p.at < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[p.at]) >= 0 {
		p.at++
	}
}

// place is the line and column of the value that is being read.
func (p *parser) place() (line, column int) {
	before := p.data[:min(p.at, len(p.data))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')
}

// open reads the bracket with which a value begins.
func (p *parser) open(bracket json.Delim, what string) error {
	p.mark()
	t, err := p.dec.Token()
	if err != nil {
		return p.broken(err)
	}
	if t != bracket {
		return fmt.Errorf("%s is expected here", what)
	}
	return nil
}

// closed reads the bracket with which a value ends.
func (p *parser) closed() error {
	p.mark()
	_, err := p.dec.Token()
	return p.broken(err)
}

// broken says in words why the text is not JSON.
func (p *parser) broken(err error) error {
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		p.at = len(p.data)
		return errors.New("it ends before its last bracket")
	case errors.As(err, &syntax):
		p.at = max(int(syntax.Offset)-1, 0)
	}
	return fmt.Errorf("it is not JSON: %w", err)
}

func (p *parser) list() error {
	if len(bytes.TrimSpace(p.data)) == 0 {
		return errors.New("it is empty")
	}
	if err := p.open('[', "a list of lookups"); err != nil {
		return err
	}
	for p.dec.More() {
		if err := p.lookup(); err != nil {
			return err
		}
	}
	if err := p.closed(); err != nil {
		return err
	}
	p.mark()
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the list of lookups")
	}
	return nil
}

// lookup is one name with the addresses of one answer.
type lookup struct {
	name   string
	ips    []string
	time   time.Time
	fields []string
}

func (p *parser) lookup() error {
	if err := p.open('{', "a lookup"); err != nil {
		return err
	}
	begin := p.at
	var l lookup
	for p.dec.More() {
		if err := p.field(&l); err != nil {
			return err
		}
	}
	if err := p.closed(); err != nil {
		return err
	}
	p.at = begin
	for _, required := range []string{"fqdn", "ips", "lookup-time"} {
		if !slices.Contains(l.fields, required) {
			return fmt.Errorf("a lookup without %s", required)
		}
	}
	addresses := make([]netip.Addr, 0, len(l.ips))
	for _, text := range l.ips {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return fmt.Errorf("%q of %s is not an IP address", text, l.name)
		}
		addresses = append(addresses, a.Unmap())
	}
	p.cache.add(l.name, addresses, l.time)
	return nil
}

// field reads a field of a lookup.
func (p *parser) field(l *lookup) error {
	p.mark()
	t, err := p.dec.Token()
	if err != nil {
		return p.broken(err)
	}
	name, _ := t.(string)
	if slices.Contains(l.fields, name) {
		return fmt.Errorf("%s stands twice in one lookup", name)
	}
	l.fields = append(l.fields, name)
	switch name {
	case "fqdn":
		if err := p.value(name, &l.name); err != nil {
			return err
		}
		if l.name == "" || strings.ContainsAny(l.name, "* ") {
			return fmt.Errorf("%q is not a DNS name", l.name)
		}
		return nil
	case "ips":
		return p.value(name, &l.ips)
	case "lookup-time":
		l.time, err = p.moment(name)
		return err
	case "expiration-time":
		_, err = p.moment(name)
		return err
	case "endpoint-id", "ttl":
		var n int64
		return p.value(name, &n)
	case "source":
		var s string
		if err := p.value(name, &s); err != nil {
			return err
		}
		// pkg/fqdn/namemanager/api.go
		if !slices.Contains([]string{"lookup", "connection", "global"}, s) {
			return fmt.Errorf("source %q is not one of lookup, connection and global", s)
		}
		return nil
	}
	return fmt.Errorf("unknown field %q", name)
}

// value reads a value of the type that the field has.
func (p *parser) value(field string, into any) error {
	p.mark()
	var raw json.RawMessage
	if err := p.dec.Decode(&raw); err != nil {
		return p.broken(err)
	}
	if string(raw) == "null" || json.Unmarshal(raw, into) != nil {
		return fmt.Errorf("the value of %s has the wrong type", field)
	}
	return nil
}

// moment reads a time. Cilium writes RFC 3339 with milliseconds.
func (p *parser) moment(field string) (time.Time, error) {
	var text string
	if err := p.value(field, &text); err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("the value of %s, %q, is not a time", field, text)
	}
	return t, nil
}
