package mailtest

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"testing"
)

// Message is a mail as its reader's program reads it. To and From are bare addresses.
type Message struct {
	To, From, FromName string
	Subject            string
	Header             mail.Header
	Text, HTML         string
}

// Link is the first address of the text that holds part.
func (m *Message) Link(t testing.TB, part string) string {
	t.Helper()
	for _, link := range regexp.MustCompile(`https?://\S+`).FindAllString(m.Text, -1) {
		if strings.Contains(link, part) {
			return link
		}
	}
	t.Fatalf("no link with %q in:\n%s", part, m.Text)
	panic("unreachable")
}

func parse(t testing.TB, raw string) Message {
	t.Helper()
	in, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	m := Message{Header: in.Header}
	for _, name := range []string{"To", "From"} {
		a, err := mail.ParseAddress(in.Header.Get(name))
		if err != nil {
			t.Fatalf("%s: %q: %v", name, in.Header.Get(name), err)
		}
		if name == "To" {
			m.To = a.Address
		} else {
			m.From, m.FromName = a.Address, a.Name
		}
	}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(in.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(in.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("a mail of type %q (%v)", kind, err)
	}
	for parts := multipart.NewReader(in.Body, params["boundary"]); ; {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return m
		}
		if err != nil {
			t.Fatal(err)
		}
		m.part(t, p.Header, p)
	}
}

// part keeps one of the two forms of the mail.
func (m *Message) part(t testing.TB, h textproto.MIMEHeader, r io.Reader) {
	t.Helper()
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	switch kind := h.Get("Content-Type"); {
	case strings.HasPrefix(kind, "text/plain; charset=UTF-8"):
		m.Text = strings.ReplaceAll(string(body), "\r\n", "\n")
	case strings.HasPrefix(kind, "text/html; charset=UTF-8"):
		m.HTML = string(body)
	default:
		t.Fatalf("a part of type %q", kind)
	}
}
