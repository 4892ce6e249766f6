package cilium

import (
	"testing"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

func inventory() *cluster.Facts {
	return &cluster.Facts{
		Complete:   true,
		Namespaces: map[string]*cluster.Namespace{"shop": {Name: "shop", Labels: map[string]string{"env": "prod"}}, "pay": {Name: "pay"}},
		ServiceAccounts: map[string]*cluster.ServiceAccount{
			"shop/web": {Namespace: "shop", Name: "web", Labels: map[string]string{"role": "front"}},
			"shop/db":  {Namespace: "shop", Name: "db"},
		},
		Pods: map[string]*cluster.Pod{
			"shop/web-0": {Namespace: "shop", Name: "web-0", Labels: map[string]string{"app": "web-a"}},
			"shop/web-1": {Namespace: "shop", Name: "web-1", Labels: map[string]string{"app": "web-b"}},
			"shop/db-0":  {Namespace: "shop", Name: "db-0", Labels: map[string]string{"app": "db"}},
			"shop/host":  {Namespace: "shop", Name: "host", Labels: map[string]string{"app": "web-host"}, HostNetwork: true},
		},
	}
}

func text(op selector.Operator, key, arg string) selector.Selector {
	return selector.WhereText(selector.Text{Key: podLabel(key), Op: op, Arg: arg})
}

func TestFitSelector(t *testing.T) {
	hasApp := selector.Where(podLabel("app"), selector.Exists())
	long := "a234567890123456789012345678901234567890"
	tests := []struct {
		name         string
		in           selector.Selector
		facts        *cluster.Facts
		lower, upper selector.Selector
		code         string
	}{
		{"plain", labelled("app", "web"), nil, labelled("app", "web"), labelled("app", "web"), ""},
		{"text", text(selector.StartsWith, "app", "web"), nil, none, hasApp, "string-operator"},
		{"text with inventory", text(selector.StartsWith, "app", "web"), inventory(),
			selector.Where(podLabel("app"), selector.In("web-a", "web-b")),
			selector.Where(podLabel("app"), selector.Exists().Intersect(selector.NotIn("db"))), "frozen"},
		{"negated text with inventory", text(selector.StartsWith, "app", "web").Not(), inventory(),
			selector.Where(podLabel("app"), selector.In("db").Union(selector.Absent())),
			selector.Where(podLabel("app"), selector.NotIn("web-a", "web-b")), "frozen"},
		{"one clause of two", labelled("app", "db").Or(text(selector.Contains, "app", "x")), nil, labelled("app", "db"), hasApp, "string-operator"},
		{"filtered label", labelled("pod-template-hash", "abc"), nil, none, all, "filtered-label"},
		{"filtered label, negative", selector.Where(podLabel("pod-template-hash"), selector.NotIn("abc")), nil, none, all, "filtered-label"},
		{"impossible key", labelled("projectcalico.org/a/b", "x"), nil, none, none, ""},
		{"impossible key, negative", selector.Where(podLabel("a/b/c"), selector.NotIn("x")), nil, all, all, ""},
		{"impossible value", selector.Where(podLabel("app"), selector.In("web", "no good")), nil, labelled("app", "web"), labelled("app", "web"), ""},
		{"impossible namespace", inNamespace("${ns}"), nil, none, none, ""},
		{"service account label", selector.Where(selector.Key{Kind: selector.ServiceAccountLabel, Name: "role"}, selector.In("front")),
			nil, none, all, "service-account-labels"},
		{"service account label with inventory",
			inNamespace("shop").And(selector.Where(selector.Key{Kind: selector.ServiceAccountLabel, Name: "role"}, selector.In("front"))),
			inventory(),
			inNamespace("shop").And(selector.Where(serviceAccountName, selector.In("web"))),
			inNamespace("shop").And(selector.Where(serviceAccountName, selector.NotIn("db"))), "frozen"},
		{"namespace label too long for an identity", selector.Where(selector.Key{Kind: selector.NamespaceLabel, Name: long}, selector.Exists()),
			nil, none, all, "filtered-label"},
		{"namespace label too long, with inventory", selector.Where(selector.Key{Kind: selector.NamespaceLabel, Name: long}, selector.Absent()),
			inventory(), inNamespace("pay", "shop"), all, "frozen"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDialect(newEnv(compat.Cilium, tt.facts), compat.Newest(compat.Cilium))
			f := d.fitSelector(tt.in, model.PodSubjects)
			if f.lower.String() != tt.lower.String() || f.upper.String() != tt.upper.String() {
				t.Errorf("got %s .. %s, want %s .. %s", f.lower, f.upper, tt.lower, tt.upper)
			}
			code := ""
			if len(f.why) > 0 {
				code = f.why[0].code.Name
			}
			if code != tt.code {
				t.Errorf("reason %q, want %q", code, tt.code)
			}
		})
	}
}

func TestFitTraffic(t *testing.T) {
	echo := traffic.ICMPMessages(4, traffic.ICMPType(8))
	on, off := true, false
	tests := []struct {
		name         string
		in           traffic.Set
		extended     *bool
		lower, upper traffic.Set
		code         string
		dropped      bool
	}{
		{"all", traffic.All(), nil, traffic.All(), traffic.All(), "", false},
		{"echo", echo, nil, echo, echo, "", false},
		{"echo with code", traffic.ICMPMessages(4, traffic.ICMPTypeCode(8, 0)), nil, traffic.Set{}, echo, "icmp-code", false},
		{"type zero", traffic.ICMPMessages(4, traffic.ICMPType(0)), nil, traffic.Set{}, traffic.Protocol(traffic.ProtoICMP), "icmp-type-zero", false},
		{"GRE", traffic.Protocol(47), nil, traffic.Set{}, traffic.Protocol(47), "setting", false},
		{"GRE, not extended", traffic.Protocol(47), &off, traffic.Set{}, traffic.Set{}, "protocol", true},
		{"GRE, extended", traffic.Protocol(47), &on, traffic.Protocol(47), traffic.Protocol(47), "", false},
		{"unnamed, extended", traffic.Protocol(99), &on, traffic.Set{}, traffic.All(), "protocol", false},
		{"UDPLite", traffic.PortsOfProtocol(traffic.ProtoUDPLite, traffic.PortsOf(traffic.Range{First: 1, Last: 9})), nil,
			traffic.Set{}, traffic.All(), "protocol", false},
		{"UDPLite, not extended", traffic.PortsOfProtocol(traffic.ProtoUDPLite, traffic.PortsOf(traffic.Range{First: 1, Last: 9})), &off,
			traffic.Set{}, traffic.Set{}, "protocol", true},
		{"all but TCP", traffic.All().Subtract(traffic.Protocol(traffic.ProtoTCP)), nil,
			traffic.Protocol(traffic.ProtoUDP, traffic.ProtoSCTP, traffic.ProtoICMP, traffic.ProtoICMPv6), traffic.All(), "protocol-complement", false},
		{"all but TCP, not extended", traffic.All().Subtract(traffic.Protocol(traffic.ProtoTCP)), &off,
			traffic.Protocol(traffic.ProtoUDP, traffic.ProtoSCTP, traffic.ProtoICMP, traffic.ProtoICMPv6),
			traffic.Protocol(traffic.ProtoUDP, traffic.ProtoSCTP, traffic.ProtoICMP, traffic.ProtoICMPv6), "protocol-complement", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnv(compat.Cilium, &cluster.Facts{Cilium: cluster.CiliumSettings{ExtendedProtocols: tt.extended}})
			f := newDialect(e, e.Target).fitTraffic(tt.in)
			if !f.lower.Equal(tt.lower) || !f.upper.Equal(tt.upper) {
				t.Errorf("got %s .. %s, want %s .. %s", f.lower, f.upper, tt.lower, tt.upper)
			}
			if (len(f.why) > 0) != (tt.code != "") || len(f.why) > 0 && (f.why[0].code.Name != tt.code || f.why[0].dropped != tt.dropped) {
				t.Errorf("reasons %v, want %q", f.why, tt.code)
			}
		})
	}
}

// oneRule is a set of one policy with one egress rule.
func oneRule(a model.Action, b model.Box) (*model.Set, *model.Policy, *model.Rule) {
	r := &model.Rule{Action: a, Matches: []model.Box{b}}
	p := &model.Policy{Subject: inNamespace("shop"), Unchanged: true}
	p.Sections[model.Egress] = &model.Section{Isolates: true, Rules: []*model.Rule{r}}
	return &model.Set{Tiers: []*model.Tier{{Policies: []*model.Policy{p}}}}, p, r
}

func TestFitRule(t *testing.T) {
	tests := []struct {
		name      string
		action    model.Action
		box       model.Box
		sure      string
		doubts    string
		findings  string
		unchanged bool
	}{
		{"plain", model.Allow, model.Box{Subject: all, Peer: model.World(cidr.All4()), Traffic: tcp(443)},
			"all | outside 0.0.0.0/0 | TCP 443", "", "", true},
		{"allow with code", model.Allow, model.Box{Subject: all, Peer: model.Anyone(), Traffic: traffic.ICMPMessages(4, traffic.ICMPTypeCode(3, 1))},
			"", "all | anyone | ICMP types [3]", "icmp-code narrows", false},
		{"deny of a protocol that may be dropped", model.Deny, model.Box{Subject: all, Peer: model.Anyone(), Traffic: traffic.Protocol(47)},
			"", "all | anyone | 47", "", false},
		{"nodes by label", model.Deny, model.Box{Subject: all, Traffic: traffic.All(),
			Peer: model.Peer{Nodes: selector.Where(selector.Key{Kind: selector.NodeLabel, Name: "zone"}, selector.In("a"))}},
			"", "all | nodes (all) | all traffic", "node-labels narrows", false},
		{"named port of pods", model.Allow, model.Box{Subject: all, Peer: model.Anyone(), Traffic: traffic.Protocol(traffic.ProtoTCP),
			Named: []model.NamedPort{{Protocol: traffic.ProtoTCP, Name: "http"}}},
			"all | pods (all) | TCP | TCP http", "", "", true},
		{"port name that no container can have", model.Allow, model.Box{Subject: all, Peer: model.Anyone(), Traffic: traffic.Protocol(traffic.ProtoTCP),
			Named: []model.NamedPort{{Protocol: traffic.ProtoTCP, Name: "a-name-that-is-too-long"}}}, "", "", "selects-nothing inert", true},
		{"http deny", model.Deny, model.Box{Subject: all, Peer: model.Anyone(), Traffic: tcp(80), HTTP: []model.HTTPMatch{{Method: "GET"}}},
			"", "all | anyone | TCP 80", "layer-7 narrows", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnv(compat.Cilium, nil)
			set, p, r := oneRule(tt.action, tt.box)
			Fit(set, e)
			sure, doubts := "", ""
			for _, b := range r.Matches {
				sure += b.String()
			}
			for _, d := range r.Doubts {
				doubts += d.Box.String()
			}
			if sure != tt.sure || doubts != tt.doubts {
				t.Errorf("got %q and %q, want %q and %q", sure, doubts, tt.sure, tt.doubts)
			}
			if got := codesOf(e); got != tt.findings {
				t.Errorf("findings %q, want %q", got, tt.findings)
			}
			if p.Unchanged != tt.unchanged {
				t.Errorf("unchanged %v", p.Unchanged)
			}
		})
	}
}

func TestFitSubject(t *testing.T) {
	e := newEnv(compat.Cilium, nil)
	set, p, _ := oneRule(model.Allow, model.Everything())
	p.Subject = inNamespace("shop").And(text(selector.EndsWith, "app", "-web"))
	Fit(set, e)
	maybe := inNamespace("shop").And(selector.Where(podLabel("app"), selector.Exists()))
	if !p.Subject.IsNone() || p.MaybeSubject.String() != maybe.String() {
		t.Errorf("got %s, maybe %s", p.Subject, p.MaybeSubject)
	}
	if got := codesOf(e); got != "subject-unsure narrows" {
		t.Errorf("findings %q", got)
	}
}

func TestFitHostPolicy(t *testing.T) {
	for _, on := range []bool{false, true} {
		e := newEnv(compat.Cilium, &cluster.Facts{Cilium: cluster.CiliumSettings{HostFirewall: &on}})
		set, p, _ := oneRule(model.Allow, model.Everything())
		p.Class, p.Subject = model.HostSubjects, selector.Where(selector.Key{Kind: selector.NodeLabel, Name: "tier"}, selector.In("edge"))
		Fit(set, e)
		if p.Subject.IsNone() == on {
			t.Errorf("host firewall %v: subject %s", on, p.Subject)
		}
		if got := codesOf(e); (got == "host-policy opens") == on {
			t.Errorf("host firewall %v: findings %q", on, got)
		}
	}
}

func TestLabelFilter(t *testing.T) {
	tests := []struct {
		minor   int
		setting string
		key     string
		kept    bool
	}{
		{20, "", "app", true},
		{20, "", "k8s-app", true},
		{20, "", "k8s.io/app", false},
		{20, "", "app.kubernetes.io/name", true},
		{20, "", "controller-uid-foo", false},
		{20, "", "kubernetes.io/os", false},
		{20, "", "node-role.kubernetes.io/control-plane", true},
		{20, "", "io.cilium.k8s.anything", false},
		{20, "", "topology.kubernetes.io/zone", false},
		{18, "", "topology.kubernetes.io/zone", true},
		{20, "k8s:app", "app", true},
		{20, "k8s:app", "team", false},
		{20, "k8s:!team", "team", false},
		{20, "k8s:!team", "app", true},
	}
	for _, tt := range tests {
		f := newLabelFilter(compat.Version{Major: 1, Minor: tt.minor}, tt.setting)
		if got := f.sees(podLabel(tt.key)); got != tt.kept {
			t.Errorf("1.%d %q: sees %s: %v", tt.minor, tt.setting, tt.key, got)
		}
	}
}

func TestFitSettings(t *testing.T) {
	yes := true
	host := inNamespace("shop").And(labelled("host", "a"))
	tests := []struct {
		name     string
		facts    cluster.Facts
		version  compat.Version
		subject  selector.Selector
		findings string
	}{
		{"default", cluster.Facts{}, compat.Version{Major: 1, Minor: 20, Patch: 1}, inNamespace("shop"), ""},
		{"never", cluster.Facts{Cilium: cluster.CiliumSettings{EnforcementMode: "never"}}, compat.Version{Major: 1, Minor: 20}, inNamespace("shop"), "setting opens"},
		{"always", cluster.Facts{Cilium: cluster.CiliumSettings{EnforcementMode: "always"}}, compat.Version{Major: 1, Minor: 20}, inNamespace("shop"), "setting narrows"},
		{"label called host", cluster.Facts{}, compat.Version{Major: 1, Minor: 20, Patch: 1}, host, "setting opens"},
		{"label called host, fixed", cluster.Facts{}, compat.Version{Major: 1, Minor: 20, Patch: 2}, host, ""},
		{"label called host, host firewall", cluster.Facts{Cilium: cluster.CiliumSettings{HostFirewall: &yes}}, compat.Version{Major: 1, Minor: 20}, host, ""},
		{"pod with a label called host", cluster.Facts{Pods: map[string]*cluster.Pod{"shop/a": {Namespace: "shop", Labels: map[string]string{"host": ""}}}},
			compat.Version{Major: 1, Minor: 19}, inNamespace("shop"), "setting opens"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnv(compat.Cilium, &tt.facts)
			e.Target.Version = tt.version
			set, p, _ := oneRule(model.Allow, model.Everything())
			p.Subject = tt.subject
			Fit(set, e)
			if got := codesOf(e); got != tt.findings {
				t.Errorf("findings %q, want %q", got, tt.findings)
			}
		})
	}
}

func TestFitBlocksThatAreMisread(t *testing.T) {
	for minor, unchanged := range map[int]bool{17: true, 19: false, 20: true} {
		e := newEnv(compat.Cilium, nil)
		e.Target.Version = compat.Version{Major: 1, Minor: minor}
		set, p, _ := oneRule(model.Allow, model.Box{Subject: all, Peer: model.World(cidr.MustParse("192.0.2.0/24")), Traffic: traffic.All()})
		p.Object.APIVersion = "networking.k8s.io/v1"
		Fit(set, e)
		if p.Unchanged != unchanged {
			t.Errorf("1.%d: unchanged %v", minor, p.Unchanged)
		}
	}
}

func TestFitNamedPortsBeforePerIdentityResolution(t *testing.T) {
	pod := func(port uint16) *cluster.Pod {
		return &cluster.Pod{Namespace: "shop", Ports: []cluster.NamedPort{{Name: "http", Protocol: "TCP", Port: port}}}
	}
	tests := []struct {
		name   string
		minor  int
		facts  *cluster.Facts
		doubts int
	}{
		{"1.20", 20, nil, 0},
		{"1.19", 19, nil, 1},
		{"1.19, one number", 19, &cluster.Facts{Complete: true, Pods: map[string]*cluster.Pod{"shop/a": pod(80), "shop/b": pod(80)}}, 0},
		{"1.19, two numbers", 19, &cluster.Facts{Complete: true, Pods: map[string]*cluster.Pod{"shop/a": pod(80), "shop/b": pod(81)}}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnv(compat.Cilium, tt.facts)
			e.Target.Version.Minor = tt.minor
			set, _, r := oneRule(model.Deny, model.Box{Subject: all, Peer: model.Pods(all), Traffic: traffic.Protocol(traffic.ProtoTCP),
				Named: []model.NamedPort{{Protocol: traffic.ProtoTCP, Name: "http"}}})
			Fit(set, e)
			if len(r.Doubts) != tt.doubts || len(r.Doubts) > 0 && len(r.Doubts[0].Box.Named) > 0 {
				t.Errorf("doubts %v", r.Doubts)
			}
		})
	}
}

func TestFitSCTP(t *testing.T) {
	for _, tt := range []struct {
		facts    cluster.CiliumSettings
		in       traffic.Set
		findings string
	}{
		{cluster.CiliumSettings{}, traffic.Protocol(traffic.ProtoSCTP), "setting narrows"},
		{cluster.CiliumSettings{SCTP: yes()}, traffic.Protocol(traffic.ProtoSCTP), ""},
		{cluster.CiliumSettings{}, traffic.All(), ""},
		{cluster.CiliumSettings{}, tcp(80), ""},
	} {
		e := newEnv(compat.Cilium, &cluster.Facts{Cilium: tt.facts})
		set, _, _ := oneRule(model.Allow, model.Box{Subject: all, Peer: model.Anyone(), Traffic: tt.in})
		Fit(set, e)
		if got := codesOf(e); got != tt.findings {
			t.Errorf("%s: findings %q, want %q", tt.in, got, tt.findings)
		}
	}
}
