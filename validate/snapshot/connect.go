package snapshot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Connect reads the kubeconfig as kubectl does: the file that is named, or KUBECONFIG, or ~/.kube/config, or the service
// account of the pod that this runs in. It returns the name of the context as well; empty in a pod.
func Connect(kubeconfig, kubeContext string) (config *rest.Config, name string, err error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: kubeContext})
	raw, err := loader.RawConfig()
	if err != nil {
		return nil, "", err
	}
	if name = raw.CurrentContext; kubeContext != "" {
		name = kubeContext
	}
	config, err = loader.ClientConfig()
	if err != nil {
		return nil, "", err
	}
	config.UserAgent = "policyferry-snapshot"
	// Requests go out one after the other, so there is nothing for the client to slow down.
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{}
	if config.Timeout == 0 {
		config.Timeout = 2 * time.Minute
	}
	return config, name, nil
}

// connection is an API server that answers.
type connection struct {
	raw     rest.Interface
	dynamic dynamic.Interface
	// pause is how long to wait before a request is sent again for the first time.
	pause time.Duration
	// kubernetes is the server's version.
	kubernetes string
}

func connect(ctx context.Context, config *rest.Config, pause time.Duration) (*connection, error) {
	d, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	plain := rest.CopyConfig(config)
	// The scheme knows the Status with which the server says why it refuses, and nothing else.
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	plain.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	raw, err := rest.UnversionedRESTClientFor(plain)
	if err != nil {
		return nil, err
	}
	c := &connection{raw: raw, dynamic: d, pause: pause}
	var version struct {
		GitVersion string `json:"gitVersion"`
	}
	switch err := c.get(ctx, "/version", &version); {
	case apierrors.IsUnauthorized(err):
		return nil, fmt.Errorf("the API server %s does not accept the credentials: %w", config.Host, err)
	case apierrors.IsForbidden(err): // and still there
	case err != nil:
		return nil, fmt.Errorf("the API server %s does not answer: %w", config.Host, err)
	}
	c.kubernetes = version.GitVersion
	return c, nil
}

// get reads a path that is no object: the version, or what a group serves.
func (c *connection) get(ctx context.Context, path string, into any) error {
	return c.persist(ctx, func() error {
		answer := c.raw.Get().AbsPath(path).SetHeader("Accept", "application/json").Do(ctx)
		if err := answer.Error(); err != nil { // Raw would tell the status and not the reason
			return err
		}
		text, err := answer.Raw()
		if err != nil {
			return err
		}
		return json.Unmarshal(text, into)
	})
}

// attempts is how often a request is sent that fails for a reason that may pass.
const attempts = 4

// persist repeats a request that fails for a reason that may pass. A request that is refused is not sent again.
func (c *connection) persist(ctx context.Context, request func() error) error {
	pause := c.pause
	for n := 1; ; n++ {
		err := request()
		if err == nil || n == attempts || ctx.Err() != nil || !passing(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
	}
}

// passing reports whether an error may be gone the next time: the server is busy or restarts, or the connection broke.
func passing(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return !errors.Is(err, context.Canceled)
	}
	return apierrors.IsServiceUnavailable(err) || apierrors.IsTooManyRequests(err) || apierrors.IsServerTimeout(err) ||
		apierrors.IsTimeout(err) || apierrors.IsInternalError(err)
}
