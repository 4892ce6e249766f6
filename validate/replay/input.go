package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// Format is a format of flow logs.
type Format string

// The formats. Detect finds out by the content.
const (
	Detect   Format = ""
	Hubble   Format = "hubble"
	Goldmane Format = "goldmane"
	Felix    Format = "felix"
	CSV      Format = "csv"
)

// Formats are those that can be asked for.
var Formats = []Format{Hubble, Goldmane, Felix, CSV}

// Input is one flow log.
type Input struct {
	// Name is how its records are told of.
	Name string
	// Open opens it. What it returns is closed.
	Open func() (io.ReadCloser, error)
	// Format is how it is read.
	Format Format
}

// File is an input from a file.
func File(path string, format Format) Input {
	return Input{Name: path, Format: format, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// InputError says that an input cannot be read at all, and what can be done.
type InputError struct {
	Name, Message, Hint string
}

func (e *InputError) Error() string { return e.Name + ": " + e.Message }

// blockSize is what is read and decoded at a time, and maxRecord the most that one record may have.
const (
	blockSize = 512 << 10
	maxRecord = 16 << 20
)

// opened is an input that is being read.
type opened struct {
	name   string
	format Format
	*bufio.Reader
	closers []io.Closer
}

// open opens an input, takes off compression, and finds out the format.
func open(in Input, read *atomic.Int64) (*opened, error) {
	raw, err := in.Open()
	if err != nil {
		return nil, &InputError{Name: in.Name, Message: reason(err)}
	}
	o := &opened{name: in.Name, format: in.Format, closers: []io.Closer{raw}}
	o.Reader = bufio.NewReaderSize(&counting{raw, read}, blockSize)
	if head, _ := o.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(o.Reader)
		if err != nil {
			o.close()
			return nil, &InputError{Name: in.Name, Message: "it is no gzip: " + err.Error()}
		}
		o.closers = append(o.closers, unpacked)
		o.Reader = bufio.NewReaderSize(unpacked, blockSize)
	}
	if err := o.decode(); err != nil {
		o.close()
		err.Name = in.Name
		return nil, err
	}
	head, err := o.Peek(blockSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		o.close()
		return nil, &InputError{Name: in.Name, Message: reason(err)}
	}
	if o.format == Detect {
		if o.format = detect(head); o.format == Detect && len(bytes.TrimSpace(head)) > 0 {
			o.close()
			return nil, &InputError{
				Name: in.Name, Message: "it is no flow log that is known: no line of its beginning is one of Hubble, Goldmane or Felix, or the header of a table",
				Hint: "say what it is with --flow-format",
			}
		}
	}
	return o, nil
}

func (o *opened) close() {
	for i := len(o.closers) - 1; i >= 0; i-- {
		_ = o.closers[i].Close() // only read from
	}
}

// counting counts the bytes that are read, for the progress.
type counting struct {
	io.Reader
	n *atomic.Int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// reason leaves out of an error what the name of the input says already.
func reason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return fmt.Sprintf("it cannot be read: %v", path.Err)
	}
	return fmt.Sprintf("it cannot be read: %v", err)
}
