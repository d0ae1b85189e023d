package article

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/staff"
)

// PreviewLink shows a draft to somebody without an account, until Until. What makes it work is known only to who was given it.
type PreviewLink struct {
	ID    int64
	Label string
	By    string
	At    time.Time
	Until time.Time
}

// MaxLinkDays is how many days a preview link can live; one is the least.
const MaxLinkDays = 30

// maxLinks bounds how many links of one article are in force at once.
const maxLinks = 50

// ShareIn is a link to be made: how many days it lives and whom it is for.
type ShareIn struct {
	Days  int
	Label string
}

// Share makes a preview link and returns its token, which is kept nowhere and can't be had again, and when it ends.
func (s *Store) Share(ctx context.Context, actor staff.Actor, id int64, in ShareIn) (token string, until time.Time, err error) {
	in.Label = markup.Line(in.Label)
	var c fault.Check
	c.That(in.Days >= 1 && in.Days <= MaxLinkDays, "days", "article.link.days")
	c.That(!markup.BadLine(in.Label), "label", "field.characters")
	c.That(utf8.RuneCountInString(in.Label) <= maxLine, "label", "field.long")
	if err := c.Err(); err != nil {
		return "", until, err
	}
	token = rand.Text()
	err = s.act(ctx, actor, id, verb{"share", CanShare}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		links, err := readLinks(ctx, tx, a)
		if err != nil {
			return nil, err
		}
		if len(links) >= maxLinks {
			return nil, fault.Field("label", "article.link.many")
		}
		until = a.At.Add(time.Duration(in.Days) * 24 * time.Hour)
		var link int64
		err = tx.QueryRow(ctx, `
			INSERT INTO preview_links (article_id, token_hash, label, by, made_at, expires_at)
			VALUES ($1, $2, $3, nullif($4::bigint, 0), $5, $6)
			RETURNING id`, a.ID, tokenHash(token), in.Label, actor.ID, a.At, until).Scan(&link)
		return map[string]any{"link": link, "days": in.Days}, err
	})
	return token, until, err
}

// Unshare ends a preview link at once. One that has ended stays so; one of another article is not found.
func (s *Store) Unshare(ctx context.Context, actor staff.Actor, id, link int64) error {
	return s.act(ctx, actor, id, verb{"unshare", CanShare}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		var revoked bool
		err := tx.QueryRow(ctx, `
			SELECT revoked_at IS NOT NULL
			FROM preview_links
			WHERE id = $1 AND article_id = $2
			FOR UPDATE`, link, a.ID).Scan(&revoked)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, fault.NotFound
		}
		if err == nil && revoked {
			err = errDone
		}
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, `UPDATE preview_links SET revoked_at = $2 WHERE id = $1`, link, a.At)
		return map[string]any{"link": link}, err
	})
}

func readLinks(ctx context.Context, tx pgx.Tx, a *locked) ([]PreviewLink, error) {
	rows, err := tx.Query(ctx, `
		SELECT l.id, l.label, coalesce(s.name, '') AS by, l.made_at AS at, l.expires_at AS until
		FROM preview_links l
		LEFT JOIN staff s ON s.id = l.by
		WHERE l.article_id = $1 AND l.revoked_at IS NULL AND l.expires_at > $2
		ORDER BY l.id DESC`, a.ID, a.At)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[PreviewLink])
}

// tokenHash is what is kept of a token. Its 130 random bits can't be guessed, so a plain hash is enough, and finding it by its hash tells
// nothing by how long it takes.
func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Shared gives the newest revision to whoever holds the token of a link, and when the link ends. A link that ended, was revoked, or whose
// maker may no longer share the article is not found, and neither is what is in the trash.
func (s *Store) Shared(ctx context.Context, token string) (l *Live, until time.Time, err error) {
	var id, link, maker int64
	err = s.pool.QueryRow(ctx, `
		SELECT id, article_id, coalesce(by, 0)
		FROM preview_links
		WHERE token_hash = $1`, tokenHash(token)).Scan(&link, &id, &maker)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.NotFound
	}
	if err != nil {
		return nil, until, fmt.Errorf("preview by link: %w", err)
	}
	actor, err := staff.New(s.pool).Actor(ctx, maker)
	if err != nil {
		return nil, until, fmt.Errorf("preview by link %d: %w", link, err)
	}
	err = s.see(ctx, actor, id, func(tx pgx.Tx, a *locked) error {
		links, err := readLinks(ctx, tx, a)
		if err != nil {
			return err
		}
		for _, in := range links {
			if in.ID == link && CanShare(actor, a.state()) {
				until = in.Until
				l, err = s.preview(ctx, tx, a, a.Head)
				return err
			}
		}
		return fault.NotFound
	})
	return l, until, err
}
