package backup_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/backup"
	"stet/internal/comment"
	"stet/internal/demo"
	"stet/internal/front"
	"stet/internal/media"
	"stet/internal/pglocal"
	"stet/internal/pgtest"
	"stet/internal/postgres"
	"stet/internal/reads"
	"stet/internal/report"
	"stet/internal/s3test"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

func directory(t *testing.T) media.Blobs {
	t.Helper()
	blobs, err := media.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	return blobs
}

func bucket(t *testing.T) media.Blobs {
	t.Helper()
	b := s3test.New(t)
	blobs, err := media.OpenS3(media.S3Options{Bucket: b.Name, Endpoint: b.Endpoint, Region: b.Region, Key: b.Key, Secret: b.Secret})
	if err != nil {
		t.Fatal(err)
	}
	return blobs
}

// magazine makes the demo's newsroom in a database and in blobs.
func magazine(t *testing.T, blobs media.Blobs) *pgtest.DB {
	t.Helper()
	db := pgtest.New(t)
	secret := []byte("a secret of thirty-two bytes or so")
	articles := article.New(db.App, settings.NewSource(db.App))
	making, err := demo.Newsroom{Staff: staff.New(db.App), Settings: settings.New(db.App), Taxonomy: taxonomy.New(db.App), Authors: author.New(db.App), Media: media.New(db.App, blobs),
		Articles: articles, Comments: comment.New(db.App, secret, nil), Reports: report.New(db.App, article.NewReader(db.Reader), secret, nil),
		Fronts: front.New(db.App, articles), Reads: reads.New(db.App)}.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := making.Finish(t.Context(), time.Now(), func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	return db
}

// house is a database as a test looks at it.
type house struct {
	*testing.T
	super *pgxpool.Pool
}

func (h house) strings(sql string) []string {
	h.Helper()
	rows, err := h.super.Query(h.Context(), sql)
	if err != nil {
		h.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		h.Fatalf("%s: %v", sql, err)
	}
	return out
}

// all is everything in the database that could be lost: the rows of every table by their digest, the numbers that come next, what every thing
// is and what each role may do with it.
func (h house) all() []string {
	h.Helper()
	var out []string
	for _, table := range h.strings(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`) {
		out = append(out, h.strings(fmt.Sprintf(`SELECT '%s ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '') FROM public.%s t`, table, pgx.Identifier{table}.Sanitize()))...)
	}
	out = append(out, h.strings(`SELECT sequencename || ' ' || coalesce(last_value::text, '') FROM pg_sequences`)...)
	out = append(out, h.strings(`
		SELECT format('%s %s of %s: %s', c.relkind, c.relname, pg_get_userbyid(c.relowner), (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(c.relacl) AS a))
		FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace`)...)
	out = append(out, h.strings(`
		SELECT format('%s.%s %s: %s', c.relname, a.attname, a.attgenerated, (SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM unnest(a.attacl) AS x))
		FROM pg_attribute a
		JOIN pg_class c ON c.oid = a.attrelid
		WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped`)...)
	out = append(out, h.strings(`SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal`)...)
	out = append(out, h.strings(`SELECT pg_get_constraintdef(c.oid, true) || conname FROM pg_constraint c WHERE connamespace = 'public'::regnamespace`)...)
	out = append(out, h.strings(`SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE c.relnamespace = 'public'::regnamespace`)...)
	out = append(out, h.strings(`SELECT pg_get_functiondef(oid) FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
		AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`)...)
	out = append(out, h.strings(`SELECT 'word ' || description FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)`)...)
	out = append(out, h.strings(`SELECT 'extension ' || extname FROM pg_extension`)...)
	slices.Sort(out)
	return out
}

// files are all media with what is in them.
func files(t *testing.T, blobs media.Blobs) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := blobs.Walk(t.Context(), func(b media.Blob) error {
		f, err := blobs.Open(t.Context(), b.Key, b.Name)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(f)
		out[b.Path()] = string(body)
		return errors.Join(err, f.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// differ tells what only one of two lists has.
func differ(t *testing.T, what string, want, got []string) {
	t.Helper()
	for _, s := range want {
		if !slices.Contains(got, s) {
			t.Errorf("%s: lost: %.300s", what, s)
		}
	}
	for _, s := range got {
		if !slices.Contains(want, s) {
			t.Errorf("%s: new: %.300s", what, s)
		}
	}
}

// as is the address of the same database for another role.
func as(t *testing.T, address, role string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(role)
	return u.String()
}

// TestEverythingComesBack saves a magazine, makes it again where there is nothing, in a directory and in a bucket, and saves it from there.
func TestEverythingComesBack(t *testing.T) {
	blobs := directory(t)
	db := magazine(t, blobs)
	file := filepath.Join(t.TempDir(), "site.stet")
	heard := map[string]bool{}
	m, err := backup.Make(t.Context(), backup.Site{Address: db.OwnerURL, Media: blobs, Progress: func(what string, _, _ int) { heard[what] = true }}, file)
	if err != nil {
		t.Fatal(err)
	}
	if m.Rows["articles"] < 20 || m.Rows["comments"] < 20 || m.Media.Files < 20 || !heard["database"] || !heard["media"] {
		t.Fatalf("there is too little in it to tell: %+v, heard %v", m, heard)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	wantRows, wantFiles := house{t, db.Super}.all(), files(t, blobs)
	for name, into := range map[string]media.Blobs{"into a directory": directory(t), "into a bucket": bucket(t)} {
		t.Run(name, func(t *testing.T) {
			superURL, ownerURL := pgtest.Empty(t)
			got, err := backup.Restore(t.Context(), backup.Site{Address: ownerURL, Media: into}, file, false)
			if err != nil {
				t.Fatal(err)
			}
			if got.Media != m.Media || !maps.Equal(got.Rows, m.Rows) {
				t.Errorf("restored %+v, saved %+v", got, m)
			}
			again := house{t, pgtest.Pool(t, superURL, postgres.Options{})}
			differ(t, "database", wantRows, again.all())
			if gotFiles := files(t, into); !maps.Equal(gotFiles, wantFiles) {
				t.Errorf("%d files came back, want the %d that were there", len(gotFiles), len(wantFiles))
			}
			works(t, again, ownerURL, into)
			m2, err := backup.Make(t.Context(), backup.Site{Address: ownerURL, Media: into}, filepath.Join(t.TempDir(), "again.stet"))
			if err != nil || m2.Media.Files != m.Media.Files || m2.Media.Bytes != m.Media.Bytes || !maps.Equal(m2.Rows, m.Rows) {
				t.Errorf("saved again: %+v, %v, want what was saved first: %+v", m2, err, m)
			}
		})
	}
}

// works checks that what came back is a site: its record stands, its pictures are where its rows say, its roles may do what they should.
func works(t *testing.T, h house, ownerURL string, blobs media.Blobs) {
	t.Helper()
	app := pgtest.Pool(t, as(t, ownerURL, postgres.App), postgres.Options{})
	checked, err := article.New(app, settings.NewSource(app)).Verify(t.Context(), func(f article.Fault) { t.Errorf("the record: %v", f) })
	if err != nil || checked == 0 {
		t.Errorf("verified %d rows, %v", checked, err)
	}
	for _, at := range h.strings(`SELECT key || '/' || (v ->> 'name') FROM media, jsonb_array_elements(variants) AS v UNION ALL SELECT key || '/original' FROM media WHERE missing_from IS NULL`) {
		key, name, _ := strings.Cut(at, "/")
		f, err := blobs.Open(t.Context(), key, name)
		if err != nil {
			t.Errorf("%s: %v", at, err)
			continue
		}
		f.Close()
	}
	if _, err := app.Exec(t.Context(), `UPDATE publications SET notice = 'changed'`); err == nil {
		t.Error("stet_app may change the record")
	}
	reader := pgtest.Pool(t, as(t, ownerURL, postgres.App), postgres.Readers())
	var n int
	if err := reader.QueryRow(t.Context(), `SELECT count(*) FROM live_articles`).Scan(&n); err != nil || n == 0 {
		t.Errorf("stet_reader sees %d articles, %v", n, err)
	}
	if err := reader.QueryRow(t.Context(), `SELECT count(*) FROM revisions`).Scan(&n); err == nil {
		t.Error("stet_reader sees drafts")
	}
}

// small is a site with one file, saved.
func small(t *testing.T) (db *pgtest.DB, blobs media.Blobs, file string) {
	t.Helper()
	db, blobs = pgtest.New(t), directory(t)
	if err := blobs.Put(t.Context(), "abcdefghijklmnopqrstuvwxyz", "original", strings.NewReader(strings.Repeat("picture ", 1000))); err != nil {
		t.Fatal(err)
	}
	if _, err := staff.New(db.App).Add(t.Context(), staff.System(), staff.NewPerson{Email: "a@staff.example", Name: "A", Password: "correct horse battery", Roles: staff.Roles{staff.Admin}}); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "site.stet")
	if _, err := backup.Make(t.Context(), backup.Site{Address: db.OwnerURL, Media: blobs}, file); err != nil {
		t.Fatal(err)
	}
	return db, blobs, file
}

func TestADatabaseThatIsNotEmptyIsReplacedOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	db, blobs, file := small(t)
	want := house{t, db.Super}.all()
	if _, err := db.App.Exec(t.Context(), `UPDATE staff SET name = 'B'`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Owner.Exec(t.Context(), `CREATE TABLE later (id bigint GENERATED ALWAYS AS IDENTITY, state river_job_state); CREATE VIEW newest AS SELECT * FROM later JOIN staff USING (id)`); err != nil {
		t.Fatal(err)
	}
	changed := house{t, db.Super}.all()
	site := backup.Site{Address: db.OwnerURL, Media: blobs}
	if _, err := backup.Restore(t.Context(), site, file, false); !errors.Is(err, backup.ErrNotEmpty) || !strings.Contains(err.Error(), "--replace") {
		t.Errorf("over what was there: %v", err)
	}
	differ(t, "refused", changed, house{t, db.Super}.all())
	if _, err := backup.Restore(t.Context(), site, file, true); err != nil {
		t.Fatal(err)
	}
	differ(t, "replaced", want, house{t, db.Super}.all())
}

// TestADamagedFileChangesNothing cuts a file off at every kind of place, and changes a bit in every part.
func TestADamagedFileChangesNothing(t *testing.T) {
	t.Parallel()
	db, _, file := small(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	manifest := strings.Index(string(whole), "manifest.json")
	picture := strings.Index(string(whole), "picture picture")
	damaged := map[string][]byte{
		"empty": nil, "half": whole[:len(whole)/2], "no manifest": whole[:manifest], "half a manifest": whole[:manifest+700],
		"no end of the manifest": whole[:len(whole)-1500],
		"a bit of the dump":      flipped(whole, 5000), "a bit of a picture": flipped(whole, picture+20), "a bit of a name": flipped(whole, picture-510),
		"something else": []byte(strings.Repeat("nonsense", 1000)),
	}
	before, into := house{t, db.Super}.all(), directory(t)
	for name, body := range damaged {
		bad := filepath.Join(t.TempDir(), "bad.stet")
		if err := os.WriteFile(bad, body, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Restore(t.Context(), backup.Site{Address: db.OwnerURL, Media: into}, bad, true); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
	}
	differ(t, "after damaged files", before, house{t, db.Super}.all())
	if got := files(t, into); len(got) > 0 {
		t.Errorf("%d files of media came of damaged files", len(got))
	}
}

func flipped(b []byte, at int) []byte {
	b = slices.Clone(b)
	b[at] ^= 1
	return b
}

// breaking are Blobs that can't be read.
type breaking struct {
	media.Blobs
	call func()
}

func (b *breaking) Open(ctx context.Context, key, name string) (io.ReadSeekCloser, error) {
	b.call()
	return nil, errors.Join(errors.New("the disk is gone"), ctx.Err())
}

func TestAnInterruptedBackupLeavesNoFile(t *testing.T) {
	t.Parallel()
	db, blobs, file := small(t)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(file)
	cases := map[string]func(ctx context.Context, cancel func(), site *backup.Site){
		"given up amid the database": func(_ context.Context, cancel func(), site *backup.Site) {
			site.Progress = func(what string, done, _ int) {
				if what == "database" && done > 3 {
					cancel()
				}
			}
		},
		"given up amid the media": func(_ context.Context, cancel func(), site *backup.Site) {
			site.Media = &breaking{Blobs: blobs, call: cancel}
		},
		"media that can't be read": func(_ context.Context, _ func(), site *backup.Site) {
			site.Media = &breaking{Blobs: blobs, call: func() {}}
		},
		"no such database": func(_ context.Context, _ func(), site *backup.Site) {
			site.Address = strings.Replace(site.Address, "/test_", "/nothing_", 1)
		},
	}
	for name, disturb := range cases {
		ctx, cancel := context.WithCancel(t.Context())
		site := backup.Site{Address: db.OwnerURL, Media: blobs}
		disturb(ctx, cancel, &site)
		for _, to := range []string{file, filepath.Join(dir, "new.stet")} {
			if _, err := backup.Make(ctx, site, to); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		cancel()
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v, want the earlier one", len(entries), err)
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("the earlier file has changed, %v", err)
	}
}

// TestAFailedRestoreChangesNothing gives up amid the database, and has the server refuse what it is asked.
func TestAFailedRestoreChangesNothing(t *testing.T) {
	t.Parallel()
	db, blobs, file := small(t)
	before := house{t, db.Super}.all()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	site := backup.Site{Address: db.OwnerURL, Media: blobs, Progress: func(what string, _, _ int) {
		if strings.HasPrefix(what, "database") {
			cancel()
		}
	}}
	if _, err := backup.Restore(ctx, site, file, true); err == nil {
		t.Error("a restore that was given up ended well")
	}
	differ(t, "given up", before, house{t, db.Super}.all())
	if _, err := db.Super.Exec(t.Context(), `CREATE TABLE another_s (id bigint)`); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), backup.Site{Address: db.OwnerURL, Media: blobs}, file, true); err == nil {
		t.Error("a table of somebody else's was thrown away")
	}
	if _, err := db.Super.Exec(t.Context(), `DROP TABLE another_s`); err != nil {
		t.Fatal(err)
	}
	differ(t, "refused", before, house{t, db.Super}.all())
}

// TestWhereThereIsOneRole makes a site again on a server that has none of the three roles, as where a host gives only one.
func TestWhereThereIsOneRole(t *testing.T) {
	t.Parallel()
	_, _, file := small(t)
	cluster, err := pglocal.Open(filepath.Join(pgtest.Folder(t), "pg"), pglocal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := cluster.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	address, said := cluster.URL(pglocal.Superuser, "postgres"), ""
	_, err = backup.Restore(t.Context(), backup.Site{Address: address, Media: directory(t), Notice: func(what string) { said = what }}, file, false)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said, postgres.App) || !strings.Contains(said, postgres.Reader) {
		t.Errorf("said %q, want the roles that are missing", said)
	}
	pool := pgtest.Pool(t, address, postgres.Options{})
	if err := postgres.CheckSchema(t.Context(), pool); err != nil {
		t.Error(err)
	}
	var people int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM staff`).Scan(&people); err != nil || people != 1 {
		t.Errorf("%d people, %v", people, err)
	}
}

// TestADatabaseInUse has somebody read while it is to be replaced: that is said, and changes nothing.
func TestADatabaseInUse(t *testing.T) {
	t.Parallel()
	db, blobs, file := small(t)
	tx, err := db.App.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(t.Context())) //nolint:errcheck // it only held a lock
	if _, err := tx.Exec(t.Context(), `SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE staff IN ACCESS SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), backup.Site{Address: db.OwnerURL, Media: blobs}, file, true); !errors.Is(err, backup.ErrInUse) {
		t.Errorf("over a database in use: %v", err)
	}
	if people := (house{t, db.Super}).strings(`SELECT name FROM staff`); len(people) != 1 {
		t.Errorf("%d people are left", len(people))
	}
}
