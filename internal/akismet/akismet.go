// Package akismet asks the service of that name whether a comment is spam. It is used only where an administrator set a key for it.
//
// It must never send an e-mail address, and never decide anything: what the service says is one more reason to look.
package akismet

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"stet/internal/outbound"
)

// Endpoint is where the service answers; see https://akismet.com/developers/detailed-docs/comment-check/.
const Endpoint = "https://rest.akismet.com/1.1/comment-check"

// Client asks in the name of one site.
type Client struct {
	out            *outbound.Client
	key, site, url string
}

// New makes a Client that asks at endpoint, with the site's key and origin.
func New(out *outbound.Client, key, site, endpoint string) *Client {
	return &Client{out: out, key: key, site: site, url: endpoint}
}

// Spam reports what the service says of a text that came from an address. The error is one of the outbound room's, or says that the answer
// was none, such as for a wrong key.
func (c *Client) Spam(ctx context.Context, name, body string, from netip.Addr) (bool, error) {
	form := url.Values{"api_key": {c.key}, "blog": {c.site}, "user_ip": {from.String()}, "comment_type": {"comment"}, "comment_author": {name}, "comment_content": {body}}
	answer, err := c.out.Do(ctx, outbound.Request{Method: http.MethodPost, URL: c.url, Body: []byte(form.Encode()), BodyType: "application/x-www-form-urlencoded", MaxBytes: 1 << 10})
	if err != nil {
		return false, err
	}
	switch strings.TrimSpace(string(answer.Body)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("akismet: no verdict: %q", answer.Body)
}
