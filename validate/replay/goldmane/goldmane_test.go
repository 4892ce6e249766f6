package goldmane_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/replay/goldmane"
)

// TestParse reads one flow in each of the forms that it comes in, and what is none.
func TestParse(t *testing.T) {
	const same = `connection shop/web-abc-* → shop/db 6/5432 verdict 0 at 1 count 4 from 1795600800 [app=web]`
	for _, tt := range []struct{ name, line, want string }{
		{"emitter", `{"Key":{"source_name":"web-abc-*","source_namespace":"shop","source_type":1,"dest_name":"db","dest_namespace":"shop","dest_type":1,"dest_port":5432,` +
			`"proto":"tcp","reporter":1,"action":1},"start_time":1795600800,"end_time":1795600860,"source_labels":["app=web"],"num_connections_started":4}`, same},
		{"stream", `{"id":1,"flow":{"Key":{"source_name":"web-abc-*","source_namespace":"shop","source_type":1,"dest_name":"db","dest_namespace":"shop","dest_type":1,"dest_port":5432,` +
			`"proto":"tcp","reporter":1,"action":1},"start_time":1795600800,"source_labels":["app=web"],"num_connections_started":4}}`, same},
		{"protobuf", `{"flow":{"Key":{"sourceName":"web-abc-*","sourceNamespace":"shop","sourceType":"WorkloadEndpoint","destName":"db","destNamespace":"shop",` +
			`"destType":"WorkloadEndpoint","destPort":"5432","proto":"tcp","reporter":"Src","action":"Allow"},"startTime":"1795600800","sourceLabels":["app=web"],"numConnectionsStarted":"4"}}`, same},
		{"Whisker", `data: {"start_time":"2026-11-25T10:00:00Z","action":"Allow","source_name":"web-abc-*","source_namespace":"shop","source_labels":"app=web","dest_name":"db",` +
			`"dest_namespace":"shop","protocol":"tcp","dest_port":5432,"reporter":"Src"}`, strings.Replace(same, "count 4", "count 1", 1)},
		{"event", "event: flow", "event"},
		{"comment", ": still there", "event"},
		{"no action", `{"Key":{"proto":"tcp","dest_port":1}}`, "is neither Allow nor Deny"},
		{"nothing", `{"Key":{}}`, "it has neither action nor protocol"},
	} {
		var f flow.Flow
		kind, err := goldmane.Parse([]byte(tt.line), &f)
		got := kind.String()
		switch {
		case err != nil:
			got = err.Error()
		case kind == flow.Connection:
			got = fmt.Sprintf("%s %s/%s* → %s/%s %d/%d verdict %d at %d count %d from %d %v", kind, f.From.Namespace, f.From.Prefix, f.To.Namespace, f.To.Name,
				f.Protocol, f.Port, f.Verdict, f.Point, f.Count, f.First.Unix(), f.From.Labels)
		}
		if !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
