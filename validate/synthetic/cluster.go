package synthetic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
)

// Name is the name of the file in which the objects of a synthetic cluster are said to stand.
const Name = "synthetic cluster"

// everywhere is the number of pods up to which every set of labels is tried in every namespace. Beyond it, labels are
// tried in the namespaces of the policies that name them and in a few others.
const everywhere = 600

// The ranges from which pods and nodes take their addresses, unless others are given.
const podRange, nodeRange = "10.244.0.0/16", "192.168.10.0/24"

// Cluster makes the objects of a cluster for the policies.
func Cluster(policies ...[]*source.Document) ([]*source.Document, error) {
	return Around(nil, &cluster.Facts{}, policies...)
}

func (b *builder) build(policies [][]*source.Document) ([]*source.Document, error) {
	v := newVocabulary()
	for _, docs := range policies {
		for _, doc := range docs {
			if err := v.read(doc); err != nil {
				return nil, fmt.Errorf("%s: %w", doc.Pos, err)
			}
		}
	}
	b.vocabulary = v
	b.nodes()
	b.spacesFor()
	b.podsFor()
	if b.err != nil {
		return nil, b.err
	}
	docs, problems := source.ReadBytes(Name, b.text.Bytes(), source.Options{})
	if problems.Len() > 0 {
		return nil, fmt.Errorf("the synthetic cluster cannot be read: %v", problems.All()[0])
	}
	return docs, nil
}

type object = map[string]any

// builder writes the cluster.
type builder struct {
	*vocabulary
	// given are the objects that are there already, by kind and name, and statement the ClusterFacts among them.
	given     map[string]bool
	statement object
	facts     *cluster.Facts

	text  bytes.Buffer
	homes []string // of pods: nodes
	names []string // of namespaces
	count int      // of pods
	kinds []podKind
	err   error
}

// add writes an object, unless there is one of its name.
func (b *builder) add(o object) {
	if m, ok := o["metadata"].(object); ok {
		namespace, _ := m["namespace"].(string)
		if b.given[fmt.Sprint(o["kind"], " ", namespace, "/", m["name"])] {
			return
		}
	}
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // maps of strings and numbers always marshal
	}
	b.text.WriteString("---\n")
	b.text.Write(text)
	b.text.WriteByte('\n')
}

// apiServer adds the Service by which policies name the API server, with the servers that are stated behind it.
func (b *builder) apiServer() {
	addresses, port, family := []string{"192.168.10.1"}, 6443, "IPv4"
	if servers := b.facts.APIServers; len(servers) > 0 {
		addresses, port = nil, int(servers[0].Port())
		if servers[0].Addr().Is6() {
			family = "IPv6"
		}
		for _, s := range servers {
			if s.Addr().Is6() == servers[0].Addr().Is6() {
				addresses = append(addresses, s.Addr().String())
			}
		}
	}
	b.add(object{"apiVersion": "v1", "kind": "Service", "metadata": object{"name": "kubernetes", "namespace": "default"},
		"spec": object{"ports": []object{{"name": "https", "port": 443, "targetPort": port}}}})
	b.add(object{"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": family,
		"metadata":  object{"name": "kubernetes", "namespace": "default", "labels": object{"kubernetes.io/service-name": "kubernetes"}},
		"ports":     []object{{"name": "https", "port": port, "protocol": "TCP"}},
		"endpoints": []object{{"addresses": addresses, "conditions": object{"ready": true}}},
	})
}

// nodes adds two nodes, if none is given, and the ranges from which a cluster like kubeadm's takes its addresses.
func (b *builder) nodes() {
	b.state(object{
		"podCIDRs": []string{podRange}, "serviceCIDRs": []string{"10.96.0.0/12"}, "nodeCIDRs": []string{nodeRange},
		"apiServers": []string{"192.168.10.1:6443"}, "complete": true,
	})
	b.apiServer()
	if b.homes = slices.Sorted(maps.Keys(b.facts.Nodes)); len(b.homes) > 0 {
		return
	}
	for i := 1; i <= 2; i++ {
		name := fmt.Sprintf("node-%d", i)
		b.homes = append(b.homes, name)
		address, _ := nth(i, b.facts.NodeCIDRs, nodeRange)
		b.add(object{"apiVersion": "v1", "kind": "Node",
			"metadata": object{"name": name, "labels": object{"kubernetes.io/hostname": name}},
			"status":   object{"addresses": []object{{"type": "InternalIP", "address": address.String()}}},
		})
	}
}

// spacesFor adds the namespaces that are named, one for each set of labels that is asked for, and one with none.
func (b *builder) spacesFor() {
	add := func(name string, of labels) {
		if b.facts.KnowsNamespaces() {
			return // those that are given are all there are
		}
		all := maps.Clone(of)
		if all == nil {
			all = labels{}
		}
		all["kubernetes.io/metadata.name"] = name
		b.add(object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": name, "labels": all}})
		b.names = append(b.names, name)
	}
	b.namespaces["default"] = true
	for _, name := range slices.Sorted(maps.Keys(b.namespaces)) {
		if validName(name) {
			add(name, nil)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.facts.Namespaces)) {
		if !slices.Contains(b.names, name) {
			b.names = append(b.names, name)
		}
	}
	for i, w := range b.spaces {
		add(fmt.Sprintf("synthetic-%d", i+1), w.labels)
	}
	add("synthetic-elsewhere", nil)
}

// podsFor adds pods: in each namespace one without labels and one for each set of labels. Service accounts get pods of
// their own in the namespace default. Then each gets a twin on its node: a pod that speaks with itself is no traffic that
// policy sees, so one of a kind would not show what its kind may say to itself.
func (b *builder) podsFor() {
	b.firstPods()
	for _, p := range b.kinds {
		b.pod(p.namespace, p.name+"-twin", p.labels, p.account, p.home)
	}
}

// podKind is a pod that is to have a twin.
type podKind struct {
	namespace, name string
	labels          labels
	account, home   string
}

// first adds the first pod of a kind.
func (b *builder) first(namespace, name string, of labels, account string) {
	home := b.homes[(b.count+1)%len(b.homes)]
	b.pod(namespace, name, of, account, home)
	b.kinds = append(b.kinds, podKind{namespace, name, of, account, home})
}

func (b *builder) firstPods() {
	spread := len(b.names)*len(b.pods) > everywhere
	for i, ns := range b.names {
		b.first(ns, "bare", nil, "")
		for k, w := range b.pods {
			if !spread || w.homes[ns] || (i+k)%len(b.names) < 2 {
				b.first(ns, fmt.Sprintf("pod-%d", k+1), w.labels, "")
			}
		}
		for k, name := range slices.Sorted(maps.Keys(b.vocabulary.names)) {
			if !spread || k%len(b.names) == i {
				b.first(ns, fmt.Sprintf("account-%d", k+1), nil, name)
			}
		}
	}
	if b.facts.Complete && b.facts.ServiceAccounts != nil {
		return
	}
	for k, w := range b.accounts {
		name := fmt.Sprintf("synthetic-%d", k+1)
		b.add(object{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": object{"name": name, "namespace": "default", "labels": w.labels}})
		b.first("default", "labelled-"+name, nil, name)
	}
}

// pod adds a running pod with the next address. Every port name that policies use means a port of it.
func (b *builder) pod(namespace, name string, of labels, account, home string) {
	b.count++
	at, ok := nth(b.count, b.facts.PodCIDRs, podRange)
	if !ok {
		b.err = fmt.Errorf("the ranges of pods that are given have no room for %d pods, which the policies ask for", b.count)
		return
	}
	address := at.String()
	if account == "" {
		account = "default"
	}
	var ports []object
	for i, port := range slices.Sorted(maps.Keys(b.ports)) {
		if len(port) <= 15 {
			ports = append(ports, object{"name": port, "containerPort": 10000 + i})
		}
	}
	b.add(object{"apiVersion": "v1", "kind": "Pod",
		"metadata": object{"name": name, "namespace": namespace, "labels": of},
		"spec": object{"nodeName": home, "serviceAccountName": account,
			"containers": []object{{"name": "c", "ports": ports}}},
		"status": object{"phase": "Running", "podIP": address, "podIPs": []object{{"ip": address}}},
	})
}

// validName reports whether a namespace can be called so.
func validName(name string) bool {
	return name != "" && len(name) <= 63 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && name[0] != '-' && name[len(name)-1] != '-'
}
