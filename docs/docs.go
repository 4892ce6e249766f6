// Package docs holds the pages that the program itself shows.
package docs

import "embed"

// Codes holds one page for each finding code, codes/PFnnnn.md.
//
//go:embed codes/*.md
var Codes embed.FS
