package comment

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Reply answers a comment from the newsroom: shown at once, with a badge, also where comments are closed to readers. The same answer again
// within ten minutes is the same comment. Faults: Forbidden; NotFound; *fault.Invalid on body, and on parent where the comment isn't
// approved.
func (s *Store) Reply(ctx context.Context, actor staff.Actor, commentID int64, body string) (id int64, err error) {
	if !CanModerate(actor) || actor.ID == 0 {
		return 0, fault.Forbidden
	}
	body = tidyBody(body)
	var c fault.Check
	checkBody(&c, body)
	if err := c.Err(); err != nil {
		return 0, err
	}
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		id, err = s.reply(ctx, tx, actor, commentID, body)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reply to comment %d: %w", commentID, err)
	}
	return id, nil
}

// answered is the comment that a reply is for.
type answered struct {
	ID  int64
	Now time.Time
	above
	ArticleID  int64
	RecordHead int
	Open       bool
	SameID     *int64
}

func (s *Store) reply(ctx context.Context, tx pgx.Tx, actor staff.Actor, commentID int64, body string) (int64, error) {
	what := said(In{Parent: commentID, Email: "staff:" + strconv.FormatInt(actor.ID, 10), Body: body})
	keys := s.duplicateKeys(what)
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockKey(what)); err != nil {
		return 0, err
	}
	rows, err := tx.Query(ctx, `
		SELECT nextval('comments_id_seq') AS id, n.now, c.id AS parent_id, c.root_id AS parent_root, c.depth AS parent_depth, c.path AS parent_path,
			c.article_id, a.record_head, c.status = 'approved' AND c.erased_at IS NULL AS open,
			(SELECT k.id FROM comments k WHERE k.duplicate_key = ANY ($2::bytea[]) AND k.posted_at > n.now - interval '10 minutes' LIMIT 1) AS same_id
		FROM comments c
		JOIN articles a ON a.id = c.article_id
		CROSS JOIN (SELECT coalesce($3::timestamptz, clock_timestamp()) AS now) n
		WHERE c.id = $1 AND a.public_state IN ('published', 'retracted') AND a.trashed_at IS NULL`, commentID, keys, postgres.At(s.Now))
	if err != nil {
		return 0, err
	}
	p, err := one[answered](rows)
	if err != nil {
		return 0, err
	}
	if p.SameID != nil {
		return *p.SameID, nil
	}
	if !p.Open {
		return 0, fault.Field("parent", "comment.parent.held")
	}
	_, err = insert(ctx, tx, &row{
		ID: p.ID, ArticleID: p.ArticleID, above: p.above, Version: p.RecordHead, Status: Approved, TokenHash: tokenHash(token(s.secret, p.ID)),
		StaffID: &actor.ID, Name: actor.Name, Body: body, At: p.Now, DecidedAt: &p.Now, DuplicateKey: keys[0],
	})
	if err != nil {
		return 0, err
	}
	if err := audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.reply", Object: object(p.ID)}); err != nil {
		return 0, err
	}
	if err := announceShown(ctx, tx, []int64{p.ID}, p.Now); err != nil {
		return 0, err
	}
	t := tally{}
	root, _, _ := p.place(p.ID)
	t.add(&held{ArticleID: p.ArticleID, RootID: root, PostedAt: p.Now}, false, true, true)
	return p.ID, t.write(ctx, tx)
}
