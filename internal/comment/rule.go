package comment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// costSpan is the time in which the cost of a rule is counted.
const costSpan = 30 * 24 * time.Hour

// RuleLine is a rule with what it cost: in how many comments it matched within 30 days, how many of them were decided since, and how many
// of these were approved, held for nothing. Where is the category or article it is for, empty where it is for all; ChangedBy is empty for a
// rule that nobody changed since it came with the program.
type RuleLine struct {
	Rule
	Where     string
	Held      int
	Decided   int
	Approved  int
	ChangedBy string
	ChangedAt time.Time
	TriedAt   *time.Time
}

const ruleQuery = `
	SELECT r.id, r.kind, r.name, r.act, r.words, r.amount, r.seconds, coalesce(r.category_id, 0) AS category_id, coalesce(r.article_id, 0) AS article_id,
		r.pass_trusted, r.told, r.active, coalesce(k.name, a.live_headline, '') AS "where", coalesce(h.held, 0) AS held, coalesce(h.decided, 0) AS decided,
		coalesce(h.approved, 0) AS approved, coalesce(u.name, '') AS changed_by, r.changed_at, r.tried_at
	FROM rules r
	LEFT JOIN categories k ON k.id = r.category_id
	LEFT JOIN articles a ON a.id = r.article_id
	LEFT JOIN staff u ON u.id = r.changed_by
	LEFT JOIN (
		SELECT rule_id, count(*) AS held, count(*) FILTER (WHERE status <> 'pending') AS decided, count(*) FILTER (WHERE status = 'approved') AS approved
		FROM (
			SELECT DISTINCT w.rule_id, c.id, c.status
			FROM hold_reasons w
			JOIN comments c ON c.id = w.comment_id
			WHERE w.rule_id IS NOT NULL AND w.at > coalesce($2::timestamptz, clock_timestamp()) - $3::interval
		) one
		GROUP BY rule_id
	) h ON h.rule_id = r.id
	WHERE r.deleted_at IS NULL AND ($1::bigint = 0 OR r.id = $1)
	ORDER BY r.active DESC, r.id`

// Rules gives all rules, those that are on first. Everyone who doesn't moderate is Forbidden.
func (s *Store) Rules(ctx context.Context, actor staff.Actor) ([]RuleLine, error) {
	return s.ruleLines(ctx, actor, 0)
}

// RuleByID gives one rule. Faults: Forbidden; NotFound, also for a deleted one.
func (s *Store) RuleByID(ctx context.Context, actor staff.Actor, id int64) (RuleLine, error) {
	found, err := s.ruleLines(ctx, actor, id)
	if err == nil && (len(found) == 0 || id == 0) {
		err = fault.NotFound
	}
	if err != nil {
		return RuleLine{}, err
	}
	return found[0], nil
}

func (s *Store) ruleLines(ctx context.Context, actor staff.Actor, id int64) ([]RuleLine, error) {
	if !CanModerate(actor) {
		return nil, fault.Forbidden
	}
	rows, err := s.pool.Query(ctx, ruleQuery, id, postgres.At(s.Now), costSpan)
	if err != nil {
		return nil, fmt.Errorf("list rules: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[RuleLine])
	if err != nil {
		return nil, fmt.Errorf("list rules: %w", err)
	}
	return found, nil
}

// SaveRule makes a rule, or where r has an id changes that one, all but its kind, and gives the id. It holds for the very next comment.
// Faults: Forbidden; NotFound; *fault.Invalid on kind, name, act, words, amount, seconds, where and told.
func (s *Store) SaveRule(ctx context.Context, actor staff.Actor, r Rule) (id int64, err error) {
	if !CanModerate(actor) {
		return 0, fault.Forbidden
	}
	if err := r.check(); err != nil {
		return 0, err
	}
	err = s.changeRules(ctx, func(tx pgx.Tx) error {
		if err := checkPlace(ctx, tx, r); err != nil {
			return err
		}
		act := "rule.change"
		if r.ID == 0 {
			act = "rule.create"
		}
		if id, err = s.writeRule(ctx, tx, actor, r); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: act, Object: ruleObject(id), Detail: map[string]any{"kind": r.Kind, "act": r.Act, "on": r.Active}})
	})
	if err != nil {
		return 0, fmt.Errorf("save rule %d: %w", r.ID, err)
	}
	return id, nil
}

func (s *Store) writeRule(ctx context.Context, tx pgx.Tx, actor staff.Actor, r Rule) (id int64, err error) {
	args := pgx.StrictNamedArgs{"id": r.ID, "kind": r.Kind, "name": r.Name, "act": r.Act, "words": r.Words, "amount": r.Amount, "seconds": r.Seconds,
		"category": r.CategoryID, "article": r.ArticleID, "trusted": r.PassTrusted, "told": r.Told, "active": r.Active, "by": actor.ID, "now": postgres.At(s.Now)}
	sql := `
		UPDATE rules
		SET name = @name, act = @act, words = @words, amount = @amount, seconds = @seconds, category_id = nullif(@category::bigint, 0),
			article_id = nullif(@article::bigint, 0), pass_trusted = @trusted, told = @told, active = @active, changed_by = nullif(@by::bigint, 0),
			changed_at = coalesce(@now::timestamptz, clock_timestamp())
		WHERE id = @id AND kind = @kind AND deleted_at IS NULL
		RETURNING id`
	if r.ID == 0 {
		delete(args, "id")
		sql = `
		INSERT INTO rules (kind, name, act, words, amount, seconds, category_id, article_id, pass_trusted, told, active, changed_by, changed_at)
		VALUES (@kind, @name, @act, @words, @amount, @seconds, nullif(@category::bigint, 0), nullif(@article::bigint, 0), @trusted, @told, @active,
			nullif(@by::bigint, 0), coalesce(@now::timestamptz, clock_timestamp()))
		RETURNING id`
	}
	return oneID(tx.Query(ctx, sql, args))
}

// DeleteRule takes a rule away. Why it held comments stays with them, and RestoreRule brings it back as it was. Faults: Forbidden; NotFound.
func (s *Store) DeleteRule(ctx context.Context, actor staff.Actor, id int64) error {
	return s.markRule(ctx, actor, id, "rule.delete", `
		UPDATE rules
		SET deleted_at = coalesce($2::timestamptz, clock_timestamp())
		WHERE id = $1 AND deleted_at IS NULL
		RETURNING id`)
}

// RestoreRule takes DeleteRule back. Faults: Forbidden; NotFound, also where it isn't deleted.
func (s *Store) RestoreRule(ctx context.Context, actor staff.Actor, id int64) error {
	return s.markRule(ctx, actor, id, "rule.restore", `
		UPDATE rules
		SET deleted_at = NULL
		WHERE id = $1 AND deleted_at <= coalesce($2::timestamptz, clock_timestamp())
		RETURNING id`)
}

func (s *Store) markRule(ctx context.Context, actor staff.Actor, id int64, act, sql string) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	err := s.changeRules(ctx, func(tx pgx.Tx) error {
		if _, err := oneID(tx.Query(ctx, sql, id, postgres.At(s.Now))); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: act, Object: ruleObject(id)})
	})
	if err != nil {
		return fmt.Errorf("%s %d: %w", act, id, err)
	}
	return nil
}

// changeRules does it and says that what intake keeps of the rules is out of date.
func (s *Store) changeRules(ctx context.Context, do func(tx pgx.Tx) error) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE intake_versions SET rules = rules + 1`)
		return err
	})
}

func oneID(rows pgx.Rows, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, fault.NotFound
	}
	return ids[0], nil
}

func ruleObject(id int64) string { return fmt.Sprintf("rule:%d", id) }

// Talked is an article that readers talk about.
type Talked struct {
	ID       int64
	Headline string
}

// Talking gives the articles with the newest approved comments, the newest first, and first of all the one of id also (0: none), to choose
// from where a rule is for one of them.
func (s *Store) Talking(ctx context.Context, id int64) ([]Talked, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT a.id, coalesce(a.live_headline, '') AS headline
		FROM article_counts n
		RIGHT JOIN articles a ON a.id = n.article_id
		WHERE a.id = $1 OR n.last_at IS NOT NULL AND a.public_state = 'published' AND a.trashed_at IS NULL
		ORDER BY a.id = $1 DESC, n.last_at DESC
		LIMIT 20`, id)
	if err != nil {
		return nil, fmt.Errorf("list articles that are talked about: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Talked])
}
