//go:build !windows

package main

import "os"

// ansi reports whether a terminal understands the sequences that colour text.
func ansi(*os.File) bool { return os.Getenv("TERM") != "dumb" }
