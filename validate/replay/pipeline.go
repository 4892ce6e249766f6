package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/policyferry/policyferry/validate/replay/csv"
	"github.com/policyferry/policyferry/validate/replay/felix"
	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/replay/goldmane"
	"github.com/policyferry/policyferry/validate/replay/hubble"
)

// parser reads one record.
type parser func(record []byte, f *flow.Flow) (flow.Kind, error)

// decoded is what came out of a batch.
type decoded struct {
	input    *opened
	sights   []sight
	records  [16]uint64 // by kind
	corrupt  []Corrupt
	observed map[string]bool // nodes
	lost     uint64
	panicked any
}

// samples is how many corrupt records of a batch are kept, and told in all.
const samples = 5

// parser finds the parser of an input. A table is read by its header.
func (o *opened) parser() (parser, error) {
	switch o.format {
	case Hubble:
		return nil, nil // each worker has its own
	case Goldmane:
		return goldmane.Parse, nil
	case Felix:
		return felix.Parse, nil
	}
	head, _ := o.Peek(blockSize)
	for line := range bytes.Lines(head) {
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		table, err := csv.New(line)
		if err != nil {
			return nil, &InputError{Name: o.name, Message: err.Error(), Hint: "docs/replay.md describes the columns"}
		}
		header := bytes.Clone(line)
		return func(record []byte, f *flow.Flow) (flow.Kind, error) {
			if record[0] == '#' || bytes.Equal(record, header) {
				return flow.Event, nil
			}
			return table.Parse(record, f)
		}, nil
	}
	return nil, nil // there is nothing in it
}

// job is a batch on its way to a worker, and what comes back.
type job struct {
	batch
	parse parser
	done  chan *decoded
}

// read decodes all inputs on all cores and hands over what comes out, in order.
func read(ctx context.Context, inputs []Input, p *placer, bytesRead *atomic.Int64, take func(*decoded)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	workers := runtime.GOMAXPROCS(0)
	jobs, inOrder := make(chan job, workers), make(chan job, 2*workers)
	var failed error
	go func() {
		defer close(inOrder)
		defer close(jobs)
		for _, in := range inputs {
			if failed = feed(ctx, in, bytesRead, jobs, inOrder); failed != nil {
				return
			}
		}
	}()
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			w := &worker{placer: p, cache: map[string]*placed{}, reasons: map[string]string{}, hubble: hubble.NewParser()}
			for j := range jobs {
				j.done <- w.decode(j.batch, j.parse)
			}
		})
	}
	for {
		select {
		case <-ctx.Done(): // the input may be a pipe that nobody writes to
			return context.Cause(ctx)
		case j, more := <-inOrder:
			if !more {
				wait.Wait()
				return failed
			}
			d := <-j.done
			if d.panicked != nil {
				panic(d.panicked)
			}
			take(d)
		}
	}
}

// feed cuts an input into batches.
func feed(ctx context.Context, in Input, bytesRead *atomic.Int64, jobs, inOrder chan<- job) error {
	o, err := open(in, bytesRead)
	if err != nil {
		return err
	}
	defer o.close()
	parse, err := o.parser()
	if err != nil {
		return err
	}
	cut := o.lines
	if head, _ := o.Peek(blockSize); o.format != CSV && isDocument(head) {
		cut = o.document
	}
	cut(func(b batch) bool {
		j := job{b, parse, make(chan *decoded, 1)}
		select {
		case inOrder <- j:
		case <-ctx.Done():
			return false
		}
		jobs <- j
		return true
	})
	return nil
}

// worker decodes batches. What it remembers of ends is its own.
type worker struct {
	placer  *placer
	cache   map[string]*placed
	reasons map[string]string
	hubble  *hubble.Parser
	key     []byte
	flow    flow.Flow
}

func (w *worker) decode(b batch, parse parser) (d *decoded) {
	d = &decoded{input: b.input, observed: map[string]bool{}}
	defer func() { d.panicked = recover() }() // carried to the caller
	if parse == nil {
		parse = w.hubble.Parse
	}
	number := b.first
	if b.records != nil {
		for _, record := range b.records {
			w.record(d, parse, record, number)
			number++
		}
	} else {
		for line := range bytes.Lines(b.data) {
			w.record(d, parse, bytes.TrimRight(line, "\r\n"), number)
			number++
		}
	}
	if b.broken != "" {
		d.fail(number, nil, errors.New(b.broken))
	}
	return d
}

// record decodes one record and counts it.
func (w *worker) record(d *decoded, parse parser, record []byte, number int) {
	if len(bytes.TrimSpace(record)) == 0 {
		d.records[flow.Blank]++
		return
	}
	w.flow = flow.Flow{}
	kind, err := parse(record, &w.flow)
	if err != nil {
		d.fail(number, record, err)
		return
	}
	if w.flow.Node != "" && !d.observed[w.flow.Node] {
		d.observed[strings.Clone(w.flow.Node)] = true
	}
	d.lost += w.flow.Lost
	if kind == flow.Connection {
		s := w.sight(&w.flow)
		if s.from.service || s.to.service {
			kind = flow.Service
		} else {
			d.sights = append(d.sights, s)
		}
	}
	d.records[kind]++
}

// fail counts a record that cannot be read, and keeps the first ones.
func (d *decoded) fail(number int, record []byte, err error) {
	d.records[flow.Corrupt]++
	if len(d.corrupt) == samples {
		return
	}
	text := strings.ToValidUTF8(string(record[:min(len(record), 100)]), "?")
	d.corrupt = append(d.corrupt, Corrupt{Where: fmt.Sprintf("%s:%d", d.input.name, number), Error: err.Error(), Text: text})
}
