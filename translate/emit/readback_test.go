package emit

import (
	"bytes"
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// FuzzReadBack holds every text that is written to the object it stands for, as kubectl reads it.
func FuzzReadBack(f *testing.F) {
	for _, s := range []string{
		object,
		`{"a":"yes","yes":1,"b":[{},[],"",null,true,-1.5e3,12345678901234567890123,"0x1F"]}`,
		`{"a":"  leading\n\n  and trailing \n","b":"\u0000\u007f\u0085\u2028\ufeff\ud83d\ude00","c":"\t","d":"\n","e":"a\r\nb"}`,
		`{"selector":"has(app) && !(tier in {'db'})","x":"!has(a)","y":"'quoted'","z":"a: b # c"}`,
		`{"":{"":{"":[[[]]]}}}`,
		`{"cidr":"10.0.0.0/8","port":"80","port":"81","a":{"s":"!has(a)","t":"(a == 'b') && c","u":"*","v":["1/2","1./2","x/y","007","9000:9010","90:91","1:2:3"]}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, ok := decoded([]byte(text))
		if m, isMap := want.(map[string]any); !ok || !isMap {
			return
		} else if m["metadata"] != nil || strings.Contains(text, "status") {
			return // what is left out there is tested by name
		}
		once, err := YAML([][]byte{[]byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		asTheLibrary(t, []byte(text))
		back, err := yaml.YAMLToJSON(once)
		if err != nil {
			t.Fatalf("kubectl cannot read it back: %v\n%s", err, once)
		}
		if got, _ := decoded(back); !reflect.DeepEqual(got, want) {
			t.Errorf("got %v\nwant %v\nby way of\n%s", got, want, once)
		}
		listed, err := JSON([][]byte{[]byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := decoded(listed); !reflect.DeepEqual(got.(map[string]any)["items"], []any{want}) {
			t.Errorf("got %v\nwant one item %v", got, want)
		}
		if again, err := YAML([][]byte{[]byte(text)}); err != nil || !bytes.Equal(once, again) {
			t.Errorf("written again it is (%v)\n%s\nand was\n%s", err, again, once)
		}
	})
}

// asTheLibrary holds what is written without the YAML library to what it writes. It reports whether it had to be asked.
func asTheLibrary(t *testing.T, text []byte) bool {
	t.Helper()
	v, err := read(text, false)
	if err != nil {
		t.Fatal(err)
	}
	w := writer{}
	if !w.document(v) {
		return true
	}
	want, err := encoded(v)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(w.out, want) {
		t.Errorf("written as\n%s\nand by the library as\n%s", w.out, want)
	}
	return false
}

// TestEverydayNeedsNoLibrary holds objects of ordinary content to being written without the YAML library.
func TestEverydayNeedsNoLibrary(t *testing.T) {
	for _, text := range []string{
		`{"kind":"CiliumNetworkPolicy","apiVersion":"cilium.io/v2","metadata":{"name":"a","annotations":{"policyferry.io/source":"NetworkPolicy shop/a"}},
		 "spec":{"endpointSelector":{},"ingress":[{"fromEndpoints":[{"matchLabels":{"k8s:app":"b"}}],"toPorts":[{"ports":[{"port":"80","protocol":"TCP"}],"rules":{"dns":[{"matchPattern":"*"}]}}]}],
		 "egress":[{"toCIDRSet":[{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}]}]}}`,
		`{"kind":"NetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"a"},"spec":{"order":1.5,"selector":"(app == 'a') && has(b)","types":["Ingress"],
		 "ingress":[{"action":"Allow","protocol":"TCP","source":{"selector":"!has(a)","nets":["10.0.0.0/8"]},"destination":{"ports":[80,"90:91"]}}],"preDNAT":true}}`,
	} {
		if asTheLibrary(t, []byte(text)) {
			t.Errorf("the library is asked for %s", text)
		}
	}
}

// decoded reads JSON so that numbers are equal when their values are.
func decoded(text []byte) (any, bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil || !json.Valid(text) {
		return nil, false
	}
	return numbers(v)
}

func numbers(v any) (any, bool) {
	ok := true
	switch v := v.(type) {
	case json.Number:
		f, _, err := big.ParseFloat(v.String(), 10, 53, big.ToNearestEven)
		if err != nil {
			return nil, false
		}
		value, _ := f.Float64()
		return value, value-value == 0 // not an infinity, which no document holds
	case map[string]any:
		for k := range v {
			var fine bool
			v[k], fine = numbers(v[k])
			ok = ok && fine
		}
	case []any:
		for i := range v {
			var fine bool
			v[i], fine = numbers(v[i])
			ok = ok && fine
		}
	}
	return v, ok
}

func TestKeyOrder(t *testing.T) {
	tests := []struct{ name, object, order string }{
		{"cilium", `{"spec":{"egress":[],"egressDeny":[],"ingress":[{"icmps":[],"toPorts":[{"rules":{},"ports":[{"protocol":"TCP","endPort":2,"port":"1"}]}],
			"fromCIDRSet":[{"except":[],"cidr":"x"}],"fromEndpoints":[{"matchExpressions":[{"values":[],"operator":"In","key":"k"}],"matchLabels":{}}]}],
			"ingressDeny":[],"enableDefaultDeny":{},"nodeSelector":{},"endpointSelector":{},"description":"d"}}`,
			"spec description endpointSelector nodeSelector enableDefaultDeny ingressDeny ingress fromEndpoints matchLabels matchExpressions key operator values " +
				"fromCIDRSet cidr except toPorts ports port endPort protocol rules icmps egressDeny egress"},
		{"calico", `{"spec":{"egress":[{"metadata":{"annotations":{}},"http":{},"destination":{"services":{},"ports":[1],"notPorts":[2],"serviceAccounts":{},"namespaceSelector":"n",
			"notSelector":"m","selector":"s","notNets":[],"nets":[]},"source":{},"notICMP":{},"icmp":{"code":1,"type":2},"notProtocol":1,"protocol":"TCP","ipVersion":4,"action":"Allow"}],
			"ingress":[],"types":[],"serviceAccountSelector":"a","namespaceSelector":"n","selector":"s","order":1,"tier":"t"}}`,
			"spec tier order selector namespaceSelector serviceAccountSelector types ingress egress action ipVersion protocol notProtocol icmp type code notICMP " +
				"source destination nets notNets selector notSelector namespaceSelector serviceAccounts services ports notPorts http metadata annotations"},
		{"kubernetes", `{"spec":{"egress":[],"ingress":[{"ports":[],"from":[{"podSelector":{},"namespaceSelector":{}},{"ipBlock":{"except":[],"cidr":"c"}}]}],"policyTypes":[],"podSelector":{}},
			"metadata":{"annotations":{},"labels":{},"namespace":"b","name":"a","finalizers":[]},"kind":"K","apiVersion":"v"}`,
			"apiVersion kind metadata name namespace labels annotations finalizers spec podSelector policyTypes ingress from podSelector namespaceSelector " +
				"ipBlock cidr except ports egress"},
		{"names that are only names", `{"metadata":{"labels":{"spec":"1","kind":"2","app":"3"}},"spec":{"selector":{"matchLabels":{"name":"1","kind":"2","app":"3"}}}}`,
			"metadata labels app kind spec spec selector matchLabels app kind name"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, err := YAML([][]byte{[]byte(test.object)})
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for line := range strings.Lines(string(text)) {
				if key, _, ok := strings.Cut(strings.TrimLeft(line, " -"), ":"); ok {
					keys = append(keys, key)
				}
			}
			if want := strings.Fields(test.order); !slices.Equal(keys, want) {
				t.Errorf("got\n%v\nwant\n%v", keys, want)
			}
		})
	}
}

func TestJSONIsAListInTheSameOrder(t *testing.T) {
	text, err := JSON([][]byte{[]byte(`{"status":{},"spec":{"selector":"a && <b>"},"metadata":{"creationTimestamp":null,"name":"n"},"kind":"K","apiVersion":"v"}`)})
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "apiVersion": "v1",
  "kind": "List",
  "items": [
    {
      "apiVersion": "v",
      "kind": "K",
      "metadata": {
        "name": "n"
      },
      "spec": {
        "selector": "a && <b>"
      }
    }
  ]
}
`
	if string(text) != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if empty, err := JSON(nil); err != nil || !json.Valid(empty) {
		t.Errorf("no objects: %s, %v", empty, err)
	}
}

func TestWhatIsNoObjectIsAnError(t *testing.T) {
	for _, text := range []string{"", "{", "nonsense", "{}{}"} {
		if out, err := YAML([][]byte{[]byte(text)}); err == nil {
			t.Errorf("%q is written as %q", text, out)
		}
		if out, err := JSON([][]byte{[]byte(text)}); err == nil {
			t.Errorf("%q is written as %q", text, out)
		}
	}
}

func BenchmarkYAML(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := YAML([][]byte{[]byte(object)}); err != nil {
			b.Fatal(err)
		}
	}
}
