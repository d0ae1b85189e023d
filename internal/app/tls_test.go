package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/pagecache"

	"golang.org/x/crypto/acme"

	"stet/internal/config"
)

// issue makes a certificate for a host, with a serial number to tell it by.
func issue(t *testing.T, host string, serial int64) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})
}

func write(t *testing.T, name string, body []byte) {
	t.Helper()
	if err := os.WriteFile(name, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

// secure serves with a certificate from files and gives the address and a client that asks anew each time.
func secure(t *testing.T, cert, key string) (address string, client *http.Client) {
	t.Helper()
	cfg := config.Config{DatabaseURL: "postgres://x@127.0.0.1:1/x", Listen: "127.0.0.1:0", BaseURL: &url.URL{Scheme: "https", Host: "news.example"}, Media: t.TempDir(),
		Secret: []byte(strings.Repeat("s", 32)), TLS: config.TLS{Cert: cert, Key: key}}
	a, err := New(t.Context(), cfg, Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- a.Serve(ctx, 0, func(at net.Addr) { ready <- at.String() }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		a.Close()
	})
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: "news.example"}, ForceAttemptHTTP2: true} //nolint:gosec // its serial number is compared
	t.Cleanup(transport.CloseIdleConnections)
	select {
	case address = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	return "https://" + address + "/healthz", &http.Client{Transport: transport}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	renew := func(serial int64) {
		c, k := issue(t, "news.example", serial)
		write(t, cert, c)
		write(t, key, k)
	}
	renew(1)
	address, client := secure(t, cert, key)
	serial := func() int64 {
		t.Helper()
		client.CloseIdleConnections()
		resp, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.ProtoMajor != 2 || resp.StatusCode != http.StatusOK || resp.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s %d, HSTS %q", resp.Proto, resp.StatusCode, resp.Header.Get("Strict-Transport-Security"))
		}
		return resp.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d, want 1", got)
	}
	renew(2)
	for until := time.Now().Add(10 * time.Second); serial() != 2; {
		if time.Now().After(until) {
			t.Fatal("a new certificate was never taken")
		}
	}
	write(t, key, []byte("half a key"))
	for until := time.Now().Add(2 * lookEvery); time.Now().Before(until); {
		if got := serial(); got != 2 {
			t.Fatalf("with a broken file certificate %d, want the one before", got)
		}
	}
	conn, err := tls.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(address, "https://"), "/healthz"), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}) //nolint:gosec // it must be refused
	if err == nil {
		conn.Close()
		t.Error("TLS 1.1 was taken")
	}
}

// TestLeavingEndsConnections has an instance leave: each answer ends its connection, with either version of HTTP.
func TestLeavingEndsConnections(t *testing.T) {
	t.Parallel()
	for _, version := range []int{1, 2} {
		a := &App{}
		served := map[string]bool{}
		server := httptest.NewUnstartedServer(a.parting(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { served[r.RemoteAddr] = true })))
		server.EnableHTTP2 = version == 2
		server.StartTLS()
		ask := func() {
			t.Helper()
			resp, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.ProtoMajor != version {
				t.Fatalf("%s, want HTTP/%d", resp.Proto, version)
			}
		}
		ask()
		ask()
		if len(served) != 1 {
			t.Errorf("HTTP/%d: %d connections for two requests", version, len(served))
		}
		a.leaving.Store(true)
		for range 3 {
			ask()
		}
		if len(served) != 3 { // the last answer of the one there was, and one each
			t.Errorf("HTTP/%d: %d connections after three requests while leaving, want 3", version, len(served))
		}
		server.Close()
	}
}

// TestLeavingLeavesAnswersToTheServer, which ends connections with them.
func TestLeavingLeavesAnswersToTheServer(t *testing.T) {
	t.Parallel()
	a := &App{cache: pagecache.New(pagecache.Options{Key: func(*http.Request) (pagecache.Key, bool) { return pagecache.Key{Path: "/"}, true }})}
	a.cache.Confirm()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	a.cache.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public")
		w.Header().Set("Surrogate-Key", "a")
	})).ServeHTTP(httptest.NewRecorder(), r)
	if _, ok := a.atHand(nil, r); !ok {
		t.Error("nothing is at hand")
	}
	a.leaving.Store(true)
	if out, ok := a.atHand(nil, r); ok {
		t.Errorf("answered with %q", out)
	}
}

func TestTLSThatCannotWorkEndsTheStart(t *testing.T) {
	t.Parallel()
	_, err := secured(config.Config{TLS: config.TLS{Cert: "/nowhere/cert.pem", Key: "/nowhere/key.pem"}}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "STET_TLS") {
		t.Errorf("files that aren't there: %v", err)
	}
}

// TestAutomaticTLS has no authority to ask: it looks at what would be asked for, and serves what was given before.
func TestAutomaticTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := issue(t, "news.example", 7)
	write(t, filepath.Join(dir, "news.example"), bytes.Join([][]byte{key, cert}, nil))
	c, err := secured(config.Config{BaseURL: &url.URL{Scheme: "https", Host: "news.example"}, TLS: config.TLS{Dir: dir}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if c.MinVersion != tls.VersionTLS12 || !slices.Contains(c.NextProtos, "h2") || !slices.Contains(c.NextProtos, acme.ALPNProto) {
		t.Errorf("version %x, protocols %v", c.MinVersion, c.NextProtos)
	}
	hello := &tls.ClientHelloInfo{ServerName: "news.example", CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}, SupportedCurves: []tls.CurveID{tls.CurveP256},
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}}
	got, err := c.GetCertificate(hello)
	if err != nil || got.Leaf.SerialNumber.Int64() != 7 {
		t.Errorf("the certificate that is kept: %v, %v", got, err)
	}
	hello.ServerName = "another.example"
	if _, err := c.GetCertificate(hello); err == nil || !strings.Contains(err.Error(), "host") {
		t.Errorf("for another host: %v", err)
	}
}
