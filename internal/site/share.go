package site

import (
	"context"
	"fmt"
	pixels "image"
	"image/color"
	_ "image/jpeg" // a logo is stored as either
	_ "image/png"
	"net/http"
	"strconv"
	"strings"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/poster"
)

const (
	cardPath = "/card.png"
	kindPNG  = "image/png"
)

// posterWide is how wide a logo is read for a made picture.
const posterWide = 800

// siteImage has other sites show the site's own picture where they link to a page.
func (v *visit) siteImage(c *page.Card) {
	c.Image, c.ImageAlt, c.Width, c.Height = v.abs(cardPath), v.is.Title, poster.Width, poster.Height
}

// shareImage has other sites show the lead picture of an article where they link to it, or one made of its headline.
func (v *visit) shareImage(c *page.Card, l *article.Live, ps pictures) {
	if lead := l.Content.Image; lead != nil {
		if m, ok := ps[lead.Media]; ok && !m.Picture().Missing {
			im := m.Crop(media.Share)
			c.Image, c.ImageAlt, c.Width, c.Height = v.base+im.Src, lead.Alt, im.Width, im.Height
			return
		}
	}
	c.Image, c.ImageAlt, c.Width, c.Height = v.base+below(l.Path, "card/")+strconv.Itoa(l.Number)+".png", l.Content.Headline, poster.Width, poster.Height
}

// card is the picture made of an article's headline; n is the number of the record that it was made for. Earlier ones lead to the newest.
func (a *articles) card(w http.ResponseWriter, r *http.Request, l *article.Live, n string) error {
	at, err := number(n)
	if err != nil {
		return err
	}
	if at > l.Number {
		return fault.NotFound
	}
	page.Tags(w, articleTag(l.ID))
	if at < l.Number {
		return moved(w, r, strings.TrimSuffix(l.Path, "/")+"/card/"+strconv.Itoa(l.Number)+".png")
	}
	v, err := a.visit(r)
	if err != nil {
		return err
	}
	return v.poster(w, l.Content.Headline)
}

// card is the site's own picture.
func (f *fronts) card(w http.ResponseWriter, r *http.Request) error {
	v, err := f.visit(r)
	if err != nil {
		return err
	}
	return v.poster(w, "")
}

// poster answers with the picture of a headline, or of the site where there is none.
func (v *visit) poster(w http.ResponseWriter, headline string) error {
	day, _ := v.is.Accents()
	in := poster.In{Headline: headline, Site: v.is.Title, Accent: colour(day)}
	if file, ok := v.logos[v.is.Logo].For(posterWide); ok {
		m := v.logos[v.is.Logo]
		in.LogoKey = m.URL(file)
		in.Logo = func(ctx context.Context) (pixels.Image, error) { return v.readPicture(ctx, m, file) }
	}
	png, err := v.Posters.Make(v.ctx, in)
	if err != nil {
		return err
	}
	h := w.Header()
	page.Tags(w, "settings")
	// No longer than the page itself: a headline that was withdrawn must not live on in a cache that hears of no purge.
	page.Public(w)
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	page.Send(w, v.r, kindPNG, png)
	return nil
}

func (v *visit) readPicture(ctx context.Context, m media.Media, file media.Variant) (pixels.Image, error) {
	f, err := v.Blobs.Open(ctx, m.Key, file.Name)
	if err != nil {
		return nil, fmt.Errorf("open a picture: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	im, _, err := pixels.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	return im, nil
}

// colour reads what settings.IsColour lets pass.
func colour(s string) color.RGBA {
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		panic("site: no colour: " + s)
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 0xff} //nolint:gosec // each is meant to lose what is above its eight bits
}
