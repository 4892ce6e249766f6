// Package controlplane takes snapshots of a real Kubernetes API server, with its real storage, its authorization and the
// CNIs' own definitions. The server and its store are built from their modules (cmd/kube-apiserver, cmd/etcd).
package controlplane

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// The users that the server knows by their tokens.
const (
	admin = "admin"
	// reader is bound to the role of docs/snapshot-rbac.yaml.
	reader = "reader"
	// confined may read what reader may, in one namespace.
	confined = "confined"
	// nobody is bound to nothing.
	nobody = "nobody"
)

// plane is a running API server.
type plane struct {
	url string
	dir string
	dynamic.Interface
	discovery *discovery.DiscoveryClient
}

// programs finds what the tests need, and skips where it is missing.
func programs(t *testing.T) (apiserver, etcd, policyferry string) {
	t.Helper()
	for name, into := range map[string]*string{"POLICYFERRY_ETCD": &etcd, "POLICYFERRY_APISERVER": &apiserver, "POLICYFERRY_PROGRAM": &policyferry} {
		if *into = os.Getenv(name); *into == "" {
			t.Skipf("%s does not name a program (make test-controlplane builds it), so no API server is asked", name)
		}
	}
	return apiserver, etcd, policyferry
}

// start starts etcd and an API server before it, and waits until that is ready.
func start(t *testing.T, apiserver, etcd string) *plane {
	t.Helper()
	return serve(t, apiserver, store(t, etcd))
}

// store starts an empty etcd and returns where it is.
func store(t *testing.T, etcd string) string {
	t.Helper()
	dir := t.TempDir()
	url := fmt.Sprintf("http://127.0.0.1:%d", freePort(t))
	run(t, dir, etcd, "--data-dir", filepath.Join(dir, "etcd"), "--unsafe-no-fsync", "--log-level", "error",
		"--listen-client-urls", url, "--advertise-client-urls", url,
		"--listen-peer-urls", fmt.Sprintf("http://127.0.0.1:%d", freePort(t)))
	return url
}

// serve starts an API server before an etcd, with flags beside those that every server here has.
func serve(t *testing.T, apiserver, store string, flags ...string) *plane {
	t.Helper()
	dir := t.TempDir()
	secure := freePort(t)
	key := filepath.Join(dir, "sa.key")
	write(t, key, signingKey(t))
	tokens := filepath.Join(dir, "tokens.csv")
	write(t, tokens, fmt.Sprintf("%[1]s,%[1]s,1,system:masters\n%[2]s,%[2]s,2\n%[3]s,%[3]s,3\n%[4]s,%[4]s,4\n", admin, reader, confined, nobody))
	run(t, dir, apiserver, append([]string{
		"--etcd-servers", store, "--bind-address", "127.0.0.1", "--secure-port", fmt.Sprint(secure), "--cert-dir", filepath.Join(dir, "certs"),
		"--advertise-address", "192.0.2.1", "--endpoint-reconciler-type", "none", "--service-cluster-ip-range", "10.96.0.0/16",
		"--service-account-issuer", "https://kubernetes.default", "--service-account-key-file", key, "--service-account-signing-key-file", key,
		"--authorization-mode", "RBAC", "--token-auth-file", tokens, "--disable-admission-plugins", "ServiceAccount", "--allow-privileged=true"}, flags...)...)
	p := &plane{url: fmt.Sprintf("https://127.0.0.1:%d", secure), dir: dir}
	config := p.config(admin)
	var err error
	if p.Interface, err = dynamic.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	if p.discovery, err = discovery.NewDiscoveryClientForConfig(config); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the API server is ready", func() error {
		_, err := p.discovery.RESTClient().Get().AbsPath("/readyz").DoRaw(context.Background())
		return err
	})
	eventually(t, "the server has made the Service kubernetes", func() error {
		_, err := p.Resource(schema.GroupVersionResource{Version: "v1", Resource: "services"}).Namespace("default").Get(context.Background(), "kubernetes", metav1.GetOptions{})
		return err
	})
	return p
}

func (p *plane) config(user string) *rest.Config {
	return &rest.Config{Host: p.url, BearerToken: user, TLSClientConfig: rest.TLSClientConfig{Insecure: true}, QPS: -1, WarningHandler: rest.NoWarnings{}}
}

// kubeconfig writes the kubeconfig of a user.
func (p *plane) kubeconfig(t *testing.T, user string) string { return p.kubeconfigFor(t, p.url, user) }

// kubeconfigFor writes the kubeconfig of a user who reaches the server at another address.
func (p *plane) kubeconfigFor(t *testing.T, url, user string) string {
	path := filepath.Join(p.dir, user+".kubeconfig")
	write(t, path, fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: live, contexts: [{name: live, context: {cluster: live, user: %[2]q}}],
clusters: [{name: live, cluster: {server: %[1]q, insecure-skip-tls-verify: true}}], users: [{name: %[2]q, user: {token: %[2]q}}]}`, url, user))
	return path
}

// mapper knows by which resource a kind is served.
func (p *plane) mapper(t *testing.T) *restmapper.DeferredDiscoveryRESTMapper {
	return restmapper.NewDeferredDiscoveryRESTMapper(cached{p.discovery})
}

// run starts a program that ends with the test. What it says is shown if the test fails.
func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			text := log.Bytes()
			t.Logf("%s ended with:\n%s", filepath.Base(program), text[max(0, len(text)-4000):])
		}
	})
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func signingKey(t *testing.T) string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// eventually waits for what takes a while on a busy machine.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	var err error
	for range 1200 {
		if err = try(); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s, or should be: %v", what, err)
}
