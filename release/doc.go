// Package release tests what brings policyferry to people: the releases and their archives, the images, the GitHub
// Action, the hook of pre-commit, the plugin of kubectl, and the page about continuous integration. It is a module of
// its own, so that the tools which read those files weigh on nobody else.
package release
