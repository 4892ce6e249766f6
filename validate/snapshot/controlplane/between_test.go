package controlplane

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// page is a part of a list, as it was asked for and answered.
type page struct {
	path string
	// limit and token are what was asked for; first says that no token was.
	limit string
	first bool
	// status is 200, or why there is nothing else.
	status int
	// items is how many objects it has, remaining how many the server says follow, and last that none does.
	items     int
	remaining int
	last      bool
	// resourceVersion is the state that it shows.
	resourceVersion string
}

// between stands between the program and an API server: it sees every page of a list, and acts before the page arrives.
type between struct {
	url string
	mu  sync.Mutex
	// pages are those that were answered, in their order.
	pages []page
}

// standBetween starts it before a server. asked is called before a list is asked for, with its path, and arrived with each
// page that was answered, before the program has it.
func standBetween(t *testing.T, p *plane, asked func(path string), arrived func(page)) *between {
	t.Helper()
	target, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	b := &between{}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			if isList(r.In) && r.In.URL.Query().Get("continue") == "" {
				asked(r.In.URL.Path)
			}
			r.Out.Header.Del("Accept-Encoding") // so that the transport unpacks what is read here
		},
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		ModifyResponse: func(r *http.Response) error {
			if !isList(r.Request) {
				return nil
			}
			query := r.Request.URL.Query()
			text, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			r.Body = io.NopCloser(bytes.NewReader(text))
			var list struct {
				Metadata struct {
					ResourceVersion    string
					Continue           string
					RemainingItemCount int
				}
				Items []struct{}
			}
			if err := json.Unmarshal(text, &list); err != nil {
				return err
			}
			arrivedPage := page{path: r.Request.URL.Path, limit: query.Get("limit"), first: query.Get("continue") == "", status: r.StatusCode,
				items: len(list.Items), remaining: list.Metadata.RemainingItemCount, last: list.Metadata.Continue == "", resourceVersion: list.Metadata.ResourceVersion}
			b.mu.Lock()
			b.pages = append(b.pages, arrivedPage)
			b.mu.Unlock()
			arrived(arrivedPage)
			return nil
		},
	}
	server := httptest.NewTLSServer(proxy) // a kubeconfig's token is not sent without TLS
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

// isList reports whether a request is for a list of all there is of a kind.
func isList(r *http.Request) bool {
	segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	return r.Method == http.MethodGet && r.URL.Query().Get("fieldSelector") == "" &&
		(segments[0] == "api" && len(segments) == 3 || segments[0] == "apis" && len(segments) == 4)
}

// of are the pages of one list.
func (b *between) of(path string) []page {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []page
	for _, p := range b.pages {
		if p.path == path {
			out = append(out, p)
		}
	}
	return out
}
