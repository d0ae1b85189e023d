package comment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/limit"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Delete erases a comment for its writer: every text of it, the name, the link to the person, the address, and the person where it was
// their last comment and they aren't banned. Its place stays, so that replies keep theirs. A second call does nothing.
// Faults: NotFound; Forbidden for a banned person, whose comments are evidence.
func (s *Store) Delete(ctx context.Context, token string) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		h, err := s.lockOwn(ctx, tx, token)
		if err != nil || h.Erased {
			return err
		}
		if h.Banned {
			return fault.Forbidden
		}
		if err := s.deleteOne(ctx, tx, h); err != nil {
			return fmt.Errorf("delete comment %d: %w", h.ID, err)
		}
		return nil
	})
}

func (s *Store) deleteOne(ctx context.Context, tx pgx.Tx, h *held) error {
	t, err := s.erase(ctx, tx, []*held{h})
	if err != nil {
		return err
	}
	if h.PersonID != nil {
		var b pgx.Batch
		// The lock waits for a comment of theirs that is just coming in; the statement after it sees that comment.
		b.Queue(`SELECT FROM commenters WHERE id = $1 FOR UPDATE`, *h.PersonID)
		b.Queue(`
			DELETE FROM reply_notices n
			WHERE n.commenter_id = $1 AND NOT EXISTS (SELECT FROM bans b WHERE b.commenter_id = $1) AND NOT EXISTS (SELECT FROM comments c WHERE c.commenter_id = $1)`,
			*h.PersonID)
		b.Queue(`
			DELETE FROM commenters p
			WHERE p.id = $1 AND NOT EXISTS (SELECT FROM bans b WHERE b.commenter_id = p.id) AND NOT EXISTS (SELECT FROM comments c WHERE c.commenter_id = p.id)`,
			*h.PersonID)
		if err := tx.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
	}
	if err := audit.Write(ctx, tx, audit.Entry{Act: "comment.delete", Object: object(h.ID)}); err != nil {
		return err
	}
	return t.write(ctx, tx)
}

// erase makes tombstones of comments that this transaction holds: what remains is that something stood there, when, and what became of it.
// The counts are the caller's to write, last.
func (s *Store) erase(ctx context.Context, tx pgx.Tx, list []*held) (tally, error) {
	t := tally{}
	var ids []int64
	for _, h := range list {
		if h.Erased {
			continue
		}
		ids = append(ids, h.ID)
		t.add(h, h.live(h.state()), false, false)
	}
	if len(ids) == 0 {
		return t, nil
	}
	if err := unlearn(ctx, tx, ids); err != nil {
		return nil, err
	}
	var b pgx.Batch
	b.Queue(`
		UPDATE comments
		SET erased_at = $2, name = '', commenter_id = NULL, duplicate_key = NULL, pending_text = NULL, notify = false, told = '', appeal = ''
		WHERE id = ANY ($1)`, ids, list[0].Now)
	b.Queue(`UPDATE comment_texts SET body = '', score = NULL, telling = NULL WHERE comment_id = ANY ($1)`, ids)
	b.Queue(`UPDATE hold_reasons SET words = '{}' WHERE comment_id = ANY ($1)`, ids)
	// A reason often quotes what it is about.
	b.Queue(`UPDATE decisions SET reason = '' WHERE comment_id = ANY ($1) AND reason <> ''`, ids)
	b.Queue(`DELETE FROM comment_addresses WHERE comment_id = ANY ($1)`, ids)
	b.Queue(`DELETE FROM reply_notices WHERE comment_id = ANY ($1)`, ids)
	// What a moderator sent to the corrections stays there as a task, without the reader's words.
	b.Queue(`UPDATE error_reports SET quote = '', body = '', name = '', email = '', credit = false, erased_at = $2 WHERE comment_id = ANY ($1) AND erased_at IS NULL`, ids, list[0].Now)
	return t, tx.SendBatch(ctx, &b).Close()
}

// errMoved says that a comment of theirs came in while a person was erased.
var errMoved = errors.New("another comment came in meanwhile")

// eraseTries bounds how often erasing a person begins anew because of that.
const eraseTries = 3

// EraseByLink erases the person whose mail link the token is. A second call is NotFound: nobody is left. Faults: NotFound; Forbidden where
// the link's time is over.
func (s *Store) EraseByLink(ctx context.Context, token string) error {
	person, err := s.holder(token, ForData)
	if err != nil {
		return err
	}
	return s.erasePerson(ctx, 0, person)
}

// ErasePerson erases a person for an admin whom they asked by another way than by mail. Faults: Forbidden; NotFound.
func (s *Store) ErasePerson(ctx context.Context, actor staff.Actor, person int64) error {
	if !actor.Can(staff.Admin) {
		return fault.Forbidden
	}
	return s.erasePerson(ctx, actor.ID, person)
}

// erasePerson makes tombstones of all comments of a person and leaves nothing else of them: not their row, not what they reported, not what
// their comments taught the spam filter. Of bans a keyed hash of the mailbox is kept, so that they hold.
func (s *Store) erasePerson(ctx context.Context, actor, person int64) error {
	var err error
	for range eraseTries {
		err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return s.eraseAll(ctx, tx, actor, person) })
		if !errors.Is(err, errMoved) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("erase commenter %d: %w", person, err)
	}
	return nil
}

func (s *Store) eraseAll(ctx context.Context, tx pgx.Tx, actor, person int64) error {
	ids, err := commentsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	found, err := s.lock(ctx, tx, ids)
	if err != nil {
		return err
	}
	// Comments before the person, the order in which everybody locks them; whoever is just commenting holds the person's key.
	var email, box string
	err = tx.QueryRow(ctx, `SELECT email, mailbox FROM commenters WHERE id = $1 FOR UPDATE`, person).Scan(&email, &box)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.NotFound
	}
	if err != nil {
		return err
	}
	now, err := commentsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	if !slices.Equal(ids, now) {
		return errMoved
	}
	t, err := s.erase(ctx, tx, found)
	if err != nil {
		return err
	}
	if err := s.erasePersonal(ctx, tx, person, email, box); err != nil {
		return err
	}
	if err := audit.Write(ctx, tx, audit.Entry{Actor: actor, Act: "comment.erase-person", Object: fmt.Sprintf("commenter:%d", person),
		Detail: map[string]any{"comments": len(ids)}}); err != nil {
		return err
	}
	return t.write(ctx, tx)
}

func commentsOf(ctx context.Context, tx pgx.Tx, person int64) ([]int64, error) {
	rows, err := tx.Query(ctx, `SELECT id FROM comments WHERE commenter_id = $1 ORDER BY id`, person)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// erasePersonal erases what isn't tied to a comment of theirs.
func (s *Store) erasePersonal(ctx context.Context, tx pgx.Tx, person int64, email, box string) error {
	var b pgx.Batch
	b.Queue(`DELETE FROM reply_notices WHERE commenter_id = $1`, person)
	b.Queue(`UPDATE bans SET mailbox = CASE WHEN mailbox IS NOT NULL THEN $2 END, commenter_id = NULL, reason = '' WHERE commenter_id = $1`, person, s.hashedBox(box))
	b.Queue(`DELETE FROM commenters WHERE id = $1`, person)
	b.Queue(`SELECT comments_window FROM settings`)
	r := tx.SendBatch(ctx, &b)
	for range b.Len() - 1 {
		if _, err := r.Exec(); err != nil {
			return errors.Join(err, r.Close())
		}
	}
	var window int
	err := r.QueryRow().Scan(&window)
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if err := s.EraseReports(ctx, tx, email); err != nil {
		return err
	}
	if s.AlsoErase != nil {
		if err := s.AlsoErase(ctx, tx, email); err != nil {
			return err
		}
	}
	email = strings.ToLower(email)
	return errors.Join(
		limit.Forget(ctx, tx, s.limitKey("data-email", email), askEmail),
		limit.Forget(ctx, tx, s.limitKey("comment-email", email), limit.Rule{N: 1, Per: time.Duration(window) * time.Second}))
}

// hashedBox is what is kept of an erased person's mailbox where they are banned.
func (s *Store) hashedBox(box string) string {
	return banHash(s.secret, box)
}
