package hubble_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/replay/hubble"
)

// TestParse reads lines whose fields differ from one flow between two pods.
func TestParse(t *testing.T) {
	const ends = `"IP":{"source":"10.0.0.1","destination":"10.0.0.2"},"source":{"identity":1000,"cluster_name":"here","namespace":"a","pod_name":"x"},` +
		`"destination":{"identity":1001,"cluster_name":"here","namespace":"b","pod_name":"y"},"node_name":"here/n1"`
	const tcp = `"l4":{"TCP":{"source_port":4000,"destination_port":80}}`
	for _, tt := range []struct{ name, fields, want string }{
		{"forwarded", `"verdict":"FORWARDED",` + tcp + `,"is_reply":false,"traffic_direction":"INGRESS"`, "connection 6/80 verdict 0 at 2"},
		{"numbers for names", `"verdict":1,` + tcp + `,"is_reply":false,"traffic_direction":2`, "connection 6/80 verdict 0 at 1"},
		{"audit", `"verdict":"AUDIT",` + tcp, "connection 6/80 verdict 1 at 0"},
		{"policy", `"verdict":"DROPPED","drop_reason":133,` + tcp, "connection 6/80 verdict 2 at 0"},
		{"deny rule", `"verdict":"DROPPED","drop_reason":181,"drop_reason_desc":"POLICY_DENY",` + tcp, "connection 6/80 verdict 2 at 0"},
		{"no route", `"verdict":"DROPPED","drop_reason_desc":"FIB_LOOKUP_FAILED",` + tcp, "connection 6/80 verdict 3 at 0"},
		{"dropped amid a connection", `"verdict":"DROPPED","drop_reason":133,"l4":{"TCP":{"source_port":80,"destination_port":4000,"flags":{"ACK":true}}}`, "undirected 6/4000 verdict 2 at 0"},
		{"dropped answer", `"verdict":"DROPPED","drop_reason":133,"l4":{"TCP":{"source_port":80,"destination_port":4000,"flags":{"SYN":true,"ACK":true}}}`, "reply 6/4000 verdict 2 at 0"},
		{"reply", `"verdict":"FORWARDED",` + tcp + `,"is_reply":true`, "reply 6/80 verdict 0 at 0"},
		{"reply, as it was once told", `"verdict":"FORWARDED",` + tcp + `,"reply":true`, "reply 6/80 verdict 0 at 0"},
		{"reply, as connection tracking knows", `"verdict":"FORWARDED",` + tcp + `,"trace_reason":"REPLY"`, "reply 6/80 verdict 0 at 0"},
		{"error about another packet", `"verdict":"FORWARDED","l4":{"ICMPv4":{"type":3,"code":1}},"is_reply":false`, "reply 1/0 verdict 0 at 0"},
		{"echo", `"verdict":"FORWARDED","l4":{"ICMPv6":{"type":128}},"is_reply":false`, "connection 58/0 verdict 0 at 0"},
		{"nobody knows which way", `"verdict":"FORWARDED",` + tcp, "undirected 6/80 verdict 0 at 0"},
		{"first packet", `"verdict":"FORWARDED","l4":{"TCP":{"source_port":4000,"destination_port":80,"flags":{"SYN":true}}}`, "connection 6/80 verdict 0 at 0"},
		{"redirected", `"verdict":"REDIRECTED","l4":{"UDP":{"source_port":4000,"destination_port":53}},"is_reply":false`, "connection 17/53 verdict 0 at 0"},
		{"refused request", `"verdict":"DROPPED","l7":{"type":"REQUEST"},` + tcp + `,"is_reply":false`, "refused 6/80 verdict 3 at 0"},
		{"request", `"verdict":"FORWARDED","l7":{"type":"REQUEST"},` + tcp, "connection 6/80 verdict 0 at 0"},
		{"response", `"verdict":"FORWARDED","l7":{"type":"RESPONSE"},` + tcp, "reply 6/80 verdict 0 at 0"},
		{"translated", `"verdict":"TRANSLATED",` + tcp, "undecided 6/80 verdict 0 at 0"},
		{"no transport", `"verdict":"FORWARDED","is_reply":false`, "undecided 0/0 verdict 0 at 0"},
		{"unknown verdict", `"verdict":"MAYBE",` + tcp, `"MAYBE" is no verdict of Hubble`},
		{"no port", `"verdict":"FORWARDED","l4":{"TCP":{"source_port":4000}}`, "the destination port is missing"},
		{"impossible port", `"verdict":"FORWARDED","l4":{"TCP":{"destination_port":70000}}`, "70000 is no port"},
	} {
		p := hubble.NewParser()
		bare := "{" + tt.fields + "," + ends + "}"
		for form, line := range map[string]string{"bare": bare, "wrapped": `{"flow":` + bare + `,"node_name":"here/n1"}`} {
			for range 2 { // the second time, the ends are remembered
				var f flow.Flow
				kind, err := p.Parse([]byte(line), &f)
				got := fmt.Sprintf("%s %d/%d verdict %d at %d", kind, f.Protocol, f.Port, f.Verdict, f.Point)
				if err != nil {
					got = err.Error()
				}
				if !strings.HasSuffix(got, tt.want) {
					t.Errorf("%s, %s: got %s, want %s", tt.name, form, got, tt.want)
				}
				if err == nil && (f.From.Namespace != "a" || f.To.Name != "y" || f.Node != "n1" || f.From.Addr.String() != "10.0.0.1") {
					t.Errorf("%s, %s: the ends are %+v", tt.name, form, f)
				}
			}
		}
	}
}

// TestEnds reads who is at an end.
func TestEnds(t *testing.T) {
	for _, tt := range []struct{ end, want string }{
		{`{"identity":1,"labels":["reserved:host"]}`, "2   []"},
		{`{"identity":6}`, "3   []"},
		{`{"identity":2}`, "4   []"},
		{`{"identity":16777219,"labels":["cidr:203.0.113.0/24"]}`, "4   []"},
		{`{"identity":7,"labels":["reserved:kube-apiserver","reserved:remote-node"]}`, "5   []"},
		{`{"identity":8}`, "6   []"},
		{`{"identity":33554433}`, "3   []"},
		{`{"identity":2000,"namespace":"a","pod_name":"x","labels":["k8s:app=web","k8s:io.cilium.k8s.policy.serviceaccount=robot","k8s:io.kubernetes.pod.namespace=a"]}`, "1 a/x robot [app=web]"},
		{`{"identity":2000,"labels":["k8s:app=web","k8s:io.kubernetes.pod.namespace=a"],"namespace":"a"}`, "1 a/  [app=web]"},
		{`{"identity":2000,"cluster_name":"there","namespace":"a","pod_name":"x"}`, "10 a/x  []"},
		{`{}`, "0   []"},
	} {
		line := `{"verdict":"FORWARDED","node_name":"here/n1","is_reply":false,"l4":{"UDP":{"source_port":1,"destination_port":2}},"source":` + tt.end + `}`
		var f flow.Flow
		if _, err := hubble.NewParser().Parse([]byte(line), &f); err != nil {
			t.Errorf("%s: %v", tt.end, err)
			continue
		}
		name := f.From.Namespace
		if name != "" {
			name += "/" + f.From.Name
		}
		if got := fmt.Sprintf("%d %s %s %v", f.From.Role, name, f.From.Account, f.From.Labels); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.end, got, tt.want)
		}
	}
}
