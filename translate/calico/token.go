package calico

import (
	"fmt"
	"strings"
)

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenLabel
	tokenString
	tokenOpen
	tokenClose
	tokenOpenSet
	tokenCloseSet
	tokenComma
	tokenEqual
	tokenNotEqual
	tokenNot
	tokenAnd
	tokenOr
	tokenIn
	tokenNotIn
	tokenContains
	tokenStartsWith
	tokenEndsWith
	tokenHas
	tokenAll
	tokenGlobal
)

type token struct {
	kind   tokenKind
	text   string // of labels and strings
	raw    string // as written
	offset int
}

// String names the token for messages.
func (t token) String() string {
	if t.kind == tokenEnd {
		return "the end"
	}
	return t.raw
}

// maxLabel is the longest label name that Calico reads (libcalico-go/lib/selector/tokenizer/tokenizer.go).
const maxLabel = 512

// symbols are the tokens without letters, the longer ones first.
var symbols = []struct {
	text string
	kind tokenKind
}{
	{"==", tokenEqual}, {"!=", tokenNotEqual}, {"&&", tokenAnd}, {"||", tokenOr}, {"(", tokenOpen}, {")", tokenClose},
	{"{", tokenOpenSet}, {"}", tokenCloseSet}, {",", tokenComma}, {"!", tokenNot},
}

// words are the operators that may follow a label. Blanks between two words may be missing: notin is not in.
var words = []struct {
	text []string
	kind tokenKind
}{
	{[]string{"contains"}, tokenContains}, {[]string{"starts", "with"}, tokenStartsWith},
	{[]string{"ends", "with"}, tokenEndsWith}, {[]string{"not", "in"}, tokenNotIn}, {[]string{"in"}, tokenIn},
}

// functions are written directly before their parenthesis.
var functions = []struct {
	text string
	kind tokenKind
}{{"has(", tokenHas}, {"all(", tokenAll}, {"global(", tokenGlobal}}

type tokenizer struct {
	text   string
	offset int
	last   tokenKind
}

func tokenize(text string) ([]token, error) {
	z := tokenizer{text: text}
	var out []token
	for {
		z.blanks()
		start := z.offset
		t, err := z.token()
		if err != nil {
			return nil, err
		}
		t.offset, t.raw = start, text[start:z.offset]
		out = append(out, t)
		if t.kind == tokenEnd {
			return out, nil
		}
		z.last = t.kind
	}
}

func (z *tokenizer) rest() string { return z.text[z.offset:] }

// blanks skips spaces and tabs; a line break is not a blank.
func (z *tokenizer) blanks() {
	z.offset += len(z.rest()) - len(strings.TrimLeft(z.rest(), " \t"))
}

func (z *tokenizer) token() (token, error) {
	rest := z.rest()
	if rest == "" {
		return token{kind: tokenEnd}, nil
	}
	if rest[0] == '"' || rest[0] == '\'' {
		end := strings.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return token{}, fmt.Errorf("a value without its closing quote at offset %d", z.offset)
		}
		z.offset += end + 2
		return token{kind: tokenString, text: rest[1 : end+1]}, nil
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, s.text) {
			z.offset += len(s.text)
			return token{kind: s.kind}, nil
		}
	}
	if strings.IndexByte("=&|", rest[0]) >= 0 {
		return token{}, fmt.Errorf("expected %s at offset %d", strings.Repeat(rest[:1], 2), z.offset)
	}
	if z.last == tokenLabel {
		return z.word()
	}
	for _, f := range functions {
		if strings.HasPrefix(rest, f.text) {
			z.offset += len(f.text)
			return z.function(f.kind)
		}
	}
	name, err := z.label()
	return token{kind: tokenLabel, text: name}, err
}

// word reads an operator after a label.
func (z *tokenizer) word() (token, error) {
	for _, w := range words {
		if rest, ok := cutWords(z.rest(), w.text); ok {
			z.offset = len(z.text) - len(rest)
			return token{kind: w.kind}, nil
		}
	}
	return token{}, fmt.Errorf("expected an operator at offset %d", z.offset)
}

// cutWords takes words off the front. The next character must not continue the last word; for an operator of two
// words, blanks may stand before that character (libcalico-go/lib/selector/tokenizer/tokenizer.go,
// cutMultiWordPrefixCheckBreak).
func cutWords(s string, words []string) (string, bool) {
	for _, w := range words {
		rest, ok := strings.CutPrefix(s, w)
		if !ok {
			return "", false
		}
		s = rest
		if len(words) > 1 {
			s = strings.TrimLeft(s, " \t")
		}
	}
	return s, s == "" || !isLabelByte(s[0])
}

// function reads what follows the opening parenthesis of a function.
func (z *tokenizer) function(kind tokenKind) (token, error) {
	z.blanks()
	t := token{kind: kind}
	if kind == tokenHas {
		name, err := z.label()
		if err != nil {
			return token{}, err
		}
		t.text = name
		z.blanks()
	}
	if !strings.HasPrefix(z.rest(), ")") {
		return token{}, fmt.Errorf("expected ) at offset %d", z.offset)
	}
	z.offset++
	return t, nil
}

func (z *tokenizer) label() (string, error) {
	rest := z.rest()
	n := 0
	for n < len(rest) && isLabelByte(rest[n]) {
		n++
	}
	switch {
	case n == 0:
		return "", fmt.Errorf("unexpected %q at offset %d", firstRune(rest), z.offset)
	case n > maxLabel:
		return "", fmt.Errorf("a label of more than %d characters at offset %d", maxLabel, z.offset)
	}
	z.offset += n
	return rest[:n], nil
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

func isLabelByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '/' || c == '-'
}
