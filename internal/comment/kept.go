package comment

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// kept is what intake has in memory: the rules that are on, made ready, and the names nobody else may use. Each is as the database has it
// under a number that the desk's query reads with everything else, so that a change holds for the very next comment, on every instance.
type kept struct {
	mu    sync.Mutex
	rules *ruleset
	names *nameset
}

// ruleset is the rules that are on. Near and copies are how far back, and up to how many, they ask for comments.
type ruleset struct {
	version int64
	rules   []Rule
	words   *lexicon
	near    reach
	copies  reach
}

// reach is the most that any rule of one kind looks back.
type reach struct {
	span time.Duration
	most int
}

func (r *reach) extend(rule *Rule) {
	r.span, r.most = max(r.span, rule.span()), max(r.most, int(rule.Amount)+1)
}

// nameset is the skeletons of the names that guests can't take.
type nameset struct {
	version int64
	taken   map[string]bool
}

// ruleset gives the rules as of version, or newer ones; 0 takes what there is.
func (s *Store) ruleset(ctx context.Context, tx pgx.Tx, version int64) (*ruleset, error) {
	s.kept.mu.Lock()
	defer s.kept.mu.Unlock()
	if r := s.kept.rules; r != nil && (version == 0 || version == r.version) {
		return r, nil
	}
	r, err := loadRules(ctx, tx)
	if err != nil {
		return nil, err
	}
	s.kept.rules = r
	return r, nil
}

func loadRules(ctx context.Context, tx pgx.Tx) (*ruleset, error) {
	rows, err := tx.Query(ctx, `
		SELECT v.rules, coalesce(r.id, 0), coalesce(r.kind, ''), coalesce(r.name, ''), coalesce(r.act, ''), coalesce(r.words, ''), coalesce(r.amount, 0),
			coalesce(r.seconds, 0), coalesce(r.category_id, 0), coalesce(r.article_id, 0), coalesce(r.pass_trusted, false), coalesce(r.told, '')
		FROM intake_versions v
		-- The version comes also where there is no rule, and with the rules in one statement.
		LEFT JOIN rules r ON r.active AND r.deleted_at IS NULL
		ORDER BY r.id`)
	if err != nil {
		return nil, err
	}
	set := &ruleset{}
	lists := map[int64]string{}
	r := Rule{Active: true}
	into := []any{&set.version, &r.ID, &r.Kind, &r.Name, &r.Act, &r.Words, &r.Amount, &r.Seconds, &r.CategoryID, &r.ArticleID, &r.PassTrusted, &r.Told}
	_, err = pgx.ForEachRow(rows, into, func() error {
		switch r.Kind {
		case "":
			return nil
		case ruleWords:
			lists[r.ID] = r.Words
		case ruleFlood:
			set.near.extend(&r)
		case ruleDuplicate:
			set.copies.extend(&r)
		}
		set.rules = append(set.rules, r)
		return nil
	})
	set.words = compileWords(lists)
	return set, err
}

// nameset gives the names as of version, or newer ones.
func (s *Store) nameset(ctx context.Context, tx pgx.Tx, version int64) (*nameset, error) {
	s.kept.mu.Lock()
	defer s.kept.mu.Unlock()
	if n := s.kept.names; n != nil && version == n.version {
		return n, nil
	}
	rows, err := tx.Query(ctx, `
		SELECT v.names, t.name
		FROM intake_versions v
		CROSS JOIN (SELECT name FROM staff UNION ALL SELECT name FROM authors UNION ALL SELECT title FROM settings) t`)
	if err != nil {
		return nil, err
	}
	set := &nameset{taken: map[string]bool{}}
	var name string
	_, err = pgx.ForEachRow(rows, []any{&set.version, &name}, func() error {
		if like := skeleton(name); like != "" {
			set.taken[like] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.kept.names = set
	return set, nil
}
