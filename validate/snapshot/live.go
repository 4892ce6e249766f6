package snapshot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// Options say how a live cluster is read.
type Options struct {
	// Context is the name of the cluster for people.
	Context string
	// Namespaces confine what is read; empty for all.
	Namespaces []string
	// PageSize is the number of objects that are asked for at a time; 0 means 500.
	PageSize int64
	// Pause is how long to wait before a request is first repeated; 0 means half a second.
	Pause time.Duration
	// Progress, if it is not nil, is told what is read.
	Progress Progress
}

// FromCluster takes a snapshot of a live cluster, with get and list only. The error says that the cluster cannot be read
// at all; a kind that cannot be read is a finding.
func FromCluster(ctx context.Context, config *rest.Config, opt Options) (*Snapshot, error) {
	if opt.PageSize == 0 {
		opt.PageSize = 500
	}
	if opt.Pause == 0 {
		opt.Pause = time.Second / 2
	}
	opt.Namespaces = slices.Compact(slices.Sorted(slices.Values(opt.Namespaces)))
	c, err := connect(ctx, config, opt.Pause)
	if err != nil {
		return nil, err
	}
	l := &live{connection: c, opt: opt, Snapshot: &Snapshot{Spec: IndexSpec{
		Taken: now(), Context: opt.Context, Kubernetes: c.kubernetes, Namespaces: opt.Namespaces,
	}}}
	if err := l.read(ctx); err != nil {
		return nil, err
	}
	sortObjects(l.Objects)
	l.Spec.sort()
	l.judgeCNIs()
	return l.Snapshot, nil
}

// live is a snapshot that is being read from a cluster.
type live struct {
	*connection
	*Snapshot
	opt      Options
	served   *served
	versions versions
	// step is what is being read.
	step    Step
	lacking []lack
}

func (l *live) read(ctx context.Context) error {
	var err error
	if l.served, err = l.discover(ctx, append(slices.Clone(resources), daemonSets)); err != nil {
		return err
	}
	calico, err := l.calicoGroup(ctx)
	if err != nil {
		return err
	}
	l.Spec.Complete = len(l.opt.Namespaces) == 0
	var wanted []*Resource
	for _, r := range resources {
		if version, _ := l.served.version(r); version != "" && (r.Group != calicoGroup && r.Group != calicoStore || r.Group == calico) {
			wanted = append(wanted, r)
		}
	}
	for i, r := range wanted {
		l.step = Step{Resource: r.FullName(), Kind: i + 1, Kinds: len(wanted)}
		if err := l.resource(ctx, r); err != nil {
			return err
		}
	}
	if err := l.agents(ctx); err != nil {
		return err
	}
	l.reportMissing()
	l.Spec.Calico, l.Spec.Cilium = l.versions.found()
	return nil
}

// resource reads one kind that the cluster knows. That it cannot be read is a finding; an end of the context is an error.
func (l *live) resource(ctx context.Context, r *Resource) error {
	version, err := l.served.version(r)
	read := Read{Resource: r.FullName(), APIVersion: r.apiVersion(version), Kind: r.Kind}
	if err == nil {
		err = l.lists(ctx, r, version, &read)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*noNamespace)):
		return err
	case err != nil:
		l.missing(r, &read, err)
	}
	l.Spec.Resources = append(l.Spec.Resources, read)
	return nil
}

// lists reads a kind in all namespaces, or in those that are asked for.
func (l *live) lists(ctx context.Context, r *Resource, version string, read *Read) error {
	questions := []question{{resource: r, version: version}}
	switch {
	case len(l.opt.Namespaces) == 0:
	case r.Namespaced:
		questions = nil
		for _, ns := range l.opt.Namespaces {
			questions = append(questions, question{resource: r, version: version, namespace: ns})
		}
	case r.Name == "namespaces":
		return l.named(ctx, r, version, read)
	}
	for _, q := range questions {
		objects, resourceVersion, err := l.list(ctx, q, l.opt.PageSize, func(n, of int) {
			if l.step.Read, l.step.Of = read.Objects+n, read.Objects+of; of < 0 {
				l.step.Of = -1
			}
			if l.opt.Progress != nil {
				l.opt.Progress(l.step)
			}
		})
		if err != nil {
			return err
		}
		l.keep(objects)
		read.Objects += len(objects)
		read.ResourceVersion = resourceVersion
	}
	return nil
}

// named reads the namespaces that are asked for, which needs less permission than to list them.
func (l *live) named(ctx context.Context, r *Resource, version string, read *Read) error {
	for _, name := range l.opt.Namespaces {
		o, err := l.object(ctx, r, version, "", name)
		if apierrors.IsNotFound(err) {
			return &noNamespace{name}
		}
		if err != nil {
			return err
		}
		l.keep([]Object{*o})
		read.Objects++
	}
	return nil
}

// noNamespace is the error for a namespace that is asked for and that the cluster does not have.
type noNamespace struct{ name string }

func (e *noNamespace) Error() string { return fmt.Sprintf("the cluster has no namespace %q", e.name) }

// object gets one object.
func (l *live) object(ctx context.Context, r *Resource, version, namespace, name string) (*Object, error) {
	on := l.dynamic.Resource(schema.GroupVersionResource{Group: r.Group, Version: version, Resource: r.Name})
	var out *Object
	err := l.persist(ctx, func() error {
		get := on.Get
		if namespace != "" {
			get = on.Namespace(namespace).Get
		}
		u, err := get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		o, err := newObject(r, u.Object)
		out = &o
		return err
	})
	return out, err
}

func (l *live) keep(objects []Object) { l.Objects = append(l.Objects, objects...) }
