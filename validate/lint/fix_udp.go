package lint

import (
	"encoding/json"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// fixUDP opens the port for UDP as well.
var fixUDP = fixer{diag.UDPLeftOut, func(_ *linter, _ Finding, at field) *Fix {
	port := at.get("port")
	if port.node == nil || at.get("endPort").node != nil {
		return nil
	}
	value := edit.JSON(port.text())
	if number.MatchString(port.text()) {
		value = port.text()
	}
	entry := `{"port":` + value + `,"protocol":"UDP"}`
	if !json.Valid([]byte(entry)) {
		return nil
	}
	return &Fix{Title: "add " + edit.Written(entry), Unsafe: "the port is closed for UDP as it is",
		Changes: []edit.Change{{Kind: edit.Append, Path: at.path, Value: entry}}}
}}
