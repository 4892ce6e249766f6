// Package page writes the result of a rehearsal as one HTML file that needs nothing else: no network, no server, no
// other file. What people read first is plain HTML; the policies side by side and the matrix, of which there can be
// thousands, are drawn by a small script from JSON that stands in the page.
//
// Names, labels and everything else from a snapshot may be hostile. html/template escapes what the templates show, the
// script makes text nodes only, and the content security policy lets no script run but the one whose hash it names.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/validate/rehearse"
)

//go:embed assets templates
var files embed.FS

// Write writes the page.
func Write(w io.Writer, r *rehearse.Result) error {
	data, err := dataOf(r)
	if err != nil {
		return err
	}
	style, script := joined("assets/*.css"), "(()=>{'use strict';\n"+joined("assets/*.js")+"})()"
	// The page is made in memory, so that an error leaves no half of it behind.
	var out bytes.Buffer
	err = templates.ExecuteTemplate(&out, "page.html", view{
		Result: r, Policy: contentPolicy(style, script), Style: template.CSS(style), Script: template.JS(script), Data: template.JS(data),
	})
	if err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}

// view is what the templates see.
type view struct {
	*rehearse.Result
	Policy string
	Style  template.CSS
	Script template.JS
	Data   template.JS
}

// contentPolicy allows this style and this script, by their hashes, and nothing else. A page that somebody has managed
// to put markup into could still not load, send or run anything.
func contentPolicy(style, script string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"style-src '" + hash(style) + "'",
		"script-src '" + hash(script) + "'",
		"base-uri 'none'",
		"form-action 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types 'none'",
	}, "; ")
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// joined puts files together in the order of their names.
func joined(pattern string) string {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		panic(err) // the patterns are ours
	}
	slices.Sort(names)
	var out strings.Builder
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // the file was just found
		}
		out.Write(text)
	}
	return out.String()
}
