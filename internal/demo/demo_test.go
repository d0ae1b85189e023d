package demo_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/demo"
	"stet/internal/front"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/pgtest"
	"stet/internal/reads"
	"stet/internal/report"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// made is a database in which the demo was made once, for all tests of this file.
type made struct {
	*testing.T
	db       *pgtest.DB
	newsroom demo.Newsroom
	reader   *article.Reader
	signIns  []demo.SignIn
	took     time.Duration
	now      time.Time
	cards    []article.Card
}

func makeDemo(t *testing.T) *made {
	t.Helper()
	db := pgtest.New(t)
	blobs, err := media.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := blobs.Close(); err != nil {
			t.Error(err)
		}
	})
	secret := []byte("a secret of thirty-two bytes or so")
	m := &made{T: t, db: db, now: time.Now(), reader: article.NewReader(db.Reader), newsroom: demo.Newsroom{Staff: staff.New(db.App), Settings: settings.New(db.App),
		Taxonomy: taxonomy.New(db.App), Authors: author.New(db.App), Media: media.New(db.App, blobs), Articles: article.New(db.App, settings.NewSource(db.App)),
		Comments: comment.New(db.App, secret, nil),
		Reports:  report.New(db.App, article.NewReader(db.Reader), secret, nil),
		Fronts:   front.New(db.App, article.New(db.App, settings.NewSource(db.App))), Reads: reads.New(db.App)}}
	told, of := 0, 0
	making, err := m.newsroom.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if m.signIns, err = making.Finish(t.Context(), m.now, func(done, total int) { told, of = done, total }); err != nil {
		t.Fatal(err)
	}
	if m.took = time.Since(m.now); told != of || told == 0 {
		t.Errorf("progress ended at %d of %d", told, of)
	}
	if m.cards, _, err = m.reader.LiveList(t.Context(), article.ListIn{Limit: 100}); err != nil {
		t.Fatal(err)
	}
	return m
}

// count reads one number as the superuser.
func (m *made) count(sql string, args ...any) (n int) {
	m.Helper()
	if err := m.db.Super.QueryRow(m.Context(), sql, args...).Scan(&n); err != nil {
		m.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestMake(t *testing.T) {
	m := makeDemo(t)
	t.Logf("made in %s", m.took.Round(time.Millisecond))
	t.Run("content", m.content)
	t.Run("discussion", m.discussion)
	t.Run("record", m.record)
	t.Run("sign-ins", m.people)
	t.Run("links", m.links)
	t.Run("leaks", m.leaks)
	t.Run("scheduled", m.scheduled)
}

func (m *made) content(t *testing.T) {
	for what, c := range map[string]struct {
		sql   string
		least int
	}{
		"listed articles":        {`SELECT count(*) FROM articles WHERE listed`, 24},
		"categories with some":   {`SELECT count(DISTINCT c.lineage[1]) FROM article_categories l JOIN categories c ON c.id = l.category_id WHERE l.listed_at IS NOT NULL`, 6},
		"authors with portraits": {`SELECT count(*) FROM authors WHERE portrait IS NOT NULL AND length(biography) > 100`, 5},
		"retracted":              {`SELECT count(*) FROM articles WHERE public_state = 'retracted'`, 1},
		"scheduled":              {`SELECT count(*) FROM schedules WHERE done_at IS NULL AND failed_at IS NULL`, 1},
		"in review":              {`SELECT count(*) FROM articles WHERE stage = 'review' AND public_state IS NULL`, 1},
		"plain drafts":           {`SELECT count(*) FROM articles WHERE stage = 'draft' AND public_state IS NULL`, 1},
		"changed since":          {`SELECT count(*) FROM articles WHERE public_state = 'published' AND live_revision <> head`, 1},
		"updates":                {`SELECT count(*) FROM publications WHERE kind = 'update'`, 3},
		"corrections":            {`SELECT count(*) FROM publications WHERE kind = 'correction'`, 3},
		"amended":                {`SELECT count(*) FROM publications WHERE amends IS NOT NULL`, 1},
		"pages":                  {`SELECT count(*) FROM articles WHERE kind = 'page' AND public_state = 'published'`, 4},
		"in Arabic":              {`SELECT count(*) FROM articles WHERE listed AND live_language = 'ar'`, 1},
		"in Korean":              {`SELECT count(*) FROM articles WHERE listed AND live_language = 'ko'`, 1},
		"comments":               {`SELECT count(*) FROM comments`, 200},
		"approved":               {`SELECT count(*) FROM comments WHERE status = 'approved' AND erased_at IS NULL`, 120},
		"waiting":                {`SELECT count(*) FROM comments WHERE pending_text IS NOT NULL`, 35},
		"rejected":               {`SELECT count(*) FROM comments WHERE status = 'rejected'`, 10},
		"spam":                   {`SELECT count(*) FROM comments WHERE status = 'spam'`, 20},
		"erased":                 {`SELECT count(*) FROM comments WHERE erased_at IS NOT NULL`, 1},
		"from the newsroom":      {`SELECT count(*) FROM comments WHERE staff_id IS NOT NULL`, 5},
		"deep in a thread":       {`SELECT count(*) FROM comments WHERE depth > 3`, 1},
		"articles that are read": {`SELECT count(DISTINCT article_id) FROM live_reads WHERE hour > now() - interval '24 hours'`, 5},
		"pictures in use":        {`SELECT count(DISTINCT media_id) FROM media_uses WHERE public`, 20},
	} {
		if got := m.count(c.sql); got < c.least {
			t.Errorf("%s: %d, want at least %d", what, got, c.least)
		}
	}
	if n := m.count(`SELECT count(*) FROM media WHERE id NOT IN (SELECT media_id FROM media_uses)`); n != 0 {
		t.Errorf("%d pictures are used nowhere", n)
	}
	if n := m.count(`SELECT count(*) FROM (SELECT recorded_at AS at FROM publications UNION ALL SELECT posted_at FROM comments UNION ALL SELECT at FROM decisions
		UNION ALL SELECT changed_at FROM articles UNION ALL SELECT at FROM comment_texts UNION ALL SELECT at FROM hold_reasons UNION ALL SELECT pinned_at FROM comments
		UNION ALL SELECT appealed_at FROM comments UNION ALL SELECT at FROM bans UNION ALL SELECT greatest(began_at, seen_at, ended_at) FROM storms
		UNION ALL SELECT greatest(asked_at, at) FROM second_opinions UNION ALL SELECT greatest(at, decided_at, appealed_at) FROM comment_reports
		UNION ALL SELECT greatest(at, changed_at) FROM error_reports) x WHERE at > $1`, m.now); n != 0 {
		t.Errorf("%d acts lie after the making", n)
	}
}

// discussion looks for one of everything that moderators and readers do about comments.
func (m *made) discussion(t *testing.T) {
	for what, sql := range map[string]string{
		"a first comment":             held("h.rule = 'first'"),
		"suspect words":               held("h.rule = 'words' AND 'idiot' = ANY (h.words)"),
		"several links":               held("h.rule = 'links' AND cardinality(h.words) = 2"),
		"a spam score":                held("h.rule = 'spam' AND t.score > 0.9 AND jsonb_array_length(t.telling) > 5"),
		"capitals":                    held("h.rule = 'capitals'"),
		"a duplicate":                 held("h.rule = 'duplicate'"),
		"an edit of what is public":   held("h.rule = 'edited' AND c.status = 'approved'"),
		"a name like an editor's":     held("h.rule = 'name'"),
		"a person always held":        held("h.rule = 'held'"),
		"a storm":                     held("h.rule = 'storm'"),
		"a quotation":                 held("t.body LIKE '> %'"),
		"Arabic":                      held("t.body ~ '[ء-ي]{4}'"),
		"Japanese":                    held("t.body ~ '[ぁ-ん]{2}'"),
		"a long word":                 held(`t.body ~ '\w{80}'`),
		"an answer to the newsroom":   held("EXISTS (SELECT FROM comments p WHERE p.id = c.parent_id AND p.staff_id IS NOT NULL)"),
		"before a correction":         held("EXISTS (SELECT FROM publications p WHERE p.article_id = c.article_id AND p.number > c.version_number AND p.kind = 'correction')"),
		"passed by trust or category": `SELECT count(*) FROM comments c WHERE status = 'approved' AND staff_id IS NULL AND NOT EXISTS (SELECT FROM decisions d WHERE d.comment_id = c.id)`,
		"an appeal":                   `SELECT count(*) FROM comments WHERE appeal <> '' AND status = 'rejected'`,
		"a pinned comment":            `SELECT count(*) FROM comment_threads WHERE pinned_at IS NOT NULL`,
		"a ban for a time":            `SELECT count(*) FROM bans WHERE lifted_at IS NULL AND until > now() AND until <> 'infinity'`,
		"a banned domain":             `SELECT count(*) FROM bans WHERE domain <> ''`,
		"an open storm":               `SELECT count(*) FROM storms WHERE ended_at IS NULL`,
		"a rule that is on":           `SELECT count(*) FROM rules WHERE kind = 'words' AND active`,
		"a rule that is off":          `SELECT count(*) FROM rules WHERE kind = 'words' AND NOT active AND category_id IS NOT NULL`,
		"a category's policy":         `SELECT count(*) FROM categories WHERE comments = 'open'`,
		"saved reasons":               `SELECT cardinality(saved_reasons) FROM settings WHERE trust_after = 5 AND trust_days = 180`,
		"illegal content, open":       `SELECT count(*) FROM comment_reports WHERE reason = 'illegal' AND decided_at IS NULL`,
		"illegal content, decided":    `SELECT count(*) FROM comment_reports WHERE reason = 'illegal' AND NOT upheld AND answer <> ''`,
		"an error, open":              `SELECT count(*) FROM error_reports WHERE status = 'open' AND comment_id IS NULL`,
		"an error in a comment":       `SELECT count(*) FROM error_reports WHERE status = 'open' AND comment_id IS NOT NULL`,
		"an error, looked into":       `SELECT count(*) FROM error_reports WHERE status = 'checking'`,
		"an error that is none":       `SELECT count(*) FROM error_reports WHERE status = 'declined' AND reason <> ''`,
		"a credit":                    `SELECT count(*) FROM live_credits`,
	} {
		if m.count(sql) == 0 {
			t.Errorf("there is no trace of %s", what)
		}
	}
	if n := m.count(`SELECT count(DISTINCT by) FROM decisions WHERE at > $1::timestamptz - interval '1 day'`, m.now); n < 2 {
		t.Errorf("%d moderators decided within the last day, want two", n)
	}
	if n := m.count(`SELECT count(*) FROM decisions WHERE at > $1::timestamptz - interval '14 days'`, m.now); n < 100 {
		t.Errorf("%d decisions within two weeks, want enough for figures", n)
	}
}

// held counts the texts that wait, with why they are held.
func held(where string) string {
	return `SELECT count(*) FROM comments c JOIN comment_texts t ON t.id = c.pending_text LEFT JOIN hold_reasons h ON h.comment_id = c.id WHERE ` + where
}

// Notices are named by the row they make; a reader's comment came in under a version that stood then.
func (m *made) record(t *testing.T) {
	if _, err := m.newsroom.Articles.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	checked, err := m.newsroom.Articles.Verify(t.Context(), func(f article.Fault) { t.Error(f) })
	if err != nil || checked < 40 {
		t.Errorf("Verify = %d, %v, want at least 40 rows", checked, err)
	}
	if n := m.count(`SELECT count(*) FROM comments c LEFT JOIN publications p ON (p.article_id, p.number) = (c.article_id, c.version_number)
		WHERE p.number IS NULL OR p.recorded_at > c.posted_at`); n != 0 {
		t.Errorf("%d comments name a version that wasn't there when they were written", n)
	}
	if n := m.count(`SELECT count(*) FROM articles a WHERE a.listed AND coalesce((SELECT approved FROM article_counts WHERE article_id = a.id), 0) <>
		(SELECT count(*) FROM comments c WHERE c.article_id = a.id AND c.status = 'approved' AND c.erased_at IS NULL)`); n != 0 {
		t.Errorf("%d articles show another number of comments than they have", n)
	}
}

func (m *made) people(t *testing.T) {
	var roles []string
	for _, in := range m.signIns {
		who, code, err := m.newsroom.Staff.SignIn(t.Context(), staff.SignIn{Email: in.Email, Password: in.Password, Address: "192.0.2.1"})
		if err != nil || code || who.Name != in.Name || !slices.Equal(who.Roles.Strings(), []string{in.Role}) {
			t.Errorf("sign in as %s: %+v, %v", in.Role, who, err)
		}
		roles = append(roles, in.Role)
	}
	if slices.Sort(roles); !slices.Equal(roles, []string{"admin", "author", "contributor", "editor", "moderator"}) {
		t.Errorf("sign-ins for %v, want one for each role", roles)
	}
}

var href = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// links follows every link that stands in an article, a page or a notice.
func (m *made) links(t *testing.T) {
	paths := []string{"/about/", "/contact/", "/privacy/", "/how-we-correct/"}
	for _, c := range m.cards {
		paths = append(paths, c.Path)
	}
	seen := 0
	for _, path := range paths {
		found, err := m.reader.LiveByPath(t.Context(), path)
		if err != nil || found.Article == nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		html := markup.Join(found.Article.Blocks)
		for _, n := range found.Article.Notices() {
			html += n.HTML
		}
		for _, l := range href.FindAllStringSubmatch(html, -1) {
			seen++
			m.follow(t, path, l[1])
		}
	}
	if seen < 15 {
		t.Errorf("%d links, want at least 15", seen)
	}
}

func (m *made) follow(t *testing.T, from, link string) {
	t.Helper()
	if strings.HasPrefix(link, "mailto:") || link == "/corrections/" {
		return
	}
	r, err := address.Resolve(t.Context(), m.db.Reader, link)
	if err != nil || !r.Canonical {
		t.Errorf("%s links to %s: %+v, %v", from, link, r, err)
	}
}

// leaks looks through all that the readers' role sees for what is not public.
func (m *made) leaks(t *testing.T) {
	seen := m.visible(t)
	secret := texts(t, m, `
		SELECT headline FROM revisions r JOIN articles a ON a.id = r.article_id WHERE a.public_state IS NULL AND headline <> ''
		UNION SELECT standfirst FROM revisions r JOIN articles a ON a.id = r.article_id WHERE a.public_state IS NULL AND standfirst <> ''
		UNION SELECT b->>'html' FROM articles a JOIN revisions r ON r.article_id = a.id AND r.number = a.head, jsonb_array_elements(r.blocks) b
			WHERE a.public_state IS NULL AND length(b->>'html') > 40
		UNION (SELECT t.body FROM comment_texts t JOIN comments c ON c.id = t.comment_id WHERE c.status <> 'approved' AND t.body <> ''
			EXCEPT SELECT t.body FROM comment_texts t JOIN comments c ON c.shown_text = t.id WHERE c.status = 'approved') -- one was sent twice
		UNION SELECT email FROM commenters
		UNION SELECT email FROM staff
		UNION SELECT note FROM revisions WHERE note <> ''`)
	if len(secret) < 60 {
		t.Fatalf("%d secrets, want more to look for", len(secret))
	}
	for _, s := range secret {
		// A name in an e-mail link of a biography is meant to be public.
		if strings.Contains(seen, s) && !strings.Contains(seen, "mailto:"+s) {
			t.Errorf("readers' views hold %.80q", s)
		}
	}
}

// visible is the text of everything that the readers' role may read.
func (m *made) visible(t *testing.T) string {
	t.Helper()
	names := texts(t, m, `SELECT table_name::text FROM information_schema.views WHERE table_name LIKE 'live\_%'`)
	if len(names) < 5 {
		t.Fatalf("views: %v", names)
	}
	var b strings.Builder
	for _, name := range names {
		var s string
		sql := fmt.Sprintf(`SELECT coalesce(string_agg(to_jsonb(v)::text, ' '), '') FROM %s v`, pgx.Identifier{name}.Sanitize())
		if err := m.db.Reader.QueryRow(t.Context(), sql).Scan(&s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b.WriteString(strings.ReplaceAll(s, `\"`, `"`))
	}
	return b.String()
}

func texts(t *testing.T, m *made, sql string) []string {
	t.Helper()
	rows, err := m.db.Super.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// scheduled performs what waits, at its time: six in the morning after, where the site is.
func (m *made) scheduled(t *testing.T) {
	var at time.Time
	if err := m.db.Super.QueryRow(t.Context(), `SELECT at FROM schedules WHERE done_at IS NULL`).Scan(&at); err != nil {
		t.Fatal(err)
	}
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	if want := m.now.In(vienna).AddDate(0, 0, 1).Format("2006-01-02") + " 06:00"; at.In(vienna).Format("2006-01-02 15:04") != want {
		t.Errorf("scheduled for %s, want %s", at.In(vienna), want)
	}
	store := *m.newsroom.Articles
	for _, due := range []struct {
		at   time.Time
		want int
	}{{m.now, 0}, {at.Add(-time.Second), 0}, {at, 1}, {at, 0}} {
		store.Now = func() time.Time { return due.at }
		if n, err := store.PerformDue(t.Context()); n != due.want || err != nil {
			t.Errorf("PerformDue at %s = %d, %v, want %d", due.at, n, err, due.want)
		}
	}
}
