// Package browser tests the report page in a real browser: headless Chromium, driven over its own debugging protocol.
// It is a module of its own, so that what drives the browser stays out of policyferry. Without a Chromium the tests
// skip and say so; `.ci/run` installs the one of Debian.
package browser
