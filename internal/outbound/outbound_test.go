package outbound

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"stet/internal/fault"
)

// outside is a server on this machine that stands for one of the outside, and a client that may ask it.
func outside(t *testing.T, h http.HandlerFunc) (*httptest.Server, *Client) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s, New(Options{Site: "https://stet.example", Also: []netip.AddrPort{netip.MustParseAddrPort(s.Listener.Addr().String())}})
}

func TestAsk(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	s, c := outside(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
			http.Redirect(w, r, "/page#part", http.StatusFound)
		case "/page":
			if r.Header.Get("User-Agent") != "Stet (+https://stet.example/)" || r.Header.Get("Accept") != "text/html, image/*" || r.Header.Get("Referer") != "" || r.Header.Get("Cookie") != "" {
				t.Errorf("asked with %v", r.Header)
			}
			w.Header().Set("Content-Type", "Text/HTML; Charset=ISO-8859-1")
			_, _ = io.WriteString(w, "hello")
		case "/in":
			b, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
			_, _ = w.Write(bytes.ToUpper(b))
		}
	})
	got, err := c.Do(t.Context(), Request{URL: s.URL + "/moved", Types: []string{"text/html", "image/*"}})
	if err != nil || string(got.Body) != "hello" || got.Type != "text/html" || got.Params["charset"] != "ISO-8859-1" || got.URL.String() != s.URL+"/page" && got.URL.Path != "/page" || got.Status != 200 {
		t.Errorf("GET = %+v, %v", got, err)
	}
	got, err = c.Do(t.Context(), Request{Method: http.MethodPost, URL: s.URL + "/in", Body: []byte("words"), BodyType: "text/plain"})
	if err != nil || string(got.Body) != "WORDS" || got.Type != "text/plain" {
		t.Errorf("POST = %+v, %v", got, err)
	}
	if got, err = c.Do(t.Context(), Request{Method: http.MethodHead, URL: s.URL + "/page", Types: []string{"text/html", "image/*"}}); err != nil || len(got.Body) > 0 {
		t.Errorf("HEAD = %+v, %v", got, err)
	}
}

// TestRefusedAddresses are those that aren't even looked up, or lead to no public address however they are written.
func TestRefusedAddresses(t *testing.T) {
	t.Parallel()
	c := New(Options{Site: "https://stet.example"})
	for _, at := range []string{
		"", "x", "//x.example/", "ftp://x.example/", "file:///etc/passwd", "gopher://x.example/", "javascript:alert(1)", "data:text/html,x", "http:x.example", "http://", "http:///x", "http://%zz/",
		"http://user@x.example/", "http://user:word@x.example/", "http://127.0.0.1#@x.example/",
		"http://x.example:22/", "http://x.example:8080/", "http://x.example:0/", "http://x.example:65536/",
		"http://127.0.0.1/", "https://127.0.0.1/", "http://127.1/", "http://0x7f.1/", "http://0x7f000001/", "http://2130706433/", "http://0177.0.0.1/", "http://127.0.0.1./", "http://0/", "http://x.0X7f/",
		"http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b:1::1]/",
		"http://[2002:7f00:1::]/", "http://[fe80::1]/", "http://[fe80::1%25lo]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/", "http://[ff02::1]/", "http://[2001:db8::1]/", "http://[2001::1]/",
		"http://10.0.0.1/", "http://172.31.255.255/", "http://192.168.0.1/", "http://100.100.100.200/", "http://169.254.169.254/latest/meta-data/", "http://168.63.129.16/", "http://192.0.0.192/",
		"http://0.0.0.0/", "http://224.0.0.1/", "http://255.255.255.255/", "http://localhost/",
	} {
		if _, err := c.Do(t.Context(), Request{URL: at}); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v, want it refused", at, err)
		}
	}
	if _, err := c.Do(t.Context(), Request{Method: http.MethodDelete, URL: "https://x.example/"}); !errors.Is(err, ErrRefused) {
		t.Errorf("DELETE: %v, want it refused", err)
	}
}

func TestIsPublic(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]bool{
		"93.184.216.34": true, "1.1.1.1": true, "2606:4700::1111": true, "64:ff9b::5db8:d822": true, "::ffff:93.184.216.34": true,
		"172.15.0.1": true, "172.32.0.1": true, "100.63.255.255": true, "100.128.0.1": true, "2001:4860::8888": true,
		"64:ff9b::a00:1": false, "::ffff:10.0.0.1": false, "2002:5db8:d822::": false, "fe80::1%eth0": false, "3fff::1": false, "5f00::1": false,
	} {
		if got := IsPublic(netip.MustParseAddr(ip)); got != want {
			t.Errorf("IsPublic(%s) = %v, want %v", ip, got, want)
		}
	}
	if IsPublic(netip.Addr{}) {
		t.Error("no address is a public one")
	}
}

// TestNames that lead to what isn't public: it is the address that is connected which counts.
func TestNames(t *testing.T) {
	t.Parallel()
	c := New(Options{Site: "https://stet.example"})
	for _, ip := range []string{"127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:192.168.1.1", "64:ff9b::7f00:1", "fd00::1"} {
		c.http.Transport = c.transport(resolver(t, netip.MustParseAddr(ip)))
		if _, err := c.Do(t.Context(), Request{URL: "http://inside.example/"}); !errors.Is(err, ErrRefused) {
			t.Errorf("a name of %s: %v, want it refused", ip, err)
		}
	}
}

// resolver knows one address for all names.
func resolver(t *testing.T, ip netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if out := answerDNS(b[:n], ip); out != nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func answerDNS(question []byte, ip netip.Addr) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) == 0 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 0}
	switch {
	case q.Type == dnsmessage.TypeA && ip.Is4():
		m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}}}
	case q.Type == dnsmessage.TypeAAAA && ip.Is6():
		m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}}}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	s, c := outside(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusTemporaryRedirect)
	})
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a server inside was asked") }))
	t.Cleanup(other.Close)
	loop := "/?to=" + url.QueryEscape("/?to=%2F")
	for _, to := range []string{"http://127.0.0.1/", "http://[::1]/", "http://0x7f.1/", other.URL, "file:///etc/passwd", "http://a:b@x.example/", "https://x.example:22/", "http://localhost:80/"} {
		if _, err := c.Do(t.Context(), Request{URL: s.URL + "/?to=" + url.QueryEscape(to)}); !errors.Is(err, ErrRefused) {
			t.Errorf("redirect to %s: %v, want it refused", to, err)
		}
	}
	asked.Store(0)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, loop, http.StatusFound)
	})
	if _, err := c.Do(t.Context(), Request{URL: s.URL + loop}); !errors.Is(err, ErrRefused) || asked.Load() != maxRedirects+1 {
		t.Errorf("a loop: %v after %d requests, want it refused after %d", err, asked.Load(), maxRedirects+1)
	}
	if _, err := c.Do(t.Context(), Request{Method: http.MethodPost, URL: s.URL, Body: []byte("x")}); !errors.Is(err, ErrRefused) {
		t.Errorf("a redirect of a POST: %v, want it refused", err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := z.Write(make([]byte, 32<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s, c := outside(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/large":
			_, _ = w.Write(make([]byte, DefaultMaxBytes+1))
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		case "/packed":
			w.Header().Set("Content-Encoding", "br")
		case "/header":
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		case "/typed":
			w.Header().Set("Content-Type", "application/octet-stream")
		case "/typeless":
			w.Header()["Content-Type"] = nil
			_, _ = io.WriteString(w, "x")
		case "/short":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "x")
		default:
			w.WriteHeader(http.StatusTeapot)
		}
	})
	for path, want := range map[string]error{
		"/large": ErrTooLarge, "/bomb": ErrTooLarge, "/packed": ErrType, "/header": fault.Unavailable, "/typed": ErrType, "/typeless": ErrType, "/short": fault.Unavailable, "/else": ErrStatus,
	} {
		if got, err := c.Do(t.Context(), Request{URL: s.URL + path, Types: []string{"text/html"}}); !errors.Is(err, want) || len(got.Body) > DefaultMaxBytes {
			t.Errorf("%s: %d bytes and %v, want %v", path, len(got.Body), err, want)
		}
	}
	for _, path := range []string{"/large", "/bomb"} {
		if got, err := c.Do(t.Context(), Request{URL: s.URL + path, MaxBytes: 1000, Begin: true}); err != nil || len(got.Body) != 1000 || !got.Cut {
			t.Errorf("the beginning of %s: %d bytes, %v, want 1,000", path, len(got.Body), err)
		}
	}
}

// TestSlow asks servers that never end their answers, or begin none.
func TestSlow(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/body", "/header"} {
		s, c := outside(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/body" {
				_, _ = io.WriteString(w, "x")
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		})
		c.timeout = 100 * time.Millisecond
		if _, err := c.Do(t.Context(), Request{URL: s.URL + path}); !errors.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v, want it unavailable", path, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Do(ctx, Request{URL: s.URL + path}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, called off: %v", path, err)
		}
	}
}

// TestAway asks where nobody listens.
func TestAway(t *testing.T) {
	t.Parallel()
	s, c := outside(t, nil)
	s.Close()
	port := strconv.Itoa(int(c.also[0].Port()))
	if _, err := c.Do(t.Context(), Request{URL: "http://127.0.0.1:" + port + "/?secret=1"}); !errors.Is(err, fault.Unavailable) {
		t.Errorf("%v, want it unavailable", err)
	}
}
