// Package s3test gives tests a bucket on this machine: of the program named by STET_VERSITYGW where that is set, as "make test" does, else of a
// small server of its own, which says so. The same tests run over either.
//
// It is for tests only.
package s3test

import (
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Bucket is an empty bucket that belongs to one test.
type Bucket struct {
	Endpoint    string // host:port, without TLS
	Name        string
	Region      string
	Key, Secret string
}

const (
	region   = "us-east-1"
	key      = "reporter"
	secret   = "kept-by-the-desk-alone"
	patience = 30 * time.Second
)

// New makes a bucket on a server that stops with t.
func New(t testing.TB) Bucket {
	t.Helper()
	b := Bucket{Name: "pictures", Region: region, Key: key, Secret: secret}
	binary := os.Getenv("STET_VERSITYGW")
	if binary == "" {
		t.Log("STET_VERSITYGW is not set: tried on a stand-in for S3, not on the gateway that make test builds")
		server := httptest.NewServer(newOwn(b.Name))
		t.Cleanup(server.Close)
		b.Endpoint = server.Listener.Addr().String()
		return b
	}
	dir := t.TempDir()
	for _, name := range []string{"iam", "sidecar", "data/" + b.Name} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.Endpoint = free(t)
	// With what it notes of files beside them: not every disk keeps that with the files.
	cmd := exec.Command(binary, "--port", b.Endpoint, "--region", region, "--quiet", "--keep-alive", "--iam-dir", filepath.Join(dir, "iam"), "posix", "--sidecar", filepath.Join(dir, "sidecar"), filepath.Join(dir, "data"))
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+key, "ROOT_SECRET_KEY="+secret)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it ends as it was told to
	})
	late := time.After(patience)
	for {
		conn, err := net.Dial("tcp", b.Endpoint)
		if err == nil {
			conn.Close()
			return b
		}
		select {
		case <-late:
			t.Fatalf("versitygw doesn't answer: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// free is an address on which nobody listens.
func free(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}
