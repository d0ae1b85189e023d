// Package limit says how often somebody may do something. The times of each key's latest acts stand in one Postgres row, so the
// answer is the same on every instance, and exact: a sliding window, not a counter that starts anew on the hour.
//
// It must never hold a name, an e-mail or an address in the clear, and never decide what the limits are.
package limit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
)

// Rule allows N acts within any span of Per, which is at most Longest.
type Rule struct {
	N   int
	Per time.Duration
}

// Longest is the longest window of a rule: Prune forgets what is older.
const Longest = 24 * time.Hour

// Allow counts one act of key under the rule, or returns *fault.TooMany with the time until the next one is allowed; a refused act
// isn't counted. key names who does what, such as "login:" and an account; only its hash is stored. now is postgres.At's.
//
// It is called on the pool before the act's transaction begins: inside one the count would be lost when the act fails, and its row
// would stay locked for everyone else with the same key until the end.
func Allow(ctx context.Context, q postgres.Querier, key string, r Rule, now *time.Time) error {
	if r.N < 1 || r.Per <= 0 || r.Per > Longest {
		return fmt.Errorf("limit: rule of %d per %s is out of range", r.N, r.Per)
	}
	row := hash(key, r)
	tag, err := q.Exec(ctx, `
		INSERT INTO limits AS l (key, hits)
		VALUES ($1, ARRAY [coalesce($4::timestamptz, clock_timestamp())])
		ON CONFLICT (key) DO UPDATE
		SET hits = ARRAY (
			SELECT h FROM unnest(l.hits) AS h WHERE h > coalesce($4::timestamptz, clock_timestamp()) - $3::interval ORDER BY h
		) || coalesce($4::timestamptz, clock_timestamp())
		-- A refused act writes nothing, so a flood costs no more than a lookup.
		WHERE (SELECT count(*) FROM unnest(l.hits) AS h WHERE h > coalesce($4::timestamptz, clock_timestamp()) - $3::interval) < $2`,
		row, r.N, r.Per, now)
	if err != nil {
		return fmt.Errorf("limit: %w", err)
	}
	if tag.RowsAffected() == 1 {
		return nil
	}
	return refused(ctx, q, row, r, now)
}

// refused gives the refusal with the time at which the window has room again: when the N-th newest act leaves it.
func refused(ctx context.Context, q postgres.Querier, row string, r Rule, now *time.Time) error {
	var after time.Duration
	err := q.QueryRow(ctx, `
		SELECT h + $3::interval - coalesce($4::timestamptz, clock_timestamp())
		FROM limits, unnest(hits) AS h
		WHERE key = $1
		ORDER BY h DESC
		LIMIT 1 OFFSET $2 - 1`, row, r.N, r.Per, now).Scan(&after)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("limit: %w", err)
	}
	return &fault.TooMany{After: max(after, time.Second)}
}

// Forget drops what was counted for key under the rule: a good sign-in ends the row of bad ones.
func Forget(ctx context.Context, q postgres.Querier, key string, r Rule) error {
	if _, err := q.Exec(ctx, `DELETE FROM limits WHERE key = $1`, hash(key, r)); err != nil {
		return fmt.Errorf("limit: forget: %w", err)
	}
	return nil
}

// Prune removes the keys that no rule counts any more.
func Prune(ctx context.Context, q postgres.Querier, now *time.Time) (int64, error) {
	tag, err := q.Exec(ctx, `
		DELETE FROM limits
		WHERE hits[cardinality(hits)] < coalesce($1::timestamptz, clock_timestamp()) - $2::interval`, now, Longest)
	if err != nil {
		return 0, fmt.Errorf("limit: prune: %w", err)
	}
	return tag.RowsAffected(), nil
}

// hash is the key's row. The window is part of it: two rules on one key each keep their own times.
func hash(key string, r Rule) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, r.Per))
	return hex.EncodeToString(sum[:])
}

// Address is the text under which an address is limited, banned and stored: an IPv4 address as it is, an IPv6 one cut to the /64
// that one household or machine has. What is no address is "unknown", so that all of those share one limit.
func Address(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	switch {
	case !a.IsValid():
		return "unknown"
	case a.Is4():
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return "unknown"
	}
	return p.Masked().String()
}
