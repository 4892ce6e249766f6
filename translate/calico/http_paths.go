package calico

import (
	"fmt"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
)

// httpPaths are paths of an http match, as Cilium's proxy has them.
func (l *ruleLowering) httpPaths(paths []apiv3.HTTPPath) []model.HTTPMatch {
	read := l.textPath
	if compat.NormalisesPaths(l.env.Source) {
		read = l.normalPath
	}
	var out []model.HTTPMatch
	for i, p := range paths {
		switch field := fmt.Sprintf(".http.paths[%d]", i); {
		case p.Exact != "":
			out = append(out, read(p.Exact, false, field+".exact")...)
		case p.Prefix != "":
			out = append(out, read(p.Prefix, true, field+".prefix")...)
		}
	}
	return out
}

// textPath reads a path where Calico compares it as it is written (app-policy/checker/match.go before 3.31.6).
func (l *ruleLowering) textPath(path string, prefix bool, field string) []model.HTTPMatch {
	if !compat.CiliumKeeps(path, prefix) {
		l.note(diag.Layer7, field, "write the path as it is after that, without dots, doubled slashes and needless escapes",
			"Cilium's proxy normalises the paths of requests and never has %q then, so the output matches nothing by it", path)
	}
	if prefix {
		return []model.HTTPMatch{{PathPrefix: path}}
	}
	return []model.HTTPMatch{{Path: path}}
}

// normalPath reads a path where Calico normalises it, and those of requests. An exact path is then that with a slash at
// its end, too, and a prefix ends at a segment, so that /api does not match /apix (app-policy/checker/match.go). What
// else stands for it in a request, such as /./api, is normalised on both sides, but for escapes that have to stay.
func (l *ruleLowering) normalPath(written string, prefix bool, field string) []model.HTTPMatch {
	normal, ok := compat.CalicoPath(written)
	if !ok {
		l.note(diag.SelectsNothing, field, "write the path without escapes that are broken or escaped twice",
			"Calico cannot normalise the path %q and passes over it, so no request matches by it", written)
		return nil
	}
	path := compat.CiliumPath(normal)
	if path != normal {
		l.note(diag.Layer7, field, "match a prefix that needs no escapes if that is enough",
			"Calico matches the path however a request escapes it, and the output only as %s", path)
	}
	switch {
	case path == "/" && prefix:
		return []model.HTTPMatch{{PathPrefix: path}}
	case path == "/":
		return []model.HTTPMatch{{Path: path}}
	case prefix:
		return []model.HTTPMatch{{Path: path}, {PathPrefix: path + "/"}}
	}
	return []model.HTTPMatch{{Path: path}, {Path: path + "/"}}
}
