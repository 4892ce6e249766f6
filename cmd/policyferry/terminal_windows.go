package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// ansi makes a console understand the sequences that colour text, and reports whether it does. A console that has not
// been asked, or is older than Windows 10, prints them as they are
// (learn.microsoft.com/windows/console/console-virtual-terminal-sequences).
func ansi(f *os.File) bool {
	var mode uint32
	console := windows.Handle(f.Fd())
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
