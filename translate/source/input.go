package source

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/diag"
)

// Options bounds what reading may cost. A zero field means its default.
type Options struct {
	// MaxFileBytes is the size of one file; default 64 MiB.
	MaxFileBytes int64
	// MaxTotalBytes is the size of all files together; default 256 MiB.
	MaxTotalBytes int64
	// MaxNodes is the number of keys, values and containers in all files together, with aliases expanded; default
	// five million.
	MaxNodes int
	// MaxDepth is how deep mappings and lists may stand in each other; default 200.
	MaxDepth int
	// KeepText keeps the texts, for whoever wants to change them.
	KeepText bool
	// Slim keeps the text of documents where it can, and reads them again when they are asked for. It is for sets of
	// which most is asked for once.
	Slim bool
	// Except are paths of files below the directories that are no manifests, whatever their endings say.
	Except []string
}

func (o Options) withDefaults() Options {
	if o.MaxFileBytes <= 0 {
		o.MaxFileBytes = 64 << 20
	}
	if o.MaxTotalBytes <= 0 {
		o.MaxTotalBytes = 256 << 20
	}
	if o.MaxNodes <= 0 {
		o.MaxNodes = 5_000_000
	}
	if o.MaxDepth <= 0 {
		o.MaxDepth = 200
	}
	return o
}

// maxFindings is how many findings one file may cause. A file beyond it is not what its reader takes it for, and
// reading stops there with one last finding.
const maxFindings = 1000

// maxPathBytes bounds the paths of one object, so that naming its fields cannot cost more than reading it.
const maxPathBytes = 256 << 20

// Input is one text with the name that findings give it.
type Input struct {
	Name string
	Data []byte
}

// Set is what was read: the objects of all files, in the order of the files.
type Set struct {
	Documents []*Document
	// Files are the names of the files that were read, whether or not they hold an object.
	Files []string
	// Remarks are the comments that are meant for policyferry, in the order of the text.
	Remarks []Remark
	// Texts are the files' texts by name, if they are kept.
	Texts map[string][]byte
}

// ReadInputs reads texts that are already in memory as one set.
func ReadInputs(inputs []Input, opt Options) (*Set, diag.List) {
	r := newReader(opt)
	for _, in := range inputs {
		check := r.notEmpty(in.Name)
		r.text(in.Name, in.Data)
		r.later(nil, check)
	}
	r.takeIn()
	return r.set, r.findings
}

// Reread reads the files of a set again, some of them with other texts. Files that hold no object are no finding any
// more, since they were one when the set was read.
func Reread(set *Set, texts map[string][]byte, opt Options) (*Set, diag.List) {
	r := newReader(opt)
	for _, name := range set.Files {
		text, changed := texts[name]
		if !changed {
			text = set.Texts[name]
		}
		r.text(name, text)
	}
	r.takeIn()
	return r.set, r.findings
}

// ReadBytes reads one text. A text without any object is a finding.
func ReadBytes(name string, data []byte, opt Options) ([]*Document, diag.List) {
	set, findings := ReadInputs([]Input{{name, data}}, opt)
	return set.Documents, findings
}

// reader is the state of one call: what was read and what is left of the limits.
type reader struct {
	opt      Options
	set      *Set
	findings diag.List
	nodes    int
	bytes    int64

	// waiting are the next steps, in the order of the input, and waitingBytes the size of their chunks.
	waiting      []step
	waitingBytes int
	// current is the file that is being taken in.
	current *file
}

// file is a file that is being read.
type file struct {
	name string
	// allowed is how many findings it may still cause.
	allowed int
}

func newReader(opt Options) *reader {
	r := &reader{opt: opt.withDefaults(), set: &Set{}}
	if opt.KeepText {
		r.set.Texts = map[string][]byte{}
	}
	return r
}

// text reads one text chunk by chunk, so that a broken document costs only itself.
func (r *reader) text(name string, data []byte) {
	r.set.Files = append(r.set.Files, name)
	if r.opt.KeepText {
		r.set.Texts[name] = data
	}
	f := &file{name, maxFindings}
	if int64(len(data)) > r.opt.MaxFileBytes {
		r.later(f, r.tooLarge)
		return
	}
	r.bytes += int64(len(data))
	if r.bytes > r.opt.MaxTotalBytes {
		r.later(f, func() {
			r.report(diag.TooLarge, 0, 0, "the input is larger than %s in all", byteSize(r.opt.MaxTotalBytes)).
				hint("translate it in several runs, one for each cluster or namespace")
		})
		return
	}
	for c := range chunks(data) {
		r.wait(step{file: f, chunk: c})
		if f.allowed < 0 {
			return
		}
	}
}

func (r *reader) tooLarge() {
	r.report(diag.TooLarge, 0, 0, "the file is larger than %s", byteSize(r.opt.MaxFileBytes)).
		hint("split the file; a Kubernetes object is never larger than a few megabytes")
}

// notEmpty returns what reports, once an input is taken in, that it gave neither an object nor a reason.
func (r *reader) notEmpty(name string) func() {
	var docs, findings int
	r.later(nil, func() { docs, findings = len(r.set.Documents), r.findings.Len() })
	return func() {
		if len(r.set.Documents) == docs && r.findings.Len() == findings {
			r.findings.Add(diag.EmptyInput.At(diag.Position{File: name}, diag.Object{}, "", "no object in the input").
				WithHint("give a file or directory with the YAML or JSON of the policies"))
		}
	}
}

// chunk takes one document of a stream in, or several when they are JSON values in a row.
func (r *reader) chunk(c chunk, seen look) {
	switch {
	case seen.blank:
		r.remarks(c, nil)
		return
	case seen.bad != nil:
		r.report(diag.NotText, seen.bad.line, seen.bad.column, "%s", seen.bad.message).hint("%s", seen.bad.hint)
		return
	case seen.root != nil && seen.possible <= r.opt.MaxNodes-r.nodes:
		r.nodes += seen.nodes
		before := len(r.set.Documents)
		r.unfold(c, seen.root, r.opt.MaxDepth)
		r.slim(r.set.Documents[before:], c, seen)
		return
	}
	roots, failure := parse(c, r.opt, r.opt.MaxNodes-r.nodes)
	r.remarks(c, roots)
	for _, root := range roots {
		r.root(c, root)
	}
	if failure != nil {
		r.failure(c, *failure)
	}
}

// slim keeps no more than the text of a chunk that is one object.
func (r *reader) slim(read []*Document, c chunk, seen look) {
	if r.opt.Slim && len(read) == 1 && read[0].kept.root == seen.root {
		read[0].kept, read[0].again = nil, &again{text: seen.text, line: c.line, nodes: seen.nodes}
	}
}

func (r *reader) failure(c chunk, f failure) {
	if f.code == diag.Unreadable {
		if line, column, ok := c.template(); ok {
			r.template(line, column, diag.Object{})
			return
		}
	}
	r.report(f.code, f.line, f.column, "%s", f.message).hint("%s", f.hint)
}

func (r *reader) template(line, column int, object diag.Object) {
	f := r.report(diag.Template, line, column, "the document is a template that has not been rendered")
	f.finding.Object = object
	f.hint("render it first, for example with helm template, and translate the result")
}

// root normalizes one parsed document and keeps the objects in it.
func (r *reader) root(c chunk, root parsed) {
	n := normalizer{opt: r.opt, budget: r.opt.MaxNodes - r.nodes, lineOffset: root.lineOffset}
	used := n.run(root.node)
	if len(n.failures) > 0 {
		for _, f := range n.failures {
			if f.code == diag.Unreadable && c.hasTemplate() {
				r.failure(c, f)
				return
			}
		}
		for _, f := range n.failures {
			r.failure(c, f)
		}
		return
	}
	r.nodes += used
	var shared map[*yaml.Node]*Node
	if n.anchored != nil {
		shared = map[*yaml.Node]*Node{}
	}
	r.unfold(c, compact(root.node, shared), r.opt.MaxDepth)
}

// report adds a finding and lets the caller finish it.
func (r *reader) report(code *diag.Code, line, column int, format string, args ...any) *pending {
	f := r.current
	f.allowed--
	if f.allowed < 0 {
		if f.allowed == -1 {
			r.findings.Add(diag.TooLarge.At(diag.Position{File: f.name, Line: line, Column: column}, diag.Object{}, "",
				"more than %d problems in one file; the rest of it is not read", maxFindings))
		}
		return &pending{&diag.Finding{}}
	}
	r.findings.Add(code.At(diag.Position{File: f.name, Line: line, Column: column}, diag.Object{}, "", format, args...))
	all := r.findings.All()
	return &pending{&all[len(all)-1]}
}

// pending is a finding that was just added.
type pending struct{ finding *diag.Finding }

func (p *pending) hint(format string, args ...any) {
	p.finding.Hint = fmt.Sprintf(format, args...)
}

func byteSize(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
