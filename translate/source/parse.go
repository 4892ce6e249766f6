package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	kubeyaml "sigs.k8s.io/yaml"

	"github.com/policyferry/policyferry/translate/diag"
)

// failure is why a document cannot be used.
type failure struct {
	code         *diag.Code
	line, column int
	message      string
	hint         string
}

// parsed is one value as the parser left it.
type parsed struct {
	node *yaml.Node
	// lineOffset is what the node's lines lack to be lines of the file.
	lineOffset int
}

// parse reads the values of a chunk up to the first syntax error.
func parse(c chunk, opt Options, budget int) (roots []parsed, failed *failure) {
	if possibleNodes(c.data) > budget {
		line, column := c.place(0)
		return nil, &failure{diag.TooLarge, line, column,
			fmt.Sprintf("the input may hold more than %d values", opt.MaxNodes), "translate it in several runs"}
	}
	if start := bytes.TrimLeft(c.data, " \t\r\n"); len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		roots, failed = parseJSON(c, opt)
		if failed == nil || len(roots) > 0 || failed.code == diag.TooLarge {
			return roots, failed
		}
		// A flow mapping of YAML begins like JSON.
		if roots, yamlFailed := parseYAML(c); yamlFailed == nil {
			return roots, nil
		}
		return nil, failed
	}
	return parseYAML(c)
}

func parseYAML(c chunk) (roots []parsed, failed *failure) {
	// The parser reports its own inconsistencies by panicking with a string; that must not take the other
	// documents down.
	defer func() {
		if p := recover(); p != nil {
			line, column := c.place(0)
			failed = &failure{diag.Unreadable, line, column, fmt.Sprintf("the document is not YAML: %v", p), ""}
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(c.data))
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return roots, nil
		}
		if err != nil {
			return roots, c.syntaxError(err)
		}
		if n := doc.Content[0]; n.Kind != yaml.ScalarNode || n.Tag != nullTag {
			roots = append(roots, parsed{node: n, lineOffset: c.line})
		}
	}
}

var errorLine = regexp.MustCompile(`^(?:error converting YAML to JSON: )?(?:yaml: )?(?:line (\d+): )?(.*)`)

// syntaxError gives a parser's error its place. yaml/v3 names the line where the surrounding mapping begins; the
// parser that kubectl uses names the line of the problem, so that one is asked as well.
func (c chunk) syntaxError(err error) *failure {
	line, message := splitError(err)
	if _, err := kubeyaml.YAMLToJSON(c.data); err != nil {
		if l, m := splitError(err); m == message && l > 0 {
			line = l
		}
	}
	f := &failure{code: diag.Unreadable, message: "the document is not YAML: " + message}
	if tooDeepForParser(message) {
		f.code, f.message = diag.TooLarge, tooDeep(parserDepth)
	}
	if line == 0 {
		f.line, f.column = c.firstContent()
		return f
	}
	f.line = min(line+c.line, c.lastLine())
	text := c.lineText(f.line)
	indent := len(text) - len(bytes.TrimLeft(text, " \t"))
	f.column = indent + 1
	if tab := bytes.IndexByte(text[:indent], '\t'); tab >= 0 {
		f.column = tab + 1
		f.message = "the line is indented with a tab"
		f.hint = "indent with spaces; YAML does not allow tabs there"
	}
	return f
}

// splitError takes an error of either YAML parser apart. The parsers count from zero in messages of the grammar and
// from one in messages of the scanner (go.yaml.in/yaml/v3, decode.go, parser.fail).
func splitError(err error) (line int, message string) {
	m := errorLine.FindStringSubmatch(strings.SplitN(err.Error(), "\n", 2)[0])
	line, _ = strconv.Atoi(m[1])
	if line > 0 && grammarMessage(m[2]) {
		line++
	}
	return line, m[2]
}

// parserDepth is how deep both parsers go, whatever our own limit is.
const parserDepth = 10_000

func tooDeepForParser(message string) bool {
	return strings.Contains(message, "exceeded max depth")
}

func grammarMessage(message string) bool {
	switch message {
	case "did not find expected key", "did not find expected '-' indicator", "did not find expected node content",
		"did not find expected ',' or ']'", "did not find expected ',' or '}'", "did not find expected <document start>",
		"found undefined tag handle":
		return true
	}
	return false
}

// firstContent is the place of the first line that is not blank.
func (c chunk) firstContent() (line, column int) {
	offset := 0
	for text := range bytes.Lines(c.data) {
		if !blankLine(text) {
			return c.place(offset + len(text) - len(bytes.TrimLeft(text, " \t")))
		}
		offset += len(text)
	}
	return c.place(0)
}

// possibleNodes is at least the number of values and keys in the text, so that memory is bounded before the parser
// begins to fill it.
func possibleNodes(data []byte) int {
	n := 1
	for i, b := range data {
		switch b {
		case ':', ',', '{', '?':
			n += 2
		case '[':
			n += 2
		case '-':
			if i+1 == len(data) || data[i+1] == ' ' || data[i+1] == '\n' || data[i+1] == '\t' || data[i+1] == '\r' {
				n++
			}
		}
	}
	return n
}
