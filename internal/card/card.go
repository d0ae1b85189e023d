// Package card makes a static card of an address: title, author, text and picture of the page behind it, all kept here, in place of a
// player or script from elsewhere.
//
// It must never keep anything of another site but words and one picture, never make readers' browsers ask that site, and never fail
// because the site does: an address always has a card, if only a plain link.
package card

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/outbound"
	"stet/internal/staff"
)

// Limits of what is asked for.
const (
	maxPage     = 1 << 20 // of a page only so much of its beginning is read
	maxPicture  = 8 << 20
	pictureTime = 7 * time.Second // to fetch and to store a picture
	maxAddress  = 2000
)

// Maker makes cards.
type Maker struct {
	out   *outbound.Client
	media *media.Store
}

// New makes a Maker that asks the outside through out and keeps pictures in store.
func New(out *outbound.Client, store *media.Store) *Maker { return &Maker{out: out, media: store} }

// Card is the block of an article, as markup.Article leaves it. Plain says that nothing could be had of the page, so that it is a link only.
type Card struct {
	HTML  string
	Plain bool
}

// Make asks the address for what it tells of itself. It may be used by whoever may add media, who owns the picture that it stores; a picture
// that is here already isn't stored again. An address that no article may link to is a fault of the field url.
func (m *Maker) Make(ctx context.Context, actor staff.Actor, address string) (Card, error) {
	if !media.CanAdd(actor) {
		return Card{}, fmt.Errorf("make a card: %w", fault.Forbidden)
	}
	u, err := linkable(address)
	if err != nil {
		return Card{}, fmt.Errorf("make a card: %w", err)
	}
	p, err := m.page(ctx, u)
	if err != nil {
		return Card{}, fmt.Errorf("make a card: %w", err)
	}
	if p.title == "" {
		return Card{HTML: settle(plain(u)), Plain: true}, nil
	}
	id, err := m.picture(ctx, actor, p)
	if err != nil {
		return Card{}, fmt.Errorf("picture of a card: %w", err)
	}
	return Card{HTML: settle(full(u, p, id))}, nil
}

// linkable reads what somebody typed or pasted.
func linkable(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(address) > maxAddress || markup.BadLine(address) {
		return nil, fault.Field("url", "card.address")
	}
	return u, nil
}

// page reads what the page tells of itself; nothing where it can't be had.
func (m *Maker) page(ctx context.Context, u *url.URL) (page, error) {
	ans, err := m.out.Do(ctx, outbound.Request{URL: u.String(), Types: []string{"text/html", "application/xhtml+xml"}, MaxBytes: maxPage, Begin: true})
	if err != nil {
		return page{}, ctx.Err()
	}
	return read(ans.Body, ans.Type, ans.Params["charset"], ans.URL), nil
}

// picture stores the picture of a page and gives its id; 0 where it has none that can be had and shown.
func (m *Maker) picture(ctx context.Context, actor staff.Actor, p page) (int64, error) {
	if p.image == "" {
		return 0, nil
	}
	limited, cancel := context.WithTimeout(ctx, pictureTime)
	defer cancel()
	ans, err := m.out.Do(limited, outbound.Request{URL: p.image, Types: []string{"image/jpeg", "image/png", "image/gif", "image/webp"}, MaxBytes: maxPicture})
	if err != nil {
		return 0, ctx.Err()
	}
	sum := sha256.Sum256(ans.Body)
	had, err := m.media.BySum(ctx, sum[:])
	if err == nil {
		return had.ID, nil
	}
	if !errors.Is(err, fault.NotFound) {
		return 0, err
	}
	made, err := m.media.AddPicture(limited, actor, media.Upload{Name: path.Base(ans.URL.Path), Reader: bytes.NewReader(ans.Body), Alt: p.alt, Credit: p.site})
	var invalid *fault.Invalid
	if errors.As(err, &invalid) || err != nil && ctx.Err() == nil && limited.Err() != nil {
		return 0, nil // it is no picture after all, or one that takes too long
	}
	return made.ID, err
}
