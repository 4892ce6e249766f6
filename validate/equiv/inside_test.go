package equiv

import (
	"fmt"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/calico"
	"github.com/policyferry/policyferry/validate/verdict/cilium"
)

// ciliumWeb polices web with a list of elements of toPorts and more fields.
func ciliumWeb(direction, peer, toPorts string) string {
	return fmt.Sprintf(`
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  %s:
  - %s
    toPorts: [%s]
`, direction, peer, toPorts)
}

func fromCart(toPorts string) string {
	return ciliumWeb("ingress", "fromEndpoints: [{matchLabels: {app: cart}}]", toPorts)
}

func toDB(toPorts string) string {
	return ciliumWeb("egress", "toEndpoints: [{matchLabels: {app: db}}]", toPorts)
}

// calicoWeb lets the cart send requests to web.
func calicoWeb(rules ...string) string {
	var b strings.Builder
	for _, http := range rules {
		fmt.Fprintf(&b, "  - {action: Allow, protocol: TCP, source: {selector: app == 'cart'}, destination: {ports: [80]}%s}\n", http)
	}
	return `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  selector: app == 'web'
  types: [Ingress]
  ingress:
` + b.String()
}

const baseline = `
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: rest}
spec:
  tier: Baseline
  priority: 1
  subject: {namespaces: {}}
  ingress: [{action: Accept, from: [{namespaces: {}}]}]
`

// TestInside compares sets whose verdicts depend on what is inside connections.
func TestInside(t *testing.T) {
	web := func(rules string) string { return fromCart(`{ports: [{port: "80", protocol: TCP}]` + rules + `}`) }
	get := `, rules: {http: [{method: GET}]}`
	for name, c := range map[string]struct {
		left, right string
		answer      Answer
		example     string
		version     string // of Calico
		noSidecars  bool
	}{
		"the same HTTP":           {left: web(get), right: web(get), answer: Equivalent},
		"HTTP in another order":   {left: web(`, rules: {http: [{method: GET}, {path: /a}]}`), right: web(`, rules: {http: [{path: /a}, {method: GET}]}`), answer: Equivalent},
		"HTTP in two elements":    {left: web(`, rules: {http: [{method: GET}, {path: /a}]}`), right: fromCart(`{ports: [{port: "80", protocol: TCP}], rules: {http: [{path: /a}]}}, {ports: [{port: "80", protocol: TCP}], rules: {http: [{method: GET}]}}`), answer: Equivalent},
		"HTTP and the port":       {left: web(get), right: web(""), answer: More, example: "POST /"},
		"HTTP and nothing":        {left: web(get), right: fromCart(`{ports: [{port: "81"}]}`), answer: Incomparable},
		"headers":                 {left: web(`, rules: {http: [{headers: ["X-A: 1"]}]}`), right: web(`, rules: {http: [{headerMatches: [{name: x-a, value: "1"}]}]}`), answer: Equivalent},
		"the presence of headers": {left: web(`, rules: {http: [{headers: [X-A]}]}`), right: web(`, rules: {http: [{headers: ["X-A: 1"]}]}`), answer: Less, example: "GET / with x-a"},
		"an empty value":          {left: web(`, rules: {http: [{headers: ["X-A: "]}]}`), right: web(`, rules: {http: [{headers: [X-A]}]}`), answer: Unknown},
		"a secret":                {left: web(`, rules: {http: [{headerMatches: [{name: a, secret: {name: s}}]}]}`), right: web(`, rules: {http: [{headerMatches: [{name: a, secret: {name: s}}]}]}`), answer: Equivalent},
		"another secret":          {left: web(`, rules: {http: [{headerMatches: [{name: a, secret: {name: s}}]}]}`), right: web(`, rules: {http: [{headerMatches: [{name: a, secret: {name: r}}]}]}`), answer: Unknown},
		"a changed header":        {left: web(`, rules: {http: [{headerMatches: [{name: a, value: b, mismatch: ADD}]}]}`), right: web(`, rules: {http: [{headerMatches: [{name: a, value: b}]}]}`), answer: Unknown},
		"a rule that follows":     {left: web(get) + baseline, right: web(get) + baseline, answer: Equivalent},
		"another rule before":     {left: web(get) + baseline, right: web(`, rules: {http: [{method: PUT}]}`) + baseline, answer: Equivalent},
		"server names":            {left: web(`, serverNames: [a.example, b.example]`), right: web(`, serverNames: [b.example, a.example]`), answer: Equivalent},
		"other server names":      {left: web(`, serverNames: [a.example]`), right: web(`, serverNames: [b.example]`), answer: Unknown},
		"both ends":               {left: web(get) + "---" + strings.Replace(toDB(`{ports: [{port: "80", protocol: TCP}]`+get+`}`), "name: web", "name: out", 1), right: web(get) + "---" + strings.Replace(toDB(`{ports: [{port: "80", protocol: TCP}]`+get+`}`), "name: web", "name: out", 1), answer: Equivalent},

		"DNS":                 {left: toDB(`{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchName: a.example}, {matchPattern: "*.b.example"}]}}`), right: toDB(`{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "*.b.example."}, {matchPattern: "A.example"}]}}`), answer: Equivalent},
		"a DNS name more":     {left: toDB(`{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "*.b.example"}]}}`), right: toDB(`{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "**.b.example"}]}}`), answer: More, example: "x.x.b.example."},
		"every DNS name":      {left: toDB(`{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "*"}]}}`), right: toDB(`{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchName: a.example}]}}`), answer: Less, example: "."},
		"DNS in two elements": {left: toDB(`{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchName: a.example}]}}, {ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchName: b.example}]}}`), right: toDB(`{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchName: b.example}, {matchName: a.example}]}}`), answer: Equivalent},

		"Calico":                   {left: calicoWeb(", http: {methods: [GET, HEAD]}"), right: calicoWeb(", http: {methods: [HEAD]}", ", http: {methods: [GET]}"), answer: Equivalent},
		"Calico, any method":       {left: calicoWeb(`, http: {methods: ["*"]}`), right: calicoWeb(""), answer: Equivalent},
		"Calico, no more fields":   {left: calicoWeb(", http: {}"), right: calicoWeb(""), answer: Equivalent},
		"Calico, the port as well": {left: calicoWeb(", http: {methods: [GET]}", ""), right: calicoWeb(""), answer: Equivalent},
		"Calico, a path":           {left: calicoWeb(", http: {paths: [{exact: /a}]}"), right: calicoWeb(", http: {paths: [{prefix: /a}]}"), answer: More, example: "GET /ax"},
		"Calico without sidecars":  {left: calicoWeb(", http: {methods: [GET]}"), right: calicoWeb(""), answer: Equivalent, noSidecars: true},

		"Calico and Cilium":            {left: calicoWeb(", http: {methods: [GET], paths: [{exact: /a.b}]}"), right: web(`, rules: {http: [{method: GET, path: '/a\.b([?#].*)?'}]}`), answer: Equivalent},
		"Calico and a bare path":       {left: calicoWeb(", http: {methods: [GET], paths: [{exact: /a}]}"), right: web(`, rules: {http: [{method: GET, path: /a}]}`), answer: Less, example: "GET /a?"},
		"a prefix of text":             {left: calicoWeb(", http: {paths: [{prefix: /a}]}"), right: web(`, rules: {http: [{path: "/a.*"}]}`), answer: Equivalent},
		"a prefix of segments":         {left: calicoWeb(", http: {paths: [{prefix: /a}]}"), right: web(`, rules: {http: [{path: "/a"}, {path: "/a[/?#].*"}]}`), answer: Equivalent, version: "3.32.1"},
		"a slash at the end":           {left: calicoWeb(", http: {paths: [{exact: /a}]}"), right: web(`, rules: {http: [{path: '/a([?#].*)?'}]}`), answer: Less, example: "GET /a/", version: "3.31.6"},
		"a slash that is said":         {left: calicoWeb(", http: {paths: [{exact: /a/}]}"), right: web(`, rules: {http: [{path: '/a/?([?#].*)?'}]}`), answer: Equivalent, version: "3.32.0"},
		"a prefix with a slash":        {left: calicoWeb(", http: {paths: [{prefix: /a/}]}"), right: web(`, rules: {http: [{path: '/a/.*'}]}`), answer: Less, example: "GET /a", version: "3.32.1"},
		"a prefix before 3.31.6":       {left: calicoWeb(", http: {paths: [{prefix: /a/}]}"), right: web(`, rules: {http: [{path: '/a/.*'}]}`), answer: Equivalent, version: "3.31.5"},
		"every normal path":            {left: calicoWeb(", http: {paths: [{prefix: /}]}"), right: web(""), answer: Equivalent, version: "3.32.1"},
		"a path to be normalised":      {left: calicoWeb(", http: {paths: [{exact: /a/../b}]}"), right: web(`, rules: {http: [{path: '/b/?([?#].*)?'}]}`), answer: Equivalent, version: "3.32.1"},
		"a path as it was written":     {left: calicoWeb(", http: {paths: [{exact: /a/../b}]}"), right: web(`, rules: {http: [{path: '/a/[.][.]/b([?#].*)?'}]}`), answer: Less, example: "GET /b", version: "3.32.1"},
		"parameters and escapes":       {left: calicoWeb(", http: {paths: [{exact: //%62;x=1/.}]}"), right: web(`, rules: {http: [{path: '/b/?([?#].*)?'}]}`), answer: Equivalent, version: "3.32.1"},
		"an escape that stays":         {left: calicoWeb(", http: {paths: [{exact: /a%20b}]}"), right: web(`, rules: {http: [{path: '/a%20b([?#].*)?'}]}`), answer: Unknown, version: "3.32.1"},
		"a path that is skipped":       {left: calicoWeb(", http: {paths: [{exact: /%zz}, {exact: /b}, {exact: /%252e}]}"), right: web(`, rules: {http: [{path: '/b/?([?#].*)?'}]}`), answer: Equivalent, version: "3.32.1"},
		"a prefix that is skipped":     {left: calicoWeb(", http: {paths: [{prefix: /a%00}]}"), right: web(get), answer: More, example: "GET /", version: "3.32.1"},
		"a path that is no other yet":  {left: calicoWeb(", http: {paths: [{exact: /a/../b}]}"), right: web(`, rules: {http: [{path: '/a/[.][.]/b([?#].*)?'}]}`), answer: Equivalent, version: "3.31.5"},
		"Calico that nothing enforces": {left: calicoWeb(", http: {methods: [GET]}"), right: web(get), answer: Less, example: "POST /", noSidecars: true},
	} {
		t.Run(name, func(t *testing.T) {
			facts := castFacts(t)
			on := !c.noSidecars
			facts.Calico.ApplicationLayerPolicy, facts.Calico.Version, facts.Cilium.ClusterNetworkPolicy = &on, c.version, &on
			got, err := Compare(insideSide(t, c.left, facts), insideSide(t, c.right, facts), facts, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Answer != c.answer {
				t.Errorf("%s, want %s: %+v", got.Answer, c.answer, got.Differences)
			}
			if c.example != "" && (len(got.Differences) == 0 || got.Differences[0].Example != c.example) {
				t.Errorf("want the example %s: %+v", c.example, got.Differences)
			}
		})
	}
}

func insideSide(t *testing.T, text string, facts *cluster.Facts) *Side {
	t.Helper()
	judge := cilium.New
	if strings.Contains(text, "projectcalico.org") {
		judge = calico.New
	}
	s := side(t, text, facts, judge)
	if s == nil || len(s.Rejected()) > 0 {
		t.Fatalf("the set is not judged: %+v\n%s", s.Rejected(), text)
	}
	return s
}

// TestConsultInside: an engine that only knows that a proxy decides leaves it to the evaluator to say how.
func TestConsultInside(t *testing.T) {
	facts := castFacts(t)
	web := func(rule string) *Side {
		return insideSide(t, fromCart(`{ports: [{port: "80", protocol: TCP}], rules: {http: [`+rule+`]}}`), facts)
	}
	engine := func(s *Side) Oracle {
		return func(asked []verdict.Connection) ([]verdict.Verdict, error) {
			var out []verdict.Verdict
			for _, c := range asked {
				v, err := s.Judge.Judge(c)
				if err != nil {
					return nil, err
				}
				v.EgressWhen, v.IngressWhen = nil, nil
				out = append(out, v)
			}
			return out, nil
		}
	}
	for right, want := range map[string]Answer{"{method: GET}": Equivalent, "{method: '.*'}": More, "{method: PUT}": Incomparable} {
		a, b := web("{method: GET}"), web(right)
		got, err := Consult(a, b, engine(a), engine(b), func(left, right *Side) (*Result, error) {
			return Compare(left, right, facts, Options{})
		})
		if err != nil || got.Answer != want {
			t.Errorf("%s: %v, %+v, want %s", right, err, got, want)
		}
	}
}
