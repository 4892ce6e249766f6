// Package fakeapi is an API server for tests: it serves given objects as the real one would, in pages, and fails as it is
// told to.
package fakeapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/policyferry/policyferry/validate/snapshot"
)

// Trouble is what goes wrong.
type Trouble struct {
	// Forbid are resources, with their group, that may not be listed.
	Forbid []string
	// Down are groups whose API does not answer, neither to discovery nor to lists.
	Down []string
	// Expire is how many of the pages after a first one have expired; -1 means all.
	Expire int
	// Fail is how many requests for lists fail for a reason that passes.
	Fail int
	// Slow is how long each page of a list takes.
	Slow time.Duration
}

// Server is the server, and what it was asked.
type Server struct {
	*httptest.Server
	trouble Trouble
	objects map[string][]object
	mu      sync.Mutex
	// Asked are the requests, as METHOD PATH?QUERY.
	Asked []string
}

type object = map[string]any

// resource is what serves a kind.
type resource struct {
	group, version, name, kind string
	namespaced                 bool
}

// more are kinds that a snapshot asks for in another way than the others.
var more = []resource{
	{"apps", "v1", "daemonsets", "DaemonSet", true}, {"", "v1", "configmaps", "ConfigMap", true}, {"", "v1", "secrets", "Secret", true},
}

func all() []resource {
	out := slices.Clone(more)
	for _, r := range snapshot.Resources() {
		for _, v := range r.Versions {
			out = append(out, resource{r.Group, v, r.Name, r.Kind, r.Namespaced})
		}
	}
	return out
}

// New starts a server with the objects. It serves Kubernetes' own kinds, and of the CNIs those that there are objects of.
func New(objects []map[string]any, trouble Trouble) *Server {
	s := &Server{objects: map[string][]object{}, trouble: trouble}
	for _, o := range objects {
		for _, r := range all() {
			if r.kind == o["kind"] && r.apiVersion() == o["apiVersion"] {
				s.objects[r.path()] = append(s.objects[r.path()], o)
			}
		}
	}
	for _, list := range s.objects {
		slices.SortFunc(list, func(a, b object) int { return strings.Compare(key(a), key(b)) })
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	return s
}

// Kubeconfig is a kubeconfig for the server, whose only context is called test.
func (s *Server) Kubeconfig() string {
	return fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: test, contexts: [{name: test, context: {cluster: test, user: test}}],
clusters: [{name: test, cluster: {server: %q}}], users: [{name: test, user: {token: t}}]}`, s.URL)
}

func (r resource) apiVersion() string { return strings.TrimPrefix(r.group+"/"+r.version, "/") }

func (r resource) path() string {
	if r.group == "" {
		return "/api/" + r.version + "/" + r.name
	}
	return "/apis/" + r.group + "/" + r.version + "/" + r.name
}

func key(o object) string {
	meta, _ := o["metadata"].(object)
	return fmt.Sprint(meta["namespace"], "/", meta["name"])
}

func (s *Server) serve(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Asked = append(s.Asked, req.Method+" "+req.URL.RequestURI())
	path := req.URL.Path
	if path == "/version" {
		answer(w, object{"gitVersion": "v1.34.4"})
		return
	}
	for _, r := range all() {
		rest, ours := strings.CutPrefix(path, strings.TrimSuffix(r.path(), r.name))
		if !ours && strings.TrimSuffix(r.path(), "/"+r.name) != path {
			continue
		}
		if slices.Contains(s.trouble.Down, r.group) {
			refuse(w, http.StatusServiceUnavailable, "ServiceUnavailable", "service unavailable")
			return
		}
		if !ours {
			s.discovery(w, path)
			return
		}
		namespace := ""
		if in, below := strings.CutPrefix(rest, "namespaces/"); below && r.namespaced {
			namespace, rest, _ = strings.Cut(in, "/")
		}
		name, one, _ := strings.Cut(rest, "/")
		if name == r.name && !strings.Contains(one, "/") {
			s.resource(w, req, r, namespace, one)
			return
		}
	}
	refuse(w, http.StatusNotFound, "NotFound", "the server could not find the requested resource")
}

// discovery lists what a group serves.
func (s *Server) discovery(w http.ResponseWriter, path string) {
	list := []object{}
	for _, r := range all() {
		own := strings.TrimSuffix(r.path(), "/"+r.name)
		builtin := !strings.Contains(r.group, ".") || strings.HasSuffix(r.group, ".k8s.io")
		if own == path && (builtin || len(s.objects[r.path()]) > 0) {
			list = append(list, object{"name": r.name, "kind": r.kind, "namespaced": r.namespaced, "verbs": []string{"get", "list"}})
		}
	}
	if len(list) == 0 {
		refuse(w, http.StatusNotFound, "NotFound", "the server could not find the requested resource")
		return
	}
	answer(w, object{"kind": "APIResourceList", "apiVersion": "v1", "resources": list})
}

func (s *Server) resource(w http.ResponseWriter, req *http.Request, r resource, namespace, name string) {
	full := strings.TrimSuffix(r.name+"."+r.group, ".")
	if slices.Contains(s.trouble.Forbid, full) {
		refuse(w, http.StatusForbidden, "Forbidden", fmt.Sprintf("%s is forbidden: User %q cannot list resource %q", full, "somebody", r.name))
		return
	}
	if s.trouble.Fail > 0 {
		s.trouble.Fail--
		refuse(w, http.StatusInternalServerError, "InternalError", "etcdserver: leader changed")
		return
	}
	query := req.URL.Query()
	wanted := strings.TrimPrefix(query.Get("fieldSelector"), "metadata.name=")
	var found []object
	for _, o := range s.objects[r.path()] {
		meta, _ := o["metadata"].(object)
		if (namespace == "" || meta["namespace"] == namespace) && (wanted == "" || meta["name"] == wanted) && (name == "" || meta["name"] == name) {
			found = append(found, o)
		}
	}
	switch {
	case name != "" && len(found) == 0:
		refuse(w, http.StatusNotFound, "NotFound", fmt.Sprintf("%s %q not found", full, name))
	case name != "":
		answer(w, found[0])
	default:
		s.page(w, query.Get("limit"), query.Get("continue"), r, found)
	}
}

// page answers with a part of a list.
func (s *Server) page(w http.ResponseWriter, limit, token string, r resource, found []object) {
	time.Sleep(s.trouble.Slow)
	from, _ := strconv.Atoi(token)
	if token != "" && s.trouble.Expire != 0 {
		s.trouble.Expire--
		refuse(w, http.StatusGone, "Expired", "The provided continue parameter is too old")
		return
	}
	to, meta := len(found), object{"resourceVersion": "1000"}
	if n, _ := strconv.Atoi(limit); n > 0 && from+n < to {
		to = from + n
		meta["continue"], meta["remainingItemCount"] = strconv.Itoa(to), len(found)-to
	}
	items := found[from:to]
	if items == nil {
		items = []object{}
	}
	answer(w, object{"apiVersion": r.apiVersion(), "kind": r.kind + "List", "metadata": meta, "items": items})
}

func answer(w http.ResponseWriter, o any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(o)
}

func refuse(w http.ResponseWriter, code int, reason, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(object{"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message})
}
