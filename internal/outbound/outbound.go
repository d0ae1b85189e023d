// Package outbound is the one HTTP client for the outside: what people name by an address is fetched through it and through nothing else.
//
// It must never connect to an address that isn't public, whatever a name, a redirect or a way of writing an address says; never keep or
// send a cookie, follow the environment's proxies, or read more or longer than it was allowed to.
package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"stet/internal/fault"
)

// What can be wrong with an answer or with asking for it. A server that is away, refuses to talk or is too slow is fault.Unavailable.
var (
	// ErrRefused says that the address, or one that a redirect led to, isn't asked.
	ErrRefused = errors.New("address refused")
	// ErrStatus says that the answer was no success; the Answer tells its status.
	ErrStatus = errors.New("no success")
	// ErrType says that the answer is none of the media types asked for.
	ErrType = errors.New("another media type")
	// ErrTooLarge says that the answer is larger than allowed, once unpacked.
	ErrTooLarge = errors.New("answer too large")
)

// Limits that hold where a Client or a Request sets none, and those that nothing widens.
const (
	DefaultTimeout  = 5 * time.Second
	DefaultMaxBytes = 2 << 20

	maxRedirects = 5
	maxHeader    = 64 << 10
	atOnce       = 8
)

// Options are what a Client stands on.
type Options struct {
	// Site is the origin of this site, which every request names as the sender.
	Site string
	// Timeout bounds one request with all its redirects and its whole body.
	Timeout time.Duration
	// Also are addresses that may be asked although they aren't public. Only tests, whose servers are on this machine, set it.
	Also []netip.AddrPort
}

// Client asks the outside. It may be used by many at once.
type Client struct {
	http    *http.Client
	agent   string
	timeout time.Duration
	also    []netip.AddrPort
	slots   chan struct{}
}

// New makes a Client.
func New(o Options) *Client {
	c := &Client{agent: "Stet (+" + o.Site + "/)", timeout: o.Timeout, also: o.Also, slots: make(chan struct{}, atOnce)}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	c.http = &http.Client{Transport: c.transport(nil), CheckRedirect: c.redirect}
	return c
}

// transport connects to what control lets through. Connections aren't kept: each is checked when it is made, for one request.
func (c *Client) transport(names *net.Resolver) *http.Transport {
	dialer := &net.Dialer{Control: c.control, Resolver: names}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// Request is what to ask. Method is GET where it is empty, else one of GET, HEAD and POST.
type Request struct {
	Method, URL string
	// Types are the media types to take, such as "text/html" or "image/*"; empty: any.
	Types []string
	// Body and BodyType are what a POST sends.
	Body     []byte
	BodyType string
	// MaxBytes bounds the unpacked body. Of what is larger only the beginning is read where Begin is set; else it is ErrTooLarge.
	MaxBytes int64
	Begin    bool
}

// Answer is what came.
type Answer struct {
	URL    *url.URL // the address that answered, after redirects
	Status int
	Type   string // the media type as the server names it, in lower case and without parameters
	Params map[string]string
	Body   []byte
	Cut    bool // there is more than was read
}

// Do asks and reads the whole answer. The error is one of this package's, fault.Unavailable, or ctx's own end.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	ans, err := c.ask(ctx, r)
	if err != nil {
		return ans, fmt.Errorf("ask %s: %w", hostOf(r.URL), err)
	}
	return ans, nil
}

func (c *Client) ask(ctx context.Context, r Request) (Answer, error) {
	u, err := c.address(r.URL)
	if err != nil {
		return Answer{}, err
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := c.request(limited, r, u)
	if err != nil {
		return Answer{}, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, unavailable(ctx, err)
	}
	defer resp.Body.Close()
	ans, err := read(resp, r)
	if err != nil {
		err = unavailable(ctx, err)
	}
	return ans, err
}

func (c *Client) request(ctx context.Context, r Request, u *url.URL) (*http.Request, error) {
	var body io.Reader
	switch r.Method {
	case "", http.MethodGet, http.MethodHead:
	case http.MethodPost:
		body = bytes.NewReader(r.Body)
	default:
		return nil, fmt.Errorf("%w: method %q", ErrRefused, r.Method)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	req.Header.Set("User-Agent", c.agent)
	if len(r.Types) > 0 {
		req.Header.Set("Accept", strings.Join(r.Types, ", "))
	}
	if r.BodyType != "" {
		req.Header.Set("Content-Type", r.BodyType)
	}
	return req, nil
}

func read(resp *http.Response, r Request) (Answer, error) {
	ans := Answer{URL: resp.Request.URL, Status: resp.StatusCode}
	var err error
	if ans.Type, ans.Params, err = mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil {
		ans.Type, ans.Params = "", nil
	}
	switch packed := resp.Header.Get("Content-Encoding"); {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return ans, fmt.Errorf("%w: %d", ErrStatus, resp.StatusCode)
	case !Takes(r.Types, ans.Type):
		return ans, fmt.Errorf("%w: %q", ErrType, ans.Type)
	case packed != "" && !strings.EqualFold(packed, "identity"):
		// Only gzip was offered, and the transport has unpacked that.
		return ans, fmt.Errorf("%w: packed as %q", ErrType, packed)
	}
	limit := r.MaxBytes
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	if ans.Body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1)); err != nil {
		return ans, err
	}
	if int64(len(ans.Body)) > limit {
		ans.Body, ans.Cut = ans.Body[:limit], true
		if !r.Begin {
			return ans, fmt.Errorf("%w: over %d bytes", ErrTooLarge, limit)
		}
	}
	return ans, nil
}

// Takes reports whether kind is one of the media types, where "image/*" stands for all pictures. No types take all.
func Takes(types []string, kind string) bool {
	major, _, _ := strings.Cut(kind, "/")
	return len(types) == 0 || slices.Contains(types, kind) || slices.Contains(types, major+"/*")
}

// unavailable tells a failure of the other side or of the way there from what this room says itself and from the end of the caller's ctx.
func unavailable(ctx context.Context, err error) error {
	for _, own := range []error{ErrRefused, ErrStatus, ErrType, ErrTooLarge} {
		if errors.Is(err, own) {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", fault.Unavailable, err)
}

// redirect checks each step as if it had been asked for. What was sent isn't sent to another address.
func (c *Client) redirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: more than %d redirects", ErrRefused, maxRedirects)
	}
	if via[0].Method == http.MethodPost {
		return fmt.Errorf("%w: a redirect of what was sent", ErrRefused)
	}
	req.Header.Del("Referer")
	_, err := c.address(req.URL.String())
	return err
}

// control has the last word on each address that a name led to, before it is connected.
func (c *Client) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrRefused, err)
	case slices.Contains(c.also, at):
		return nil
	case !IsPublic(at.Addr()):
		return fmt.Errorf("%w: not a public address", ErrRefused)
	case at.Port() != 80 && at.Port() != 443:
		return fmt.Errorf("%w: port %d", ErrRefused, at.Port())
	}
	return nil
}
