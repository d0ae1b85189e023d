package comment

import (
	"context"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
)

// asked is a text that comes in, and from whom: a new comment, or (where ID isn't 0) another text for one that is there. Keys are those
// under which the same comment may have come in already; Lock serialises it with others like it.
type asked struct {
	ID        int64
	ArticleID int64
	Parent    int64
	Name      string
	Email     string
	Body      string
	Address   *netip.Addr
	Keys      [][]byte
	Lock      int64
}

// desk is all that is looked at when a text comes in, as this transaction finds it.
type desk struct {
	ID  int64
	Now time.Time
	above

	Page        bool
	PublicState *string
	Trashed     bool
	PublicAt    *time.Time
	RecordHead  int
	Lineage     []int64

	Emergency      string
	Storm          bool
	ArticlePolicy  string
	CategoryPolicy string
	SitePolicy     string
	ArticleDays    *int
	CategoryDays   *int
	SiteDays       int
	PerEmail       int
	PerAddress     int
	Window         int
	AddressesDays  int
	StormNewcomers int
	RulesVersion   int64
	NamesVersion   int64

	PersonID  *int64
	Held      bool
	Banned    bool
	Known     bool
	Trusted   bool
	Last      *time.Time
	Copies    []time.Time
	Near      []time.Time
	Newcomers int

	SameID      *int64
	SameHash    []byte
	SameAddress bool

	// What isn't in the row.
	NameTaken bool  `db:"-"`
	Score     Score `db:"-"`
}

// look reads the desk for a text and gives the rules to put it to. Only after somebody changed a rule it reads twice.
func (s *Store) look(ctx context.Context, tx pgx.Tx, a *asked) (*desk, *ruleset, error) {
	set, err := s.ruleset(ctx, tx, 0)
	if err != nil {
		return nil, nil, err
	}
	d, err := s.desk(ctx, tx, a, set)
	if err != nil {
		return nil, nil, err
	}
	if d.RulesVersion != set.version {
		if set, err = s.ruleset(ctx, tx, d.RulesVersion); err != nil {
			return nil, nil, err
		}
		if d, err = s.desk(ctx, tx, a, set); err != nil {
			return nil, nil, err
		}
	}
	names, err := s.nameset(ctx, tx, d.NamesVersion)
	if err != nil {
		return nil, nil, err
	}
	d.NameTaken = names.taken[skeleton(a.Name)]
	return d, set, nil
}

// desk takes the lock that makes one comment of two identical ones, then reads in a statement of its own, which sees what the holder
// before it committed. All goes in one round trip. The writer's row is locked against being deleted with their last comment meanwhile.
func (s *Store) desk(ctx context.Context, tx pgx.Tx, a *asked, set *ruleset) (*desk, error) {
	tokens := features(a.Name, a.Email, a.Body)
	var b pgx.Batch
	// Planning the query takes longer than running it, and what it looks up is found by the same indexes whoever asks.
	b.Queue(`SET LOCAL plan_cache_mode = force_generic_plan`)
	b.Queue(`SELECT pg_advisory_xact_lock($1)`, a.Lock)
	b.Queue(`SELECT FROM commenters WHERE lower(email) = lower($1) FOR KEY SHARE`, a.Email)
	b.Queue(deskQuery, a.ArticleID, a.Parent, a.Email, a.Body, a.Keys, a.Address, postgres.At(s.Now), s.banKeys(a.Email), domains(a.Email),
		network(a.Address), set.near.span, set.near.most, set.copies.span, set.copies.most, a.ID)
	queueScore(&b, tokens)
	r := tx.SendBatch(ctx, &b)
	defer r.Close() //nolint:errcheck // what matters is reported by the reads below
	for range 3 {
		if _, err := r.Exec(); err != nil {
			return nil, err
		}
	}
	rows, err := r.Query()
	if err != nil {
		return nil, err
	}
	d, err := one[desk](rows)
	if err != nil {
		return nil, err
	}
	d.Score, err = readScore(r, tokens)
	return d, err
}

var deskQuery = `
	SELECT CASE WHEN $15::bigint = 0 THEN nextval('comments_id_seq') ELSE $15 END AS id, n.now,
		a.kind = 'page' AS page, a.public_state, a.trashed_at IS NOT NULL AS trashed, a.first_public_at AS public_at, a.record_head,
		coalesce(g.lineage, '{}') AS lineage,
		s.comments_emergency AS emergency, EXISTS (SELECT FROM storms t WHERE t.article_id = a.id AND t.ended_at IS NULL) AS storm,
		a.comments AS article_policy, s.comments AS site_policy, a.comments_close_days AS article_days, s.comments_close_days AS site_days,
		coalesce((SELECT u.comments FROM categories u WHERE u.id = ANY (g.lineage) AND u.comments <> 'default'
			ORDER BY cardinality(u.lineage) DESC LIMIT 1), 'default') AS category_policy,
		(SELECT u.comments_close_days FROM categories u WHERE u.id = ANY (g.lineage) AND u.comments_close_days IS NOT NULL
			ORDER BY cardinality(u.lineage) DESC LIMIT 1) AS category_days,
		s.comments_per_email AS per_email, s.comments_per_address AS per_address, s.comments_window AS window, s.addresses_days,
		s.storm_newcomers,
		v.rules AS rules_version, v.names AS names_version,
		m.id AS person_id, coalesce(m.always_held, false) AS held,
		` + banned(`$8::text[]`, `$9::text[]`, `$6::inet`) + ` AS banned,
		-- LIMIT keeps it a look at one person's comments; as EXISTS, without statistics, it is hashed over everybody's
		(SELECT true FROM comments k WHERE k.commenter_id = m.id AND k.status = 'approved' LIMIT 1) IS NOT NULL AS known,
		s.trust_after > 0 AND NOT coalesce(m.always_held, false) AND coalesce(e.approvals >= s.trust_after AND NOT e.refused, false) AS trusted,
		(SELECT k.posted_at FROM comments k WHERE k.commenter_id = m.id AND k.id <> $15 ORDER BY k.posted_at DESC LIMIT 1) AS last,
		ARRAY (
			SELECT x.at
			FROM comment_texts x JOIN comments k ON k.id = x.comment_id
			WHERE hashtextextended(lower(x.body), 0) = hashtextextended(lower($4), 0) AND length(x.body) >= 20 AND x.at > n.now - $13::interval
				AND k.id <> $15 AND (k.commenter_id IS DISTINCT FROM m.id OR k.article_id <> a.id)
			ORDER BY x.at DESC
			LIMIT $14) AS copies,
		ARRAY (
			SELECT x.at
			FROM comment_addresses x
			WHERE x.network = $10::cidr AND x.at > n.now - $11::interval AND x.comment_id <> $15
			ORDER BY x.at DESC
			LIMIT $12) AS near,
		-- Somebody who is among them already makes them no more.
		CASE WHEN EXISTS (SELECT FROM comments k WHERE k.commenter_id = m.id AND k.article_id = a.id AND k.newcomer AND k.posted_at > n.now - interval '10 minutes')
		THEN 0 ELSE (SELECT count(DISTINCT k.commenter_id) FROM (
			SELECT k.commenter_id
			FROM comments k
			WHERE s.storm_newcomers > 0 AND k.article_id = a.id AND k.newcomer AND k.posted_at > n.now - interval '10 minutes' AND k.commenter_id IS DISTINCT FROM m.id
				AND NOT EXISTS (SELECT FROM storms t WHERE t.article_id = a.id AND t.ended_at IS NULL) -- one is noticed once
			LIMIT 10 * s.storm_newcomers) k)::integer END AS newcomers,
		p.id AS parent_id, p.root_id AS parent_root, p.depth AS parent_depth, p.path AS parent_path,
		d.id AS same_id, d.token_hash AS same_hash, coalesce(d.same, false) AS same_address
	FROM articles a
	CROSS JOIN settings s
	CROSS JOIN intake_versions v
	CROSS JOIN (SELECT coalesce($7::timestamptz, clock_timestamp()) AS now) n
	LEFT JOIN categories g ON g.id = a.live_category
	LEFT JOIN commenters m ON lower(m.email) = lower($3)
	LEFT JOIN comments p ON p.id = $2 AND p.article_id = a.id AND p.status = 'approved' AND p.erased_at IS NULL
	CROSS JOIN LATERAL (
		SELECT count(DISTINCT l.comment_id) FILTER (WHERE l.act = 'approve' AND l.at > n.now - make_interval(days => s.trust_days)) AS approvals,
			coalesce(bool_or(l.act IN ('reject', 'spam')) FILTER (WHERE l.place <= 10), false) AS refused
		FROM (
			SELECT l.comment_id, l.act, l.at, row_number() OVER (ORDER BY l.id DESC) AS place
			FROM (
				SELECT k.id
				FROM comments k
				WHERE s.trust_after > 0 AND k.commenter_id = m.id
				ORDER BY k.posted_at DESC
				-- Enough to tell; a person with ten thousand comments costs no more than others.
				LIMIT greatest(100, 2 * s.trust_after)
			) k
			JOIN decisions l ON l.comment_id = k.id AND l.undone_at IS NULL
		) l
	) e
	LEFT JOIN LATERAL (
		SELECT c.id, c.token_hash, coalesce(r.address = $6::inet, false) AS same
		FROM comments c
		LEFT JOIN comment_addresses r ON r.comment_id = c.id
		WHERE c.duplicate_key = ANY ($5::bytea[]) AND c.posted_at > n.now - interval '10 minutes'
		-- The same address first: somebody else's copy must not hide one's own receipt.
		ORDER BY same DESC, c.posted_at DESC
		LIMIT 1
	) d ON true
	WHERE a.id = $1`

// policy of the article, as the desk found it.
func (d *desk) policy() Policy {
	p := Policy{Emergency: d.Emergency, Storm: d.Storm, Article: d.ArticlePolicy, Category: d.CategoryPolicy, Site: d.SitePolicy, Page: d.Page,
		ArticleDays: d.ArticleDays, CategoryDays: d.CategoryDays, SiteDays: d.SiteDays}
	if d.PublicAt != nil {
		p.PublicAt = *d.PublicAt
	}
	return p
}

// open refuses where no comment is taken. A draft answers like an article that doesn't exist.
func (d *desk) open() error {
	switch {
	case d.PublicState == nil || d.Trashed:
		return fault.NotFound
	case *d.PublicState != "published" || d.policy().Closed(d.Now):
		return fault.Forbidden
	}
	return nil
}

// version is the record's number that the reader named, or 0 where there is no such one: the form of a page that was kept open is no fault.
func (d *desk) version(named int) int {
	if named < 0 || named > d.RecordHead {
		return 0
	}
	return named
}
