package comment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/limit"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// A storm is when, within ten minutes, at least as many people of whom nothing was approved before write under an article as the settings say, and at least
// stormTimes as many as ten minutes brought on average over the last seven days (or since it was published). While it lasts all comments there
// are read before they appear, and nobody writes twice in slowMode. It ends when calm brought fewer than that, or no more than
// twice what is usual.
const (
	stormTimes = 5
	slowMode   = 15 * time.Minute
	calm       = 2 * time.Hour
)

// weather notices that a storm begins with this comment, and slows everybody down while one lasts. It costs the comments of newcomers no
// statement more until there are that many of them, and others none.
func (s *Store) weather(ctx context.Context, tx pgx.Tx, a *asked, d *desk) error {
	if !d.Storm {
		if d.Known || d.StormNewcomers == 0 || d.Newcomers+1 < d.StormNewcomers {
			return nil
		}
		began, err := s.begin(ctx, tx, a.ArticleID, d)
		if err != nil || !began {
			return err
		}
		d.Storm = true
	}
	key := s.limitKey("comment-storm", fmt.Sprint(a.ArticleID, " ", mailbox(a.Email)))
	return limit.Allow(ctx, tx, key, limit.Rule{N: 1, Per: slowMode}, postgres.At(s.Now))
}

// begin opens a storm if there are so many newcomers, and reports whether one is open then.
func (s *Store) begin(ctx context.Context, tx pgx.Tx, article int64, d *desk) (bool, error) {
	var usual float64
	var waved bool
	err := tx.QueryRow(ctx, `
		SELECT count(DISTINCT commenter_id) / greatest(extract(epoch FROM least($2 - $3::timestamptz, interval '7 days')) / 600, 1),
			EXISTS (SELECT FROM storms WHERE article_id = $1 AND ended_by IS NOT NULL AND ended_at > $2 - $4::interval)
		FROM comments
		WHERE article_id = $1 AND newcomer AND posted_at BETWEEN $2::timestamptz - interval '7 days' AND $2 - interval '10 minutes'`,
		article, d.Now, *d.PublicAt, calm).Scan(&usual, &waved)
	if err != nil || waved || float64(d.Newcomers+1) < stormTimes*usual {
		return false, err
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO storms (article_id, newcomers, usual, began_at, seen_at)
		VALUES ($1, $2, $3, $4, $4)
		-- Two may notice it at once.
		ON CONFLICT (article_id) WHERE ended_at IS NULL DO NOTHING`, article, d.Newcomers+1, usual, d.Now)
	if err != nil || tag.RowsAffected() == 0 {
		return err == nil, err
	}
	return true, weathered(ctx, tx, audit.Entry{Act: "comment.storm", Detail: map[string]any{"newcomers": d.Newcomers + 1}}, article)
}

// weathered notes that a storm began or ended, and that the article's page says something else now.
func weathered(ctx context.Context, tx pgx.Tx, e audit.Entry, article int64) error {
	e.Object = fmt.Sprintf("article:%d", article)
	if err := audit.Write(ctx, tx, e); err != nil {
		return err
	}
	return postgres.Purge(ctx, tx, e.Object)
}

// Storm is a time in which comments under an article are slowed down. Newcomers is how many wrote within the ten minutes in which it began,
// Usual how many ten minutes had brought before.
type Storm struct {
	ArticleID int64
	Headline  string
	Path      string
	Newcomers int
	Usual     float64
	BeganAt   time.Time
}

// queueStorms reads those that last, the newest first.
func queueStorms(b *pgx.Batch, list *[]Storm) {
	b.Queue(`
		SELECT t.article_id, coalesce(a.live_headline, '') AS headline, coalesce(a.path, '') AS path, t.newcomers, t.usual, t.began_at
		FROM storms t
		JOIN articles a ON a.id = t.article_id
		WHERE t.ended_at IS NULL
		ORDER BY t.began_at DESC, t.id DESC`).Query(func(rows pgx.Rows) (err error) {
		*list, err = pgx.CollectRows(rows, pgx.RowToStructByName[Storm])
		return err
	})
}

// EndStorm ends an article's storm by hand: none begins there within the next two hours. Faults: Forbidden; NotFound where there is none.
func (s *Store) EndStorm(ctx context.Context, actor staff.Actor, articleID int64) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE storms
			SET ended_at = coalesce($2::timestamptz, clock_timestamp()), ended_by = nullif($3::bigint, 0)
			WHERE article_id = $1 AND ended_at IS NULL`, articleID, postgres.At(s.Now), actor.ID)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.NotFound
		}
		return weathered(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.calm"}, articleID)
	})
	if err != nil {
		return fmt.Errorf("end storm on article %d: %w", articleID, err)
	}
	return nil
}

// EndQuiet ends the storms after which calm has returned and says how many. It is for the background, every minute or so.
func (s *Store) EndQuiet(ctx context.Context) (int, error) {
	var ended []int64
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			UPDATE storms t
			SET seen_at = n.now, ended_at = CASE WHEN t.began_at <= n.now - $2::interval AND (
				SELECT count(DISTINCT c.commenter_id)
				FROM comments c
				WHERE c.article_id = t.article_id AND c.newcomer AND c.posted_at > n.now - $2::interval
			) < greatest(s.storm_newcomers, 2 * t.usual * extract(epoch FROM $2::interval) / 600) THEN n.now END
			FROM settings s, (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now) n
			WHERE t.ended_at IS NULL
			RETURNING t.article_id, t.ended_at IS NOT NULL`, postgres.At(s.Now), calm)
		if err != nil {
			return err
		}
		var article int64
		var over bool
		_, err = pgx.ForEachRow(rows, []any{&article, &over}, func() error {
			if over {
				ended = append(ended, article)
			}
			return nil
		})
		if err != nil || len(ended) == 0 {
			return err
		}
		return s.calmed(ctx, tx, ended)
	})
	if err != nil {
		return 0, fmt.Errorf("end storms: %w", err)
	}
	return len(ended), nil
}

func (s *Store) calmed(ctx context.Context, tx pgx.Tx, articles []int64) error {
	tags := make([]string, len(articles))
	for i, id := range articles {
		tags[i] = fmt.Sprintf("article:%d", id)
		if err := audit.Write(ctx, tx, audit.Entry{Act: "comment.calm", Object: tags[i]}); err != nil {
			return err
		}
	}
	return postgres.Purge(ctx, tx, tags...)
}

// Emergency turns the switch for all comments of the site: "premoderated" has them all read first, "closed" takes none, and the empty mode
// turns it off. It wins over what settings, categories and articles say, and over trust. Faults: Forbidden; *fault.Invalid on mode.
func (s *Store) Emergency(ctx context.Context, actor staff.Actor, mode string) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	mode = strings.TrimSpace(mode)
	if mode != "" && mode != policyPremoderated && mode != policyClosed {
		return fault.Field("mode", "comment.emergency.unknown")
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE settings SET comments_emergency = $1 WHERE comments_emergency <> $1`, mode)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if err := audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.emergency", Object: "settings", Detail: map[string]any{"mode": mode}}); err != nil {
			return err
		}
		return postgres.Purge(ctx, tx, "all") // every article's page says whether comments are open
	})
	if err != nil {
		return fmt.Errorf("comments in an emergency: %w", err)
	}
	return nil
}
