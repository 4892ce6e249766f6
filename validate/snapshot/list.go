package snapshot

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// question is one list of objects.
type question struct {
	resource  *Resource
	version   string
	namespace string
	// name confines the list to objects of that name.
	name string
}

// restarts is how often a list is begun again because its pages have expired, before it is asked for in one piece.
const restarts = 3

// list reads a list page by page. All pages show the state at one resource version, which it returns: no resource
// version is asked for, so the first page shows the latest state, never an older one of a cache. If the server has
// forgotten that state before the last page (410), the list is begun again; in the end it is asked for without pages.
func (c *connection) list(ctx context.Context, q question, pageSize int64, told func(read, of int)) (objects []Object, resourceVersion string, err error) {
	for n := 0; ; n++ {
		if n == restarts {
			pageSize = 0
		}
		objects, resourceVersion, err = c.pages(ctx, q, pageSize, told)
		if !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err) || n == restarts {
			return objects, resourceVersion, err
		}
	}
}

func (c *connection) pages(ctx context.Context, q question, pageSize int64, told func(read, of int)) (objects []Object, resourceVersion string, err error) {
	on := c.dynamic.Resource(schema.GroupVersionResource{Group: q.resource.Group, Version: q.version, Resource: q.resource.Name})
	options := metav1.ListOptions{Limit: pageSize}
	if q.name != "" {
		options.FieldSelector = "metadata.name=" + q.name
	}
	for {
		var page *unstructured.UnstructuredList
		err := c.persist(ctx, func() (err error) {
			if q.namespace != "" {
				page, err = on.Namespace(q.namespace).List(ctx, options)
			} else {
				page, err = on.List(ctx, options)
			}
			return err
		})
		if err != nil {
			return nil, "", err
		}
		for i := range page.Items {
			o, err := newObject(q.resource, page.Items[i].Object)
			if err != nil {
				return nil, "", err
			}
			objects = append(objects, o)
		}
		options.Continue = page.GetContinue()
		told(len(objects), total(len(objects), page))
		if options.Continue == "" {
			return objects, page.GetResourceVersion(), nil
		}
	}
}

// total is how many objects a list has, after a page of it up to which so many were read; -1 if the server does not say.
func total(read int, page *unstructured.UnstructuredList) int {
	if remaining := page.GetRemainingItemCount(); remaining != nil {
		return read + int(*remaining)
	}
	if page.GetContinue() != "" {
		return -1
	}
	return read
}
