package replay

import (
	"bytes"
	"errors"
	"io"
)

// batch is some records of an input, in order.
type batch struct {
	input *opened
	// data holds lines, records single records; one of them is set.
	data    []byte
	records [][]byte
	// first is the number of the first line, or record.
	first int
	// broken says why nothing can be read behind the batch, or is empty.
	broken string
}

// lines cuts an input into blocks of whole lines.
func (o *opened) lines(emit func(batch) bool) {
	line := 1
	var rest []byte
	for {
		block := make([]byte, len(rest), len(rest)+blockSize)
		copy(block, rest)
		n, err := io.ReadFull(o.Reader, block[len(rest):cap(block)])
		block = block[:len(rest)+n]
		rest = nil
		if err != nil {
			b := batch{input: o, data: block, first: line}
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrUnexpectedEOF) && o.cut() {
				b.broken = "it ends here: " + err.Error()
			}
			emit(b)
			return
		}
		if end := bytes.LastIndexByte(block, '\n'); end >= 0 {
			rest = block[end+1:]
			block = block[:end+1]
		} else if len(block) < maxRecord {
			rest = block
			continue
		} // else a line without end: what there is of it counts as one, and what follows as another
		if !emit(batch{input: o, data: block, first: line}) {
			return
		}
		line += bytes.Count(block, []byte("\n"))
	}
}

// cut reports whether a read that came short did so because the input is damaged: a compressed stream that was cut off
// goes on failing, one that is at its end says so.
func (o *opened) cut() bool {
	_, err := o.Read(make([]byte, 1))
	return !errors.Is(err, io.EOF)
}
