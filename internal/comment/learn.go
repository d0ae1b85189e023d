package comment

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

// lesson is what a comment teaches the spam filter, to the token, so that it can be taken back.
type lesson struct {
	ID     int64
	Spam   bool
	Tokens []string
}

// learn brings what the spam filter learned from these comments in line with what people say of them now: approved is ham, spam is spam.
// A rejection teaches nothing, it may be for any reason, nor does what a rule decided alone; what such a comment taught before is
// unlearned, exactly. The text that was decided on is the one that counts.
func learn(ctx context.Context, tx pgx.Tx, steps []step) error {
	ids := make([]int64, len(steps))
	for i, s := range steps {
		ids[i] = s.ID
	}
	rows, err := tx.Query(ctx, `
		SELECT c.id, c.status = 'spam' AS spam, c.name, coalesce(m.email, '') AS email, t.body
		FROM comments c
		JOIN comment_texts t ON t.id = c.shown_text
		LEFT JOIN commenters m ON m.id = c.commenter_id
		WHERE c.id = ANY ($1) AND c.status IN ('approved', 'spam') AND c.staff_id IS NULL AND c.erased_at IS NULL AND EXISTS (
			SELECT FROM decisions d
			WHERE d.comment_id = c.id AND d.undone_at IS NULL AND d.by IS NOT NULL
				AND d.act = CASE c.status WHEN 'approved' THEN 'approve' ELSE 'spam' END)`, ids)
	if err != nil {
		return err
	}
	var now []lesson
	var l lesson
	var name, email, body string
	_, err = pgx.ForEachRow(rows, []any{&l.ID, &l.Spam, &name, &email, &body}, func() error {
		now = append(now, lesson{l.ID, l.Spam, features(name, email, body)})
		return nil
	})
	if err != nil {
		return err
	}
	return teach(ctx, tx, ids, now)
}

// unlearn takes back all that the comments of ids taught. Tokens that stood in no other comment are gone after it.
func unlearn(ctx context.Context, tx pgx.Tx, ids []int64) error { return teach(ctx, tx, ids, nil) }

// teach replaces the lessons of the comments of ids by those in now. The caller holds the comments. Of all that learn at the same time one
// does at once: it holds the row of totals, without which no token changes, so that none waits for another in a circle.
func teach(ctx context.Context, tx pgx.Tx, ids []int64, now []lesson) error {
	rows, err := tx.Query(ctx, `SELECT comment_id AS id, spam, tokens FROM spam_lessons WHERE comment_id = ANY ($1)`, ids)
	if err != nil {
		return err
	}
	was, err := pgx.CollectRows(rows, pgx.RowToStructByName[lesson])
	if err != nil {
		return err
	}
	c := newCounted(was, now)
	if len(was) == 0 && len(now) == 0 || c.same {
		return nil
	}
	var b pgx.Batch
	b.Queue(`UPDATE spam_totals SET ham = ham + $1, spam = spam + $2`, c.all.ham, c.all.spam)
	b.Queue(`
		MERGE INTO spam_tokens t
		USING (SELECT * FROM unnest($1::text[], $2::integer[], $3::integer[]) AS d (token, ham, spam)) d ON t.token = d.token
		WHEN MATCHED AND t.ham + d.ham = 0 AND t.spam + d.spam = 0 THEN DELETE
		WHEN MATCHED THEN UPDATE SET ham = t.ham + d.ham, spam = t.spam + d.spam
		WHEN NOT MATCHED THEN INSERT (token, ham, spam) VALUES (d.token, d.ham, d.spam)`, c.tokens, c.ham, c.spam)
	b.Queue(`DELETE FROM spam_lessons WHERE comment_id = ANY ($1)`, ids)
	for _, l := range now {
		b.Queue(`INSERT INTO spam_lessons (comment_id, spam, tokens) VALUES ($1, $2, $3)`, l.ID, l.Spam, l.Tokens)
	}
	return tx.SendBatch(ctx, &b).Close()
}

// counted is what lessons change: by token, in the order of the tokens.
type counted struct {
	all       seen
	tokens    []string
	ham, spam []int
	same      bool // the lessons are the same as before
}

func newCounted(was, now []lesson) counted {
	c := counted{same: len(was) == len(now)}
	changes := map[string]seen{}
	for _, l := range was {
		c.all.count(l.Spam, -1)
		note(changes, l, -1)
		c.same = c.same && slices.ContainsFunc(now, func(n lesson) bool {
			return n.ID == l.ID && n.Spam == l.Spam && slices.Equal(n.Tokens, l.Tokens)
		})
	}
	for _, l := range now {
		c.all.count(l.Spam, 1)
		note(changes, l, 1)
	}
	for _, t := range slices.Sorted(maps.Keys(changes)) {
		if d := changes[t]; d != (seen{}) {
			c.tokens, c.ham, c.spam = append(c.tokens, t), append(c.ham, d.ham), append(c.spam, d.spam)
		}
	}
	return c
}

func note(changes map[string]seen, l lesson, by int) {
	for _, t := range l.Tokens {
		s := changes[t]
		s.count(l.Spam, by)
		changes[t] = s
	}
}

func (s *seen) count(spam bool, by int) {
	if spam {
		s.spam += by
	} else {
		s.ham += by
	}
}
