package comment

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/jobs"
)

// noticeAfter is how long after an approval a mail leaves: an approval that is taken back until then was never mailed.
const noticeAfter = 90 * time.Second

// announce sees to the mail that follows from steps: the writer of what an approved comment answers is to hear of it, and somebody who asked
// for that with a comment approved just now is asked to confirm their address. Nothing is sent here: the jobs look again at everything when
// their time has come. What readers don't see any more is taken off the list.
func (s *Store) announce(ctx context.Context, tx pgx.Tx, steps []step) error {
	var shown, gone []int64
	for _, st := range steps {
		switch {
		case st.shown():
			shown = append(shown, st.ID)
		case st.live(st.was) && !st.live(st.state()):
			gone = append(gone, st.ID)
		}
	}
	if len(gone) > 0 {
		if _, err := tx.Exec(ctx, `DELETE FROM reply_notices WHERE comment_id = ANY ($1) AND sent_at IS NULL`, gone); err != nil {
			return err
		}
	}
	if len(shown) == 0 {
		return nil
	}
	return announceShown(ctx, tx, shown, steps[0].Now)
}

// announceShown is announce for comments that became public at now.
func announceShown(ctx context.Context, tx pgx.Tx, ids []int64, now time.Time) error {
	due := now.Add(noticeAfter)
	var b pgx.Batch
	b.Queue(listQuery, ids, due)
	b.Queue(askedQuery, ids)
	r := tx.SendBatch(ctx, &b)
	people, err := idsOf(r)
	if err != nil {
		return errors.Join(err, r.Close())
	}
	asking, err := idsOf(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	for _, id := range people {
		if err := jobs.Insert(ctx, tx, jobs.Replies{Person: id}, due); err != nil {
			return err
		}
	}
	for _, id := range asking {
		if err := jobs.Insert(ctx, tx, jobs.Confirm{Comment: id}, due); err != nil {
			return err
		}
	}
	return nil
}

// listQuery puts the replies among the comments on the list of those who asked to hear of them, and says who these are.
const listQuery = `
	WITH listed AS (
		INSERT INTO reply_notices AS n (comment_id, commenter_id, due_at)
		SELECT c.id, p.commenter_id, $2
		FROM comments c
		JOIN comments p ON p.id = c.parent_id
		JOIN commenters m ON m.id = p.commenter_id
		WHERE c.id = ANY ($1) AND NOT c.imported AND p.notify AND p.status = 'approved' AND p.erased_at IS NULL
			AND c.commenter_id IS DISTINCT FROM p.commenter_id AND m.notices_stopped_at IS NULL
		ON CONFLICT (comment_id) DO UPDATE SET due_at = excluded.due_at WHERE n.sent_at IS NULL
		RETURNING commenter_id
	)
	SELECT DISTINCT commenter_id FROM listed ORDER BY commenter_id`

// askedQuery gives the comments whose writers want to hear of replies and haven't confirmed their address.
const askedQuery = `
	SELECT c.id
	FROM comments c
	JOIN commenters m ON m.id = c.commenter_id
	WHERE c.id = ANY ($1) AND c.notify AND NOT c.imported AND m.confirmed_at IS NULL AND m.notices_stopped_at IS NULL
	ORDER BY c.id`

func idsOf(r pgx.BatchResults) ([]int64, error) {
	rows, err := r.Query()
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
