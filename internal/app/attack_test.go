package app_test

import (
	"crypto/md5" //nolint:gosec // compares, protects nothing
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/newsroom"
	"stet/internal/pgtest"
	"stet/internal/report"
	"stet/internal/settings"
	"stet/internal/staff"
)

// tables gives a digest of each table's rows, so that what changed can be named. Sessions note when somebody was last here.
func (w *world) tables() map[string]string {
	w.Helper()
	rows, err := w.db.Super.Query(w.Context(), `SELECT table_name::text FROM information_schema.tables
		WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'sessions'`)
	if err != nil {
		w.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range names {
		var all string
		sql := fmt.Sprintf(`SELECT count(*) || coalesce(string_agg(t::text, E'\n' ORDER BY t::text), '') FROM %s t`, pgx.Identifier{name}.Sanitize())
		if err := w.db.Super.QueryRow(w.Context(), sql).Scan(&all); err != nil {
			w.Fatalf("%s: %v", name, err)
		}
		out[name] = fmt.Sprintf("%x", md5.Sum([]byte(all))) //nolint:gosec // as above
	}
	if len(out) < 30 {
		w.Fatalf("only %d tables", len(out))
	}
	return out
}

// unchanged insists that no table differs from before.
func (w *world) unchanged(before map[string]string, what string) {
	w.Helper()
	now := w.tables()
	if maps.Equal(before, now) {
		return
	}
	for name, digest := range now {
		if before[name] != digest {
			w.Errorf("%s changed the table %s", what, name)
		}
	}
}

// posts sends a comment through the store and gives its id and token.
func (w *world) posts(article int64, name, body string) (int64, string) {
	w.Helper()
	token, err := w.app.Comments.Post(w.Context(), comment.In{ArticleID: article, Name: name, Email: strings.ToLower(name) + "@reader.example", Body: body, Version: 1,
		Address: netip.MustParseAddr("198.51.100.8")})
	if err != nil {
		w.Fatal(err)
	}
	r, err := w.app.Comments.ByToken(w.Context(), token)
	if err != nil {
		w.Fatal(err)
	}
	return r.ID, token
}

func (w *world) decides(id int64, act comment.Act) {
	w.Helper()
	if err := w.app.Comments.Decide(w.Context(), w.people[staff.Moderator], comment.Pick{ID: id}, act, "Because."); err != nil {
		w.Fatal(err)
	}
}

// TestForgedParents answers comments that nobody can see under the article: each is refused with the words kept, and nothing is stored.
func TestForgedParents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	article, path := w.published("The lamp", "<p>Words.</p>")
	other, _ := w.published("The strait", "<p>Words.</p>")
	elsewhere, _ := w.posts(other, "Elsewhere", "On another article.")
	w.decides(elsewhere, comment.Approve)
	deleted, token := w.posts(article, "Deleted", "Deleted soon.")
	w.decides(deleted, comment.Approve)
	if err := w.app.Comments.Delete(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	pending, _ := w.posts(article, "Pending", "Nobody read it yet.")
	rejected, _ := w.posts(article, "Rejected", "Rather not.")
	w.decides(rejected, comment.Reject)
	spam, _ := w.posts(article, "Spam", "Cheap lamps.")
	w.decides(spam, comment.MarkSpam)
	v, before := w.visitor(), w.tables()
	for what, parent := range map[string]int64{"another article's": elsewhere, "a deleted": deleted, "a pending": pending, "a rejected": rejected, "a spam": spam, "no": 1 << 40} {
		got := v.post(path+"comments", http.StatusUnprocessableEntity, "name", "Ilse", "email", "ilse@reader.example", "body", "In answer to that.", "version", "1", "parent", fmt.Sprint(parent))
		if !strings.Contains(got.body, "In answer to that.") {
			t.Errorf("answering %s comment loses what was typed", what)
		}
		for _, at := range []string{"reply/", "comments/"} {
			if got := v.get(fmt.Sprint(path, at, parent)); got.StatusCode != http.StatusNotFound {
				t.Errorf("GET %s%d of %s comment = %d, want 404", at, parent, what, got.StatusCode)
			}
		}
		if got := v.get(fmt.Sprintf("%scomments/%d/report", path, parent)); got.StatusCode != http.StatusNotFound {
			t.Errorf("the form to report %s comment = %d, want 404", what, got.StatusCode)
		}
		v.post(fmt.Sprintf("%scomments/%d/report", path, parent), http.StatusNotFound, "reason", "abuse")
	}
	for _, parent := range []string{"-1", "x", "1.5", "99999999999999999999", "0x1"} {
		v.post(path+"comments", http.StatusBadRequest, "name", "Ilse", "email", "ilse@reader.example", "body", "B", "version", "1", "parent", parent)
	}
	before["limits"] = w.tables()["limits"] // that somebody tried to report is counted whatever they named
	w.unchanged(before, "a refused comment")
}

// receiptsOf are the receipts of a comment, of a report of an error and of a report of a comment.
func (w *world) receiptsOf(article int64) map[string]string {
	w.Helper()
	ctx := w.Context()
	said, token := w.posts(article, "Ilse", "It is forty-one.")
	w.decides(said, comment.Approve)
	mistake, err := w.app.Reports.Report(ctx, report.In{ArticleID: article, Body: "It is forty-one.", Name: "Ilse", Credit: true})
	if err != nil {
		w.Fatal(err)
	}
	complaint, err := w.app.Comments.ReportComment(ctx, comment.ReportIn{CommentID: said, ArticleID: article, Reason: "false", Name: "Tomasz"})
	if err != nil {
		w.Fatal(err)
	}
	return map[string]string{"/comments/": token, "/comments/errors/": mistake, "/comments/reports/": complaint}
}

// acts are all that the forms of receipts and of mail links do.
var acts = []string{"edit", "delete", "appeal", "data", "erase", "confirm", "unsubscribe", "resubscribe", "copy", ""}

// TestForgedReceipts tries receipts that nobody was given, on every address that takes one, with every act.
func TestForgedReceipts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	article, path := w.published("The lamp", "<p>Words.</p>")
	receipts := w.receiptsOf(article)
	elsewhere := w.receiptElsewhere()
	v := w.visitor()
	first := v.post(path+"comments", http.StatusSeeOther, "name", "Again", "email", "again@reader.example", "body", "Sent twice.", "version", "1").Header.Get("Location")
	before := w.tables()
	if again := v.post(path+"comments", http.StatusSeeOther, "name", "Again", "email", "again@reader.example", "body", "Sent twice.", "version", "1").Header.Get("Location"); again != first {
		t.Errorf("the same form again leads to %s, want %s", again, first)
	}
	w.unchanged(before, "the same form again")
	tried := 0
	for at, token := range receipts {
		for _, forged := range append(forgeries(token, receipts), elsewhere) {
			for _, to := range []string{at, "/comments/mail/"} {
				if got := v.get(to + url.PathEscape(forged)); got.StatusCode != http.StatusNotFound || strings.Contains(got.body, "forty-one") {
					t.Errorf("GET %s with a forged receipt = %d, want 404", to, got.StatusCode)
				}
				for _, act := range acts {
					got := v.do(http.MethodPost, to+url.PathEscape(forged), form("act", act, "body", "Mine now.", "detail", "Mine now.", "appeal", "Mine now.", "sure", "yes"))
					// An act that this kind of receipt doesn't know is refused before it is looked for.
					if got.StatusCode != http.StatusNotFound && got.StatusCode != http.StatusBadRequest {
						t.Errorf("POST %s %q with a forged receipt = %d, want 404", to, act, got.StatusCode)
					}
					tried++
				}
			}
		}
	}
	w.unchanged(before, "a forged receipt")
	t.Logf("%d acts with forged receipts", tried)
}

// receiptElsewhere is the receipt of a comment that has the number of one here, from a house with another secret.
func (w *world) receiptElsewhere() string {
	w.Helper()
	twin := pgtest.New(w.TB)
	secret := []byte(strings.Repeat("x", 32))
	articles := article.New(twin.App, settings.NewSource(twin.App))
	editor := staff.Actor{Name: "The editor", Roles: staff.Roles{staff.Editor}}
	id, err := articles.Create(w.Context(), editor, article.KindArticle, "")
	if err != nil {
		w.Fatal(err)
	}
	if _, err = articles.Save(w.Context(), editor, id, article.SaveIn{Draft: article.Draft{Headline: "The lamp", Body: "<p>Words.</p>"}, Base: 1}); err != nil {
		w.Fatal(err)
	}
	if _, err = articles.Publish(w.Context(), editor, id, article.PublishIn{Revision: 2}); err != nil {
		w.Fatal(err)
	}
	token, err := comment.New(twin.App, secret, nil).Post(w.Context(), comment.In{ArticleID: id, Name: "Ilse", Email: "ilse@reader.example", Body: "It is forty-one.", Version: 1})
	if err != nil {
		w.Fatal(err)
	}
	return token
}

// forgeries are receipts near a real one, and the real ones of other things.
func forgeries(token string, all map[string]string) []string {
	last := "A"
	if strings.HasSuffix(token, last) {
		last = "B"
	}
	out := []string{token[:len(token)-1], token[1:], token + "A", token[:len(token)-1] + last, strings.ToUpper(token), strings.Repeat("A", len(token)),
		token + "\x00", " " + token, "..", "%", "1", strings.Repeat("a", 5000)}
	for _, other := range all {
		if other != token {
			out = append(out, other)
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == token })
}

// TestEveryGet asks, with GET and HEAD, for every address of the newsroom and of receipts, as people who may do everything there:
// nothing in the database changes, and what only takes forms says so.
func TestEveryGet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	article, path := w.published("The lamp", "<p>Words.</p>")
	receipts := w.receiptsOf(article)
	pending, _ := w.posts(article, "Pending", "Nobody read it yet.")
	visitors := []*visitor{w.signedIn(staff.Admin), w.signedIn(staff.Moderator), w.signedIn(staff.Editor)}
	pages := map[string]bool{}
	for _, r := range newsroom.Routes() {
		if r.Method == http.MethodGet {
			pages[r.Pattern] = true
		}
	}
	before, asked := w.tables(), 0
	query := fmt.Sprintf("?act=approve&ids=%d&reason=x&body=x&then=next&sure=yes&tag=x&mode=closed&upheld=1", pending)
	for _, r := range newsroom.Routes() {
		for _, id := range []int64{article, pending, 1} {
			at := strings.NewReplacer("{id}", fmt.Sprint(id), "{number}", "1", "{session}", "1", "{token}", "x").Replace(r.Pattern)
			for _, v := range visitors {
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					got := v.do(method, at+query, nil)
					asked++
					if got.StatusCode >= 500 || !pages[r.Pattern] && got.StatusCode != http.StatusNotFound && got.StatusCode != http.StatusMethodNotAllowed && !pageBeside(pages, at) {
						t.Errorf("%s %s = %d", method, at, got.StatusCode)
					}
				}
			}
		}
	}
	reader := w.visitor()
	for at, token := range receipts {
		for _, act := range acts {
			reader.get(at + token + "?act=" + act + "&body=Mine+now.&detail=Mine+now.&sure=yes&List-Unsubscribe=One-Click")
			reader.do(http.MethodHead, at+token+"?act="+act, nil)
			asked += 2
		}
	}
	for _, at := range []string{"comments", "report", fmt.Sprintf("comments/%d/report", pending)} {
		reader.get(path + at + "?name=Ilse&email=ilse@reader.example&body=By+an+address.&reason=abuse&version=1")
	}
	reader.get("/comments/mine?email=ilse@reader.example&act=copy")
	w.unchanged(before, "a GET")
	t.Logf("%d addresses, nothing changed", asked)
}

// pageBeside tells an address that only takes forms from one under which, as far as GET goes, stands the page of a thing with that name.
func pageBeside(pages map[string]bool, at string) bool {
	return pages[at[:strings.LastIndexByte(at, '/')]+"/{id}"] || pages[at[:strings.LastIndexByte(at, '/')]+"/{number}"]
}
