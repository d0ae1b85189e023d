// Package mail sends letters over one SMTP server: each as plain text and as HTML, in the site's language, to one person.
//
// It must be called by work of the job queue only, never while somebody waits for a page. It reads nothing of the newsroom and decides
// nothing: who is told of what is the nouns' business. It must never write an address, a name or a text into a log or an error: errors
// are kept with the jobs.
package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"stet/internal/jobs"
	"stet/internal/page"
	"stet/internal/settings"
)

// Letter is one mail. To is the bare address. Recipient is who that is in logs, such as "commenter 12"; Kind says there what it is about.
// Ref names the letter for good: sent twice, it has the same Message-ID. Unsubscribe is the address to which mail programs post
// List-Unsubscribe=One-Click, empty where there is nothing to leave.
type Letter struct {
	To, Recipient string
	Kind, Ref     string
	Subject       string
	Title         string
	Paragraphs    []string
	Items         []Item
	Button        *page.Link
	After         []string
	Foot          []page.Link
	Unsubscribe   string
}

// Item is something that is quoted: whose it is, its words, where it stands.
type Item struct {
	Head, Text, URL string
}

// Options of a Sender.
type Options struct {
	Server   *url.URL         // smtp or smtps; nil: letters aren't sent
	From     *netmail.Address // whom they come from; without a name it is the site's
	Base     *url.URL         // the site's origin
	Set      *page.Set
	Settings *settings.Source
	Log      *slog.Logger
}

// Sender sends letters. It is safe for use by many at once; each letter has a connection of its own.
type Sender struct {
	Options
	html *page.Page[sheet]
	text *page.Plain[sheet]
}

// New makes a Sender. It connects to nothing; a broken template panics.
func New(o Options) *Sender {
	return &Sender{Options: o, html: page.MustFragment[sheet](o.Set, "mail/letter.html"), text: page.MustPlain[sheet](o.Set, "mail/letter.txt")}
}

// On reports whether letters are sent at all.
func (s *Sender) On() bool { return s.Server != nil }

// Link is an address of this site in full.
func (s *Sender) Link(path string) string { return strings.TrimSuffix(s.Base.String(), "/") + path }

// Site is the site's name.
func (s *Sender) Site(ctx context.Context) (string, error) {
	is, err := s.Settings.Current(ctx)
	return is.Title, err
}

// timeout bounds each step of a conversation with the server.
const timeout = 15 * time.Second

// Send sends a letter and returns when the server has taken it. Where there is no server it logs kind and recipient and returns nil. What the
// server refuses for good is an error of jobs.GiveUp; any other error is worth another try.
func (s *Sender) Send(ctx context.Context, l Letter) error {
	if !s.On() {
		s.Log.Info("mail is off: not sent", "kind", l.Kind, "to", l.Recipient)
		return nil
	}
	m, err := s.compose(ctx, l)
	if err != nil {
		return jobs.GiveUp(fmt.Errorf("write mail %s to %s: %w", l.Kind, l.Recipient, err))
	}
	client, err := s.client()
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, m); err != nil {
		return fmt.Errorf("mail %s to %s: %w", l.Kind, l.Recipient, bare(err))
	}
	s.Log.Info("mail sent", "kind", l.Kind, "to", l.Recipient)
	return nil
}

// client speaks to the server. A password goes over an encrypted line only, save to this machine itself.
func (s *Sender) client() (*gomail.Client, error) {
	host := s.Server.Hostname()
	o := []gomail.Option{gomail.WithTimeout(timeout), gomail.WithHELO(s.Base.Hostname()), gomail.WithoutNoop()}
	auth := gomail.SMTPAuthAutoDiscover
	switch {
	case s.Server.Scheme == "smtps":
		o = append(o, gomail.WithSSL())
	case local(host):
		o, auth = append(o, gomail.WithTLSPolicy(gomail.NoTLS)), gomail.SMTPAuthPlainNoEnc
	case s.Server.User != nil:
		o = append(o, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		o = append(o, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if port := s.Server.Port(); port != "" {
		n, err := strconv.Atoi(port)
		if err != nil {
			return nil, fmt.Errorf("port: %w", err)
		}
		o = append(o, gomail.WithPort(n))
	}
	if user := s.Server.User; user != nil {
		password, _ := user.Password()
		o = append(o, gomail.WithSMTPAuth(auth), gomail.WithUsername(user.Username()), gomail.WithPassword(password))
	}
	return gomail.NewClient(host, o...)
}

// local reports whether a host is this machine itself.
func local(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// refusal is what the server answered, by its numbers alone: its words name the recipient.
type refusal struct {
	code     int
	enhanced string
}

func (r *refusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the server answers %d %s", r.code, r.enhanced))
}

// bare is an error without the address that the server's or the library's words hold. A recipient or a letter that is refused for good ends the
// attempts; a sender or a password that is refused is for somebody to put right meanwhile.
func bare(err error) error {
	failed, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return err
	}
	if failed.ErrorCode() == 0 {
		return errors.New("the conversation with the server broke off")
	}
	r := &refusal{failed.ErrorCode(), failed.EnhancedStatusCode()}
	if r.code >= 500 && (failed.Reason == gomail.ErrSMTPRcptTo || failed.Reason == gomail.ErrSMTPData || failed.Reason == gomail.ErrSMTPDataClose) {
		return jobs.GiveUp(r)
	}
	return r
}

// compose writes the message with its two parts.
func (s *Sender) compose(ctx context.Context, l Letter) (*gomail.Msg, error) {
	is, err := s.Settings.Current(ctx)
	if err != nil {
		return nil, err
	}
	v := newSheet(l, is, s.Link("/"))
	var html, text bytes.Buffer
	if err := errors.Join(s.html.Render(&html, v), s.text.Render(&text, v)); err != nil {
		return nil, err
	}
	m := gomail.NewMsg()
	from := *s.From
	if from.Name == "" {
		from.Name = line(is.Title)
	}
	m.FromMailAddress(&from)
	// The library keeps the address as it is given; parsing it refuses line ends and further recipients.
	to, err := netmail.ParseAddress(l.To)
	if err != nil || to.Address != l.To {
		return nil, errors.New("the address is none")
	}
	m.ToMailAddress(&netmail.Address{Address: to.Address})
	m.Subject(line(l.Subject))
	m.SetDate()
	m.SetMessageIDWithValue(s.messageID(l))
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("Content-Language", is.Language)
	if l.Unsubscribe != "" {
		m.SetListUnsubscribe(l.Unsubscribe)
		m.SetListUnsubscribePost()
	}
	m.SetBodyString(gomail.TypeTextPlain, text.String())
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return m, nil
}

// messageID is the same for a letter that is sent again, so that mail programs show it once.
func (s *Sender) messageID(l Letter) string {
	sum := sha256.Sum256([]byte(l.Kind + "\x00" + l.Recipient + "\x00" + l.Ref))
	return l.Kind + "." + hex.EncodeToString(sum[:12]) + "@" + s.Base.Hostname()
}

// line is a text that can stand in a header: what ends a line is a space in it.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
}
