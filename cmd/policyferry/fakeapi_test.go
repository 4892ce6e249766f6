package main

import (
	"errors"
	"io"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/validate/snapshot/fakeapi"
)

// fakeCluster starts an API server and writes its kubeconfig: fakeapi kubeconfig objects.yaml [forbid=RESOURCE] [down=GROUP].
func fakeCluster(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fakeapi kubeconfig objects.yaml [forbid=resource] [down=group]")
	}
	var trouble fakeapi.Trouble
	for _, arg := range args[2:] {
		switch name, value, _ := strings.Cut(arg, "="); name {
		case "forbid":
			trouble.Forbid = append(trouble.Forbid, value)
		case "down":
			trouble.Down = append(trouble.Down, value)
		default:
			ts.Fatalf("unknown trouble %s", arg)
		}
	}
	var objects []map[string]any
	decoder := yaml.NewDecoder(strings.NewReader(ts.ReadFile(args[1])))
	for {
		var o map[string]any
		err := decoder.Decode(&o)
		if errors.Is(err, io.EOF) {
			break
		}
		ts.Check(err)
		objects = append(objects, o)
	}
	server := fakeapi.New(objects, trouble)
	ts.Defer(server.Close)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(server.Kubeconfig()), 0o600))
}
