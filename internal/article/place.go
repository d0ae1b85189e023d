package article

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/fault"
)

// place gives the article its canonical address for r and sets r.Slug to its last segment. A new article stands at /YYYY/MM/slug/ by the
// month of its first publication in the site's zone, frozen then; a page under its parent. Another slug moves it, and the old address
// leads to the new one. A slug the editor chose that is taken is a fault on the slug field; one made from the headline gets a number.
func (s *Store) place(ctx context.Context, tx pgx.Tx, a *locked, r *revision, keep string) error {
	if keep != "" {
		r.Slug = path.Base(strings.TrimSuffix(keep, "/"))
		return s.claim(ctx, tx, a, keep)
	}
	if a.Path != nil && (r.Slug == "" || r.Slug == path.Base(*a.Path)) {
		r.Slug = path.Base(*a.Path)
		return nil
	}
	folder, err := s.folder(ctx, tx, a)
	if err != nil {
		return err
	}
	if r.Slug != "" {
		if err := s.claim(ctx, tx, a, folder+r.Slug+"/"); !errors.Is(err, address.ErrTaken) {
			return err
		}
		return fault.Field("slug", "article.slug.taken")
	}
	if r.Slug = address.Slug(r.Headline, s.site.ASCIISlugs()); r.Slug == "" {
		r.Slug = fmt.Sprintf("%d", a.ID)
	}
	free := func(to string) bool { return !address.ReservedSlug(path.Base(to)) }
	to, err := address.ClaimFree(ctx, tx, address.Target{ArticleID: a.ID}, folder+r.Slug+"/", free)
	if errors.Is(err, address.ErrTaken) {
		return fault.Field("slug", "article.slug.taken")
	}
	if err != nil {
		return err
	}
	r.Slug, a.Path = path.Base(to), &to
	return nil
}

// folder is what stands before the slug in the article's address.
func (s *Store) folder(ctx context.Context, tx pgx.Tx, a *locked) (string, error) {
	switch {
	case a.Path != nil:
		parent := path.Dir(strings.TrimSuffix(*a.Path, "/"))
		return strings.TrimSuffix(parent, "/") + "/", nil
	case a.Kind == KindPage && a.ParentID != nil:
		var parent *string
		if err := tx.QueryRow(ctx, `SELECT path FROM articles WHERE id = $1`, *a.ParentID).Scan(&parent); err != nil {
			return "", err
		}
		if parent == nil {
			return "", fault.Field("parent", "article.parent.hidden")
		}
		return *parent, nil
	case a.Kind == KindPage:
		return "/", nil
	}
	return a.At.In(s.site.Zone()).Format("/2006/01/"), nil
}

func (s *Store) claim(ctx context.Context, tx pgx.Tx, a *locked, to string) error {
	if err := address.Claim(ctx, tx, address.Target{ArticleID: a.ID}, to); err != nil {
		return err
	}
	a.Path = &to
	return nil
}
