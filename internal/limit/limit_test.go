package limit_test

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stet/internal/fault"
	"stet/internal/limit"
	"stet/internal/pgtest"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestWindowSlides(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	rule := limit.Rule{N: 3, Per: 10 * time.Minute}
	for _, step := range []struct {
		at    time.Duration
		after time.Duration // 0: allowed
	}{
		{0, 0}, {time.Minute, 0}, {2 * time.Minute, 0},
		{3 * time.Minute, 7 * time.Minute},
		{9*time.Minute + 59*time.Second, time.Second}, // refused acts don't count, so the wait gets no longer
		{10 * time.Minute, 0},
		{10 * time.Minute, time.Minute},
		{11 * time.Minute, 0}, {12 * time.Minute, 0},
		{12 * time.Minute, 8 * time.Minute},
	} {
		now := start.Add(step.at)
		err := limit.Allow(t.Context(), db.App, "comment:ada@example.org", rule, &now)
		var many *fault.TooMany
		switch {
		case step.after == 0 && err != nil:
			t.Errorf("at %s: %v, want it allowed", step.at, err)
		case step.after != 0 && (!errors.As(err, &many) || many.After != step.after):
			t.Errorf("at %s: %v, want a wait of %s", step.at, err, step.after)
		}
	}
}

func TestKeysAndRulesApart(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := t.Context()
	one, long := limit.Rule{N: 1, Per: time.Minute}, limit.Rule{N: 1, Per: time.Hour}
	for _, try := range []struct {
		key  string
		rule limit.Rule
	}{{"a", one}, {"b", one}, {"a", long}} {
		if err := limit.Allow(ctx, db.App, try.key, try.rule, nil); err != nil {
			t.Errorf("%s under %v: %v", try.key, try.rule, err)
		}
	}
	if err := limit.Allow(ctx, db.App, "a", one, nil); !isTooMany(err) {
		t.Errorf("second a: %v, want too many", err)
	}
	if err := limit.Forget(ctx, db.App, "a", one); err != nil {
		t.Fatal(err)
	}
	if err := limit.Allow(ctx, db.App, "a", one, nil); err != nil {
		t.Errorf("a after Forget: %v", err)
	}
	var clear int
	if err := db.Super.QueryRow(ctx, `SELECT count(*) FROM limits WHERE length(key) <> 64`).Scan(&clear); err != nil || clear != 0 {
		t.Errorf("%d keys in the clear, %v", clear, err)
	}
	for _, bad := range []limit.Rule{{}, {N: 1}, {N: 1, Per: 48 * time.Hour}, {N: -1, Per: time.Minute}} {
		if err := limit.Allow(ctx, db.App, "a", bad, nil); err == nil || isTooMany(err) {
			t.Errorf("rule %v: %v, want an error", bad, err)
		}
	}
}

// However many ask at once, exactly N are let through.
func TestExactUnderLoad(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	rule := limit.Rule{N: 7, Per: time.Hour}
	var allowed, refused atomic.Int32
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			switch err := limit.Allow(t.Context(), db.App, "k", rule, nil); {
			case err == nil:
				allowed.Add(1)
			case isTooMany(err):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if allowed.Load() != 7 || refused.Load() != 33 {
		t.Errorf("%d allowed, %d refused, want 7 and 33", allowed.Load(), refused.Load())
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	old, now := start, start.Add(limit.Longest+time.Minute)
	for key, at := range map[string]*time.Time{"old": &old, "new": &now} {
		if err := limit.Allow(t.Context(), db.App, key, limit.Rule{N: 1, Per: time.Minute}, at); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := limit.Prune(t.Context(), db.App, &now); n != 1 || err != nil {
		t.Errorf("Prune = %d, %v, want 1", n, err)
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7":             "192.0.2.7",
		"::ffff:192.0.2.7":      "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":  "2001:db8:1:2::/64",
		"2001:db8:1:2::1":       "2001:db8:1:2::/64",
		"fe80::1%eth0":          "fe80::/64",
		"2001:db8:1:3::1":       "2001:db8:1:3::/64",
		"::ffff:192.0.2.7%zone": "192.0.2.7",
	} {
		if got := limit.Address(netip.MustParseAddr(in)); got != want {
			t.Errorf("Address(%s) = %s, want %s", in, got, want)
		}
	}
	if got := limit.Address(netip.Addr{}); got != "unknown" {
		t.Errorf("Address of none = %s", got)
	}
}

func isTooMany(err error) bool {
	var many *fault.TooMany
	return errors.As(err, &many)
}
