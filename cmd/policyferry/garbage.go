package main

import (
	"os"
	"runtime/debug"
)

// gather lets garbage grow to so many hundredths of what is used before it is collected. A command that allocates much and
// keeps little spends a fifth of its time on collecting it otherwise. Whoever has set GOGC knows better.
func gather(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
