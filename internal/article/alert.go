package article

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/jobs"
	"stet/internal/limit"
	"stet/internal/mail"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// alertLimit is how many alerts of one kind somebody is mailed.
var alertLimit = limit.Rule{N: 12, Per: time.Hour}

// Mailer tells the people of an article by mail what happened to it. Only jobs call it.
type Mailer struct {
	s    *Store
	mail *mail.Sender
}

// NewMailer makes a Mailer that sends over m.
func NewMailer(s *Store, m *mail.Sender) *Mailer { return &Mailer{s: s, mail: m} }

// Handle registers the work of this room's jobs.
func (m *Mailer) Handle(h *jobs.Handlers) { jobs.Handle(h, m.Alert) }

// alertOf is the alert that follows when a draft comes to a stage; empty where none does.
var alertOf = map[string]string{StageReview: jobs.Submitted, StageReturned: jobs.Returned}

// affair is an article as an alert about it finds it. Whose are those it concerns besides the editors.
type affair struct {
	Headline string
	Detail   string
	Whose    []int64
	Stands   bool
}

// Alert tells the people of an article, or one of them: editors of a submitted one, whose it is of one that was returned, and of a failed plan
// who made it, or the editors where nobody did. It is looked at again: what is over by now isn't told.
func (m *Mailer) Alert(ctx context.Context, j jobs.ArticleAlert) error {
	is, err := m.affair(ctx, j)
	if err == nil && is.Stands && j.Staff == 0 {
		err = m.spread(ctx, j, is)
	} else if err == nil && is.Stands {
		err = m.warn(ctx, j, is)
	}
	if err != nil && !errors.Is(err, fault.NotFound) {
		return fmt.Errorf("alert %s on article %d: %w", j.What, j.ID, err)
	}
	return nil
}

func (m *Mailer) affair(ctx context.Context, j jobs.ArticleAlert) (*affair, error) {
	rows, err := m.s.pool.Query(ctx, `
		SELECT coalesce(nullif(r.headline, ''), '#' || a.id) AS headline, CASE WHEN $2 = 'returned' THEN a.stage_note ELSE '' END AS detail,
			CASE $2 WHEN 'submitted' THEN a.stage = 'review' WHEN 'returned' THEN a.stage = 'returned' ELSE f.id IS NOT NULL END AND a.trashed_at IS NULL AS stands,
			CASE $2 WHEN 'submitted' THEN '{}' WHEN 'returned' THEN array_remove(ARRAY[a.created_by, a.assigned_to], NULL)
				ELSE array_remove(ARRAY[f.by], NULL) END::bigint[] AS whose
		FROM articles a
		LEFT JOIN revisions r ON r.article_id = a.id AND r.number = a.head
		LEFT JOIN LATERAL (
			SELECT s.id, s.by
			FROM schedules s
			WHERE s.article_id = a.id AND s.failed_at IS NOT NULL AND s.done_at IS NULL AND s.cancelled_at IS NULL
			ORDER BY s.failed_at DESC
			LIMIT 1
		) f ON true
		WHERE a.id = $1`, j.ID, j.What)
	if err != nil {
		return nil, err
	}
	is, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[affair])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.NotFound
	}
	return is, err
}

// spread queues a job for each whom it concerns, save who did it.
func (m *Mailer) spread(ctx context.Context, j jobs.ArticleAlert, is *affair) error {
	return postgres.InTx(ctx, m.s.pool, func(tx pgx.Tx) error {
		people := is.Whose
		if len(people) == 0 {
			var err error
			if people, err = staff.WithRole(ctx, tx, staff.Editor, staff.Admin); err != nil {
				return err
			}
		}
		slices.Sort(people)
		for _, id := range slices.Compact(people) {
			if id == j.By {
				continue
			}
			j.Staff = id
			if err := jobs.Insert(ctx, tx, j, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// warn writes to one of them, unless they were written to often enough.
func (m *Mailer) warn(ctx context.Context, j jobs.ArticleAlert, is *affair) error {
	email, err := staff.AddressOf(ctx, m.s.pool, j.Staff)
	if err != nil {
		return err
	}
	err = limit.Allow(ctx, m.s.pool, fmt.Sprintf("alert-%s:%d", j.What, j.Staff), alertLimit, postgres.At(m.s.Now))
	if _, many := errors.AsType[*fault.TooMany](err); many {
		return nil
	}
	if err != nil {
		return err
	}
	n := mail.Notice{What: j.What, About: is.Headline, Detail: is.Detail, Link: m.mail.Link(fmt.Sprintf("/newsroom/articles/%d", j.ID))}
	return m.mail.Send(ctx, mail.Alert(mail.Envelope{To: email, Recipient: fmt.Sprintf("staff %d", j.Staff), Ref: fmt.Sprintf("%d %s", j.ID, is.Detail)}, n))
}
