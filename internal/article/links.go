package article

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/fault"
	"stet/internal/markup"
)

// maxLookups is how many different addresses of one article are looked up: what comes after is taken to be there.
const maxLookups = 300

// blockAnchor is how the anchor of a block begins, before its id.
const blockAnchor = "p-"

// links looks at every link of the body: whether it says anything, and where it leads to a place on this site, whether that is there.
func (s *Store) links(ctx context.Context, tx pgx.Tx, l *look) error {
	known := map[string]string{}
	own, found := 0, false
	for i, p := range l.parts {
		for _, a := range p.Links {
			if a.Text == "" {
				l.at(i, Check{Key: "link-empty", Level: Mend})
			}
			to, ok := s.here(a.Href)
			if !ok {
				continue
			}
			own++
			why, looked := known[a.Href]
			if !looked && len(known) < maxLookups {
				var err error
				if why, err = leads(ctx, tx, to, l.parts); err != nil {
					return err
				}
				known[a.Href] = why
			}
			if why != "" {
				found = true
				l.at(i, Check{Key: "link", Why: why, Level: Mend, Args: []string{a.Href}})
			}
		}
	}
	if own > 0 && !found {
		l.note(Check{Key: "links", Level: Good, Args: []string{strconv.Itoa(own)}})
	}
	return nil
}

// here reads an address that is one of this site's: a path from its root, a place on the page, or either with the site's origin.
func (s *Store) here(href string) (*url.URL, bool) {
	u, err := url.Parse(href)
	if err != nil {
		return nil, false
	}
	switch {
	case u.Scheme == "" && u.Host == "":
		return u, true
	case s.Home == nil || !strings.EqualFold(u.Host, s.Home.Host):
		return nil, false
	}
	return u, u.Scheme == "http" || u.Scheme == "https"
}

// leads says what is wrong with a link within the site: gone, withdrawn, anchor (no such paragraph there) or inside (the newsroom's). It
// is empty where the link leads to something.
func leads(ctx context.Context, tx pgx.Tx, to *url.URL, parts []markup.Part) (why string, err error) {
	block, isBlock := strings.CutPrefix(to.Fragment, blockAnchor)
	if to.Path == "" {
		if isBlock && !has(parts, block) {
			return "anchor", nil
		}
		return "", nil
	}
	path, ok := address.Clean(to.Path)
	if !ok {
		return "gone", nil
	}
	trunk := address.Trunk(path)
	switch first, _, _ := strings.Cut(strings.TrimPrefix(trunk, "/"), "/"); {
	case first == "newsroom":
		return "inside", nil
	case first != "category" && first != "author" && first != "tag" && address.ReservedPath(trunk):
		return "", nil
	}
	r, err := address.Resolve(ctx, tx, trunk)
	if errors.Is(err, fault.NotFound) && path != trunk {
		// An address may be older than the word in it that is reserved now.
		r, err = address.Resolve(ctx, tx, path)
	}
	switch {
	case errors.Is(err, fault.NotFound):
		return "gone", nil
	case err != nil:
		return "", err
	case r.PublicState == Withdrawn || r.PublicState == Withheld:
		return "withdrawn", nil
	case isBlock && r.ArticleID != 0:
		there, err := hasBlock(ctx, tx, r.ArticleID, block)
		if err == nil && !there {
			why = "anchor"
		}
		return why, err
	}
	return "", nil
}

func has(parts []markup.Part, id string) bool {
	for _, p := range parts {
		if p.ID == id {
			return true
		}
	}
	return false
}

// hasBlock reports whether what readers see of an article has the block.
func hasBlock(ctx context.Context, q querier, id int64, block string) (there bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM articles a
			JOIN versions v ON v.article_id = a.id AND v.number = a.live_version
			WHERE a.id = $1 AND $2 = ANY (v.block_ids))`, id, block).Scan(&there)
	return there, err
}
