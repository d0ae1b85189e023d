package comment

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// ClaimFor is how long a claim holds without being renewed.
const ClaimFor = 3 * time.Minute

// opinionShare is how often one-at-a-time mode asks for a second opinion where one is wanted and comments wait as well: one time in so many.
const opinionShare = 5

// Claim puts the next comment before the actor, and before nobody else for ClaimFor: the oldest that waits and that nobody has, or now and
// then one that wants a second opinion. It lets go of what the actor had. After is a comment the actor leaves for later (0: none): the
// next one in the queue's order is given then, and at the queue's end the oldest again. Given is 0 where nothing is to be done.
//
// Fault: Forbidden.
func (s *Store) Claim(ctx context.Context, actor staff.Actor, after int64) (given int64, err error) {
	if !CanModerate(actor) || actor.ID == 0 {
		return 0, fault.Forbidden
	}
	queries := []string{claimWaiting, claimOpinion}
	if rand.N(opinionShare) == 0 { //nolint:gosec // nothing secret hangs on the order
		queries = []string{claimOpinion, claimWaiting}
	}
	if err := s.Release(ctx, actor); err != nil {
		return 0, err
	}
	for _, sql := range queries {
		if given, err = s.claim(ctx, actor, sql, after); given != 0 || err != nil {
			break
		}
	}
	if err != nil {
		return 0, fmt.Errorf("claim a comment: %w", err)
	}
	return given, nil
}

// claim takes one of those that a query chooses. Who chose the same one a moment earlier has it: then it is tried again.
func (s *Store) claim(ctx context.Context, actor staff.Actor, sql string, after int64) (int64, error) {
	for {
		var found int
		var given *int64
		err := s.pool.QueryRow(ctx, sql, postgres.At(s.Now), actor.ID, ClaimFor, after).Scan(&found, &given)
		switch {
		case err != nil:
			return 0, err
		case given != nil:
			return *given, nil
		case found == 0 && after == 0:
			return 0, nil
		case found == 0:
			after = 0
		}
	}
}

// free tells that nobody has comment c before them. Rows that another is just claiming are passed over, not waited for.
const free = "NOT EXISTS (SELECT FROM comment_claims k WHERE k.comment_id = c.id AND k.until > n.now)"

const claimed = `
	), claimed AS (
		INSERT INTO comment_claims (comment_id, staff_id, until)
		SELECT next.id, $2, n.now + $3::interval
		FROM next, n
		ON CONFLICT (comment_id) DO UPDATE
		SET staff_id = excluded.staff_id, until = excluded.until
		WHERE comment_claims.until <= excluded.until - $3::interval
		RETURNING comment_id
	)
	SELECT (SELECT count(*) FROM next), (SELECT comment_id FROM claimed)`

const claimWaiting = `
	WITH n AS (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now),
	next AS (
		SELECT c.id
		FROM comments c, n
		WHERE ` + waits + ` AND ` + free + `
			AND ($4::bigint = 0 OR (c.posted_at, c.id) > (SELECT l.posted_at, l.id FROM comments l WHERE l.id = $4))
		ORDER BY c.posted_at, c.id
		FOR NO KEY UPDATE OF c SKIP LOCKED
		LIMIT 1` + claimed

const claimOpinion = `
	WITH n AS (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now),
	next AS (
		SELECT c.id
		FROM comments c
		JOIN second_opinions o ON o.comment_id = c.id
		JOIN decisions d ON d.id = o.decision_id
		CROSS JOIN n
		WHERE ` + opinionWanted + ` AND ` + free + ` AND c.id <> $4::bigint
		ORDER BY o.asked_at, c.id
		FOR NO KEY UPDATE OF c SKIP LOCKED
		LIMIT 1` + claimed

// Release gives back what the actor has before them, so that the next moderator gets it. Fault: Forbidden.
func (s *Store) Release(ctx context.Context, actor staff.Actor) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	if _, err := s.pool.Exec(ctx, `DELETE FROM comment_claims WHERE staff_id = $1`, actor.ID); err != nil {
		return fmt.Errorf("release a claim: %w", err)
	}
	return nil
}

// Renew lengthens the actor's claim on a comment while they read it. Faults: Forbidden; NotFound where they have it no longer.
func (s *Store) Renew(ctx context.Context, actor staff.Actor, id int64) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	tag, err := s.pool.Exec(ctx, `
		UPDATE comment_claims
		SET until = coalesce($3::timestamptz, clock_timestamp()) + $4::interval
		WHERE comment_id = $1 AND staff_id = $2 AND until > coalesce($3::timestamptz, clock_timestamp())`, id, actor.ID, postgres.At(s.Now), ClaimFor)
	if err != nil {
		return fmt.Errorf("renew a claim: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fault.NotFound
	}
	return nil
}

// Claimed is the comment that the actor has before them. Where a second opinion is wanted nothing tells how it was decided. Faults: Forbidden;
// NotFound where they have none, or not any more.
func (s *Store) Claimed(ctx context.Context, actor staff.Actor) (Item, error) {
	if !CanModerate(actor) {
		return Item{}, fault.Forbidden
	}
	found, err := s.items(ctx, claimedItem, postgres.At(s.Now), actor.ID)
	if err != nil {
		return Item{}, fmt.Errorf("read a claimed comment: %w", err)
	}
	if len(found) == 0 {
		return Item{}, fault.NotFound
	}
	if found[0].Opinion != 0 {
		found[0].blind()
	}
	return found[0], nil
}

const claimedItem = `
	WITH n AS (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now, $2::bigint AS me),
	chosen AS (
		SELECT c.*, c.posted_at AS sorted_at,
			CASE WHEN c.pending_text IS NULL THEN coalesce((
				SELECT o.decision_id FROM second_opinions o JOIN decisions d ON d.id = o.decision_id WHERE o.comment_id = c.id AND ` + opinionWanted + ` LIMIT 1), 0)
			ELSE 0 END AS opinion
		FROM comments c
		JOIN comment_claims k ON k.comment_id = c.id
		CROSS JOIN n
		WHERE k.staff_id = n.me AND k.until > n.now AND c.erased_at IS NULL
		ORDER BY k.until DESC
		LIMIT 1
	)` + itemColumns

// CommentOf is the item of one comment, whatever became of it, deleted ones included. Faults: Forbidden; NotFound.
func (s *Store) CommentOf(ctx context.Context, actor staff.Actor, id int64) (Item, error) {
	if !CanModerate(actor) {
		return Item{}, fault.Forbidden
	}
	found, err := s.items(ctx, oneItem, postgres.At(s.Now), actor.ID, id)
	if err != nil {
		return Item{}, fmt.Errorf("read comment %d: %w", id, err)
	}
	if len(found) == 0 {
		return Item{}, fault.NotFound
	}
	return found[0], nil
}

// letGo removes the claims on decided comments, whoever has them.
func letGo(b *pgx.Batch, ids []int64) {
	b.Queue(`DELETE FROM comment_claims WHERE comment_id = ANY ($1)`, ids)
}
