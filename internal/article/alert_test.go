package article_test

import (
	"io/fs"
	"log/slog"
	netmail "net/mail"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/jobs"
	"stet/internal/mail"
	"stet/internal/mailtest"
	"stet/internal/page"
	"stet/internal/settings"
	"stet/web"
)

// alerts performs what is queued about articles, what it leads to included, and gives the mails that came of it.
func (n *newsroom) alerts(m *article.Mailer, box *mailtest.Server) map[string]mailtest.Message {
	n.Helper()
	had := len(box.All())
	for {
		rows, err := n.db.Super.Query(n.Context(), `DELETE FROM river_job WHERE kind = 'article_alert' RETURNING args`)
		n.must(err)
		list, err := pgx.CollectRows(rows, pgx.RowTo[jobs.ArticleAlert])
		n.must(err)
		if len(list) == 0 {
			break
		}
		for _, a := range list {
			n.must(m.Alert(n.Context(), a))
		}
	}
	out := map[string]mailtest.Message{}
	for _, msg := range box.All()[had:] {
		out[msg.To] = msg
	}
	return out
}

func TestPeopleOfAnArticleAreTold(t *testing.T) {
	n := newNewsroom(t)
	static, err := fs.Sub(web.FS, "static")
	n.must(err)
	box := mailtest.New(t)
	m := article.NewMailer(n.store, mail.New(mail.Options{Server: box.URL(), From: &netmail.Address{Address: "post@news.example"},
		Base: &url.URL{Scheme: "https", Host: "news.example"}, Set: page.NewSet(web.FS, page.NewAssets(static), page.Options{}),
		Settings: settings.NewSource(n.db.App), Log: slog.New(slog.DiscardHandler)}))
	address := func(id int64) (email string) {
		n.must(n.db.Super.QueryRow(t.Context(), `SELECT email FROM staff WHERE id = $1`, id).Scan(&email))
		return email
	}
	writer, editor := address(n.author.ID), address(n.editor.ID)

	id := n.begun(n.author, "Who reads this")
	n.must(n.store.Submit(t.Context(), n.author, id))
	got := n.alerts(m, box)
	if _, told := got[writer]; told || got[editor].Subject != "Submitted: Who reads this" {
		t.Errorf("submitted: %d mails, to the editor %q", len(got), got[editor].Subject)
	}
	n.must(n.store.Return(t.Context(), n.editor, id, "Who says so?"))
	got = n.alerts(m, box)
	if text := got[writer].Text; len(got) != 1 || !strings.Contains(text, "> Who says so?") || !strings.Contains(text, "https://news.example/newsroom/articles/") {
		t.Errorf("returned: %d mails\n%s", len(got), text)
	}
	n.must(n.store.Submit(t.Context(), n.author, id))
	n.must(n.store.Trash(t.Context(), n.editor, id))
	if got = n.alerts(m, box); len(got) != 0 {
		t.Errorf("%d mails about what is in the trash", len(got))
	}
}
