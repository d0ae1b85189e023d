package mail_test

import (
	"io/fs"
	"log/slog"
	netmail "net/mail"
	"net/url"
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"stet/internal/jobs"
	"stet/internal/mail"
	"stet/internal/mailtest"
	"stet/internal/page"
	"stet/internal/pagetest"
	"stet/internal/pgtest"
	"stet/internal/settings"
	"stet/web"
)

// post is a sender over a server of the test, on the site news.example.
func post(t *testing.T, server *url.URL) (*mail.Sender, *strings.Builder) {
	t.Helper()
	static, err := fs.Sub(web.FS, "static")
	if err != nil {
		t.Fatal(err)
	}
	set := page.NewSet(web.FS, page.NewAssets(static), page.Options{})
	db := pgtest.New(t)
	if _, err := db.Owner.Exec(t.Context(), `UPDATE settings SET title = 'The Märgin', language = 'ar'`); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	return mail.New(mail.Options{Server: server, From: &netmail.Address{Address: "post@news.example"}, Base: &url.URL{Scheme: "https", Host: "news.example"}, Set: set,
		Settings: settings.NewSource(db.App), Log: slog.New(slog.NewTextHandler(&log, nil))}), &log
}

func TestLettersFitTheirTemplates(t *testing.T) {
	s, _ := post(t, nil)
	for _, p := range s.Set.Pages() {
		if err := templatecheck.CheckHTML(p.Template, p.Zero); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

func TestTheLetterIsCompiled(t *testing.T) {
	s, _ := post(t, nil)
	pagetest.Compiled(t, s.Set)
}

func TestSend(t *testing.T) {
	server := mailtest.New(t)
	s, log := post(t, server.URL())
	reply := mail.Reply{Name: "Ängela <b>\r\nBcc: all@news.example", Headline: "Größe & Maß", Text: "First line.\n.\n<script>alert(1)</script> 漢字", URL: "https://news.example/a/comments/7"}
	l := mail.Replies(mail.Envelope{To: "ann@reader.example", Recipient: "commenter 7", Ref: "comment:7"}, []mail.Reply{reply}, "https://news.example/comments/mail/abc")
	for range 2 {
		if err := s.Send(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	got := server.Wait(2)
	m := got[0]
	if m.To != "ann@reader.example" || m.From != "post@news.example" || m.FromName != "The Märgin" {
		t.Errorf("from %q <%s> to %s", m.FromName, m.From, m.To)
	}
	if want := "Ängela <b> Bcc: all@news.example replied to you on “Größe & Maß”"; m.Subject != want {
		t.Errorf("subject %q, want %q", m.Subject, want)
	}
	for name, want := range map[string]string{"Auto-Submitted": "auto-generated", "Content-Language": "ar", "Bcc": "",
		"List-Unsubscribe": "<https://news.example/comments/mail/abc>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} {
		if v := m.Header.Get(name); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	if id := m.Header.Get("Message-ID"); !strings.HasSuffix(id, "@news.example>") || id != got[1].Header.Get("Message-ID") {
		t.Errorf("Message-ID %q and then %q, want one of the site's host, the same when a letter is sent again", id, got[1].Header.Get("Message-ID"))
	}
	for _, want := range []string{"> First line.\n> .\n> <script>alert(1)</script> 漢字\n", "https://news.example/a/comments/7", "https://news.example/comments/mail/abc"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, m.Text)
		}
	}
	for _, want := range []string{`<html lang="ar" dir="rtl">`, "&lt;script&gt;", `href="https://news.example/a/comments/7"`} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("the page lacks %q:\n%s", want, m.HTML)
		}
	}
	if strings.Contains(log.String(), "reader.example") || !strings.Contains(log.String(), "commenter 7") {
		t.Errorf("the log names the address, or nobody:\n%s", log)
	}
}

func TestSendWithoutServer(t *testing.T) {
	s, log := post(t, nil)
	err := s.Send(t.Context(), mail.Confirm(mail.Envelope{To: "ann@reader.example", Recipient: "commenter 7"}, "A headline", "https://news.example/x"))
	if err != nil || s.On() {
		t.Fatalf("Send = %v, on %v; want nothing sent and no fault", err, s.On())
	}
	if got := log.String(); !strings.Contains(got, "kind=confirm") || !strings.Contains(got, `to="commenter 7"`) || strings.Contains(got, "reader.example") || strings.Contains(got, "headline") {
		t.Errorf("the log says %s, want kind and recipient alone", got)
	}
}

func TestRefusals(t *testing.T) {
	server := mailtest.Refusing(t)
	s, _ := post(t, server.URL())
	for _, tt := range []struct {
		to    string
		given bool
	}{
		{"refused@reader.example", true},
		{"busy@reader.example", false},
		{"ann@reader.example\r\nRCPT TO:<all@reader.example>", true},
		{"Ann <ann@reader.example>", true},
		{"nobody", true},
	} {
		err := s.Send(t.Context(), mail.Data(mail.Envelope{To: tt.to, Recipient: "commenter 7"}, "The Margin", "https://news.example/x"))
		if err == nil || jobs.IsGivenUp(err) != tt.given {
			t.Errorf("%q: %v, given up %v; want %v", tt.to, err, jobs.IsGivenUp(err), tt.given)
		}
		if err != nil && strings.Contains(err.Error(), "reader.example") {
			t.Errorf("the error names the address: %v", err)
		}
	}
	if all := server.All(); len(all) != 0 {
		t.Errorf("%d letters were taken", len(all))
	}
}

func TestServerAway(t *testing.T) {
	server := mailtest.Away(t)
	s, _ := post(t, server.URL())
	l := mail.Data(mail.Envelope{To: "ann@reader.example", Recipient: "commenter 7"}, "The Margin", "https://news.example/x")
	if err := s.Send(t.Context(), l); err == nil || jobs.IsGivenUp(err) || strings.Contains(err.Error(), "reader.example") {
		t.Errorf("Send = %v, want a fault that is worth another try and names nobody", err)
	}
	server.Start()
	if err := s.Send(t.Context(), l); err != nil {
		t.Errorf("Send = %v when the server is back", err)
	}
	server.Wait(1)
}
