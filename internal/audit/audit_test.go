package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/pgtest"
	"stet/internal/postgres"
)

func write(t *testing.T, db *pgtest.DB, entries ...audit.Entry) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), db.App, func(tx pgx.Tx) error {
		for _, e := range entries {
			if err := audit.Write(t.Context(), tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var person int64
	err := db.App.QueryRow(t.Context(), `
		INSERT INTO staff (email, name, roles, password_hash)
		VALUES ('ada@example.org', 'Ada', '{admin}', '')
		RETURNING id`).Scan(&person)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db,
		audit.Entry{Act: "article.publish", Object: "article:1", Actor: person, Detail: map[string]any{"number": 3}},
		audit.Entry{Act: "article.retract", Object: "article:1"},
		audit.Entry{Act: "articles", Object: "article:2"},
	)
	store := audit.New(db.App)
	for _, test := range []struct {
		name   string
		filter audit.Filter
		want   []string
	}{
		{"all, newest first", audit.Filter{}, []string{"articles", "article.retract", "article.publish"}},
		{"one act", audit.Filter{Act: "article.retract"}, []string{"article.retract"}},
		{"acts of a noun", audit.Filter{Act: "article."}, []string{"article.retract", "article.publish"}},
		{"one object", audit.Filter{Object: "article:2"}, []string{"articles"}},
		{"one person", audit.Filter{Actor: person}, []string{"article.publish"}},
		{"nothing", audit.Filter{Act: "comment."}, nil},
	} {
		rows, err := store.List(t.Context(), test.filter)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.Act)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	rows, err := store.List(t.Context(), audit.Filter{Actor: person})
	if err != nil {
		t.Fatal(err)
	}
	var detail map[string]int
	if err := json.Unmarshal(rows[0].Detail, &detail); err != nil || detail["number"] != 3 || rows[0].Name != "Ada" {
		t.Errorf("row = %+v, detail %v, %v", rows[0], detail, err)
	}
	older, err := store.List(t.Context(), audit.Filter{Before: rows[0].ID})
	if err != nil || len(older) != 0 {
		t.Errorf("before the first row: %v, %v", older, err)
	}
}

func TestRowsStay(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	write(t, db, audit.Entry{Act: "article.publish"})
	for _, sql := range []string{`UPDATE audit SET act = ''`, `DELETE FROM audit`, `TRUNCATE audit`} {
		if _, err := db.App.Exec(context.Background(), sql); !postgres.IsDenied(err) {
			t.Errorf("%s as the application: %v, want it denied", sql, err)
		}
		if _, err := db.Owner.Exec(context.Background(), sql); !postgres.IsRefused(err) {
			t.Errorf("%s as the owner: %v, want it refused", sql, err)
		}
	}
}

// An act that fails leaves no row.
func TestFailedActLeavesNoRow(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	failed := errors.New("failed midway")
	err := pgx.BeginFunc(t.Context(), db.App, func(tx pgx.Tx) error {
		return errors.Join(audit.Write(t.Context(), tx, audit.Entry{Act: "article.publish"}), failed)
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if rows, err := audit.New(db.App).List(t.Context(), audit.Filter{}); err != nil || len(rows) != 0 {
		t.Errorf("rows = %v, %v", rows, err)
	}
}
