package calico

import (
	"slices"
	"strings"

	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"
)

// httpNeedsTCP: the validator does not take the number 6 for TCP before Calico 3.33; the definition of the kind does.
func httpNeedsTCP(r *rule) {
	if r.HTTP == nil || r.Protocol == nil || *r.Protocol == numorstring.ProtocolFromString("TCP") {
		return
	}
	if (r.Release >= 33 || r.Raw) && *r.Protocol == numorstring.ProtocolFromInt(6) {
		return
	}
	r.Wrong(r.at.Field("protocol"), "http goes with the protocol TCP or none")
}

func httpOnlyAllows(r *rule) {
	if r.HTTP != nil && r.Action != v3.Allow {
		r.Wrong(r.at.Field("http"), "http can stand only in a rule that allows")
	}
}

func httpOnlyIngress(r *rule) {
	if r.HTTP != nil && r.egress {
		r.Wrong(r.at.Field("http"), "http can stand only in an ingress rule")
	}
}

func httpMethodsDiffer(r *rule) {
	if r.HTTP == nil {
		return
	}
	for i, method := range r.HTTP.Methods {
		if slices.Contains(r.HTTP.Methods[:i], method) {
			r.Wrong(r.at.Field("http").Field("methods").Item(i), "%q stands twice", method)
		}
	}
}

func httpPaths(r *rule) {
	if r.HTTP == nil {
		return
	}
	for i, path := range r.HTTP.Paths {
		at := r.at.Field("http").Field("paths").Item(i)
		text := path.Exact + path.Prefix
		switch {
		case path.Exact != "" && path.Prefix != "":
			r.Wrong(at, "a path is either exact or a prefix")
		case text == "":
			r.Wrong(at, "a path needs exact or prefix")
		case !strings.HasPrefix(text, "/") || strings.ContainsAny(text, "? #"):
			r.Wrong(at, "%q is not a path: it begins with / and has no ?, # or space", text)
		}
	}
}
