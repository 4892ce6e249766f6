package replay

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decode makes UTF-8 of an input by its byte order mark, which it takes off: Windows PowerShell writes what a command
// prints as UTF-16. An input that is compressed otherwise than with gzip is an error.
func (o *opened) decode() *InputError {
	head, _ := o.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")), bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		o.Reader = bufio.NewReaderSize(transform.NewReader(o.Reader, unicode.BOMOverride(transform.Nop)), blockSize)
	case bytes.Equal(head, []byte("\x28\xb5\x2f\xfd")):
		return &InputError{Message: "it is compressed with zstd, which is not read", Hint: "unpack it: zstd -dc FILE | policyferry replay ... -"}
	}
	return nil
}

// errLong is why a document cannot be read on.
var errLong = errors.New("a record of more than 16 MB")

// rationed reads no more than one record may have, until it is given more. So a decoder that looks for the end of a record
// does not take in the whole input.
type rationed struct {
	io.Reader
	left int
}

func (r *rationed) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, errLong
	}
	n, err := r.Reader.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}
