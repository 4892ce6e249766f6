package snapshot

import (
	"context"
	"encoding/json"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/policyferry/policyferry/translate/diag"
)

// daemonSets are asked for the agents alone, whose images tell the versions. They are not kept.
var daemonSets = &Resource{"apps", []string{"v1"}, "daemonsets", "DaemonSet", true, Fact}

// calicoGroup chooses the group in which Calico's objects are read. Its own agents read the custom resources behind the
// API, so they are what is enforced; and Calico's API server shows a user only the policies of those tiers that he may
// read, without a word about others. Where the custom resources are not used (with Calico's native v3 resources, or its
// own etcd) or may not be read, the API is what there is.
func (l *live) calicoGroup(ctx context.Context) (string, error) {
	tiers := func(group string) *Resource {
		i := slices.IndexFunc(resources, func(r *Resource) bool { return r.Group == group && r.Name == "tiers" })
		return resources[i]
	}
	store, storeErr := l.served.version(tiers(calicoStore))
	api, apiErr := l.served.version(tiers(calicoGroup))
	if store == "" || storeErr != nil {
		return calicoGroup, nil
	}
	if api == "" || apiErr != nil {
		return calicoStore, nil
	}
	// Every datastore of Calico has tiers.
	found, _, err := l.list(ctx, question{resource: tiers(calicoStore), version: store}, l.opt.PageSize, func(int, int) {})
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err == nil && len(found) > 0:
		return calicoStore, nil
	case apierrors.IsForbidden(err):
		l.Findings.Add(diag.NotPermitted.At(diag.Position{File: IndexFile}, diag.Object{}, "",
			"the custom resources of Calico (%s) may not be read, so its API is, which leaves out the policies of tiers that may not be read: %s", calicoStore, reason(err)).
			WithHint("allow get and list on %s (docs/snapshot.md has the ClusterRole), or make sure that every tier may be read", calicoStore))
	}
	return calicoGroup, nil
}

// agents reads the versions of the CNIs' agents and Cilium's settings, which lie where its agents run.
func (l *live) agents(ctx context.Context) error {
	for i := range l.Objects {
		if l.Objects[i].Kind == "ClusterInformation" {
			if err := l.version(l.Objects[i].JSON); err != nil {
				return err
			}
		}
	}
	places := []string{}
	if version, err := l.served.version(daemonSets); version != "" && err == nil {
		for _, name := range []string{"calico-node", "canal", "cilium"} {
			found, err := l.daemonSets(ctx, version, name)
			if err != nil {
				return err
			}
			if name == "cilium" {
				places = append(places, found...)
			}
		}
	}
	return l.ciliumConfig(ctx, append(places, "kube-system", "cilium"))
}

// daemonSets reads the version out of the DaemonSets with a name and tells their namespaces. One that may not be read
// leaves the version unknown, which is reported once all is read.
func (l *live) daemonSets(ctx context.Context, version, name string) (namespaces []string, err error) {
	asked := l.opt.Namespaces
	if len(asked) == 0 {
		asked = []string{""}
	}
	for _, ns := range append(slices.Clone(asked), "kube-system", "calico-system") {
		if ns != "" && asked[0] == "" {
			continue // it is among all
		}
		found, _, err := l.list(ctx, question{resource: daemonSets, version: version, namespace: ns, name: name}, l.opt.PageSize, func(int, int) {})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue
		}
		for _, o := range found {
			if err := l.version(o.JSON); err != nil {
				return nil, err
			}
			namespaces = append(namespaces, o.Namespace)
		}
	}
	return namespaces, nil
}

func (l *live) version(text []byte) error {
	var object fields
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	l.versions.read(object)
	return nil
}

// ciliumConfig reads the ConfigMap with Cilium's settings, and no other.
func (l *live) ciliumConfig(ctx context.Context, places []string) error {
	if _, err := l.served.version(ciliumResources[0]); err != nil || len(l.served.resources["cilium.io/v2"]) == 0 {
		return nil
	}
	r := resourceOf("v1", "ConfigMap")
	read := Read{Resource: r.FullName(), APIVersion: "v1", Kind: r.Kind}
	var refused error
	for _, ns := range slices.Compact(places) {
		o, err := l.object(ctx, r, "v1", ns, configMapName)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			l.keep([]Object{*o})
			read.Objects = 1
			l.Spec.Resources = append(l.Spec.Resources, read)
			return nil
		case !apierrors.IsNotFound(err) && refused == nil:
			refused = err
		}
	}
	if refused != nil {
		l.missing(r, &read, refused)
		l.Spec.Resources = append(l.Spec.Resources, read)
	}
	return nil
}
