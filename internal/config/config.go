// Package config turns the environment into one typed, validated value, once, and reports every fault at once.
//
// It must never keep a global, read the environment after start, or put a secret into a message.
package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// Config is what the server needs to know of the machine it runs on. What an admin decides about the site stands in the database.
type Config struct {
	DatabaseURL        string
	ReplicaURLs        []string // databases that follow that one, for readers' pages
	MigrateDatabaseURL string
	Listen             string
	OpsListen          string // for who runs it: metrics, profiles; empty: nowhere
	TLS                TLS
	BaseURL            *url.URL // scheme and host, without path
	Data               string
	Media              string  // directory; empty where Bucket is set
	Bucket             *Bucket // S3, where media live there; nil: in the directory
	Secret             []byte
	SecretOld          []byte // nil unless the secret is being changed
	TrustedProxies     []netip.Prefix
	Work               bool
	AVIF               bool          // pictures are made as AVIF too, where vipsthumbnail is there to do it
	SMTP               *url.URL      // smtp or smtps; nil: no mail is sent
	MailFrom           *mail.Address // nil where SMTP is
	AkismetKey         string        // empty: nobody elsewhere is asked about comments
	Purge              *Purge        // nil: no CDN is told of changes
	Log                string        // text or json; empty: by the terminal
}

// Need says which variables a command can't do without.
type Need int

// What Load insists on.
const (
	ForServer  Need = iota // all that serve requires
	ForMigrate             // a database to migrate
	ForTools               // a database to work in
)

// MinSecret is the least length of STET_SECRET in bytes.
const MinSecret = 32

// Load reads the environment through lookup, which is os.LookupEnv outside of tests. Every STET_X may be given as STET_X_FILE instead, the
// name of a file that holds it. The error joins all faults, one a line, each naming its variable.
func Load(lookup func(string) (string, bool), what Need) (Config, error) {
	l := loader{lookup: lookup}
	c := Config{
		DatabaseURL:    l.get("STET_DATABASE_URL", ""),
		Listen:         l.get("STET_LISTEN", ":8080"),
		OpsListen:      l.get("STET_OPS_LISTEN", ""),
		Data:           l.get("STET_DATA", "./data"),
		BaseURL:        l.origin("STET_BASE_URL", "http://localhost:8080"),
		TrustedProxies: l.prefixes("STET_TRUSTED_PROXIES"),
		Work:           l.choice("STET_WORK", "on", "on", "off") == "on",
		AVIF:           l.choice("STET_AVIF", "off", "on", "off") == "on",
		AkismetKey:     l.get("STET_AKISMET_KEY", ""),
		Log:            l.choice("STET_LOG", "", "", "text", "json"),
	}
	c.MigrateDatabaseURL = l.get("STET_MIGRATE_DATABASE_URL", c.DatabaseURL)
	c.Media, c.Bucket = l.media(c.Data)
	c.Secret = l.secret("STET_SECRET", what == ForServer)
	c.SecretOld = l.secret("STET_SECRET_OLD", false)
	c.TLS = l.tls(c.BaseURL)
	c.ReplicaURLs = l.list("STET_REPLICA_URLS")
	c.Purge = l.purge()
	c.SMTP, c.MailFrom = l.mail()
	if what == ForMigrate {
		l.require("STET_MIGRATE_DATABASE_URL or STET_DATABASE_URL", c.MigrateDatabaseURL)
	} else {
		l.require("STET_DATABASE_URL", c.DatabaseURL)
	}
	return c, errors.Join(l.faults...)
}

// Mail reads the mail server and the sender's address alone, for the demo, which takes nothing else from the environment. Both are nil where
// they aren't set.
func Mail(lookup func(string) (string, bool)) (*url.URL, *mail.Address, error) {
	l := loader{lookup: lookup}
	server, from := l.mail()
	return server, from, errors.Join(l.faults...)
}

// loader reads variables and collects what is wrong with them.
type loader struct {
	lookup func(string) (string, bool)
	faults []error
}

func (l *loader) fault(name, format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf("%s %s", name, fmt.Sprintf(format, args...)))
}

func (l *loader) get(name, otherwise string) string {
	value, set := l.lookup(name)
	file, fileSet := l.lookup(name + "_FILE")
	switch {
	case set && fileSet:
		l.fault(name, "and %s_FILE are both set: keep one", name)
	case fileSet:
		b, err := os.ReadFile(file)
		if err != nil {
			l.fault(name+"_FILE", "can't be read: %v", err)
			return otherwise
		}
		value = strings.TrimRight(string(b), "\r\n")
	}
	if value == "" {
		return otherwise
	}
	return value
}

func (l *loader) require(name, value string) {
	if value == "" {
		l.fault(name, "is not set: postgres://user:password@host/database")
	}
}

func (l *loader) choice(name, otherwise string, values ...string) string {
	value := l.get(name, otherwise)
	for _, v := range values {
		if v == value {
			return value
		}
	}
	l.fault(name, "is %q and must be one of: %s", value, strings.Join(values, " "))
	return otherwise
}

// origin reads scheme and host; a path, query or user in it is a fault.
func (l *loader) origin(name, otherwise string) *url.URL {
	value := strings.TrimSuffix(l.get(name, otherwise), "/")
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil || u.Fragment != "" {
		l.fault(name, "is %q and must be an origin such as https://news.example", value)
		u, _ = url.Parse(otherwise) // a constant that parses
	}
	u.Host = strings.ToLower(u.Host)
	return u
}

// mail reads the mail server and the sender's address, which are set together or not at all. A fault never shows the server's password.
func (l *loader) mail() (*url.URL, *mail.Address) {
	server, from := l.get("STET_SMTP_URL", ""), l.get("STET_MAIL_FROM", "")
	if server == "" && from == "" {
		return nil, nil
	}
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		l.fault("STET_SMTP_URL", "must be smtp://user:password@host:port or smtps://…, with STET_MAIL_FROM beside it")
	}
	a, err := mail.ParseAddress(from)
	if err != nil {
		l.fault("STET_MAIL_FROM", "is %q and must be an address such as news@news.example, with STET_SMTP_URL beside it", from)
	}
	return u, a
}

// Purge is where a CDN takes the tags of pages that are out of date, and the header with which it lets in who tells it; it may be empty.
type Purge struct {
	URL           *url.URL
	Header, Value string
}

// purge reads it; nil where none is set. A fault never shows what the header holds, nor the address, which may hold a password.
func (l *loader) purge() *Purge {
	at, header := l.get("STET_PURGE_URL", ""), l.get("STET_PURGE_HEADER", "")
	if at == "" {
		if header != "" {
			l.fault("STET_PURGE_HEADER", "is set, and STET_PURGE_URL isn't")
		}
		return nil
	}
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Fragment != "" {
		l.fault("STET_PURGE_URL", "must be an http or https address")
	}
	name, value, ok := strings.Cut(header, ":")
	if header != "" && (!ok || strings.TrimSpace(name) == "" || strings.ContainsAny(header, "\r\n") || strings.ContainsAny(name, " \t")) {
		l.fault("STET_PURGE_HEADER", "must be a header such as Fastly-Key: TOKEN")
	}
	return &Purge{URL: u, Header: strings.TrimSpace(name), Value: strings.TrimSpace(value)}
}

// list reads values with commas between.
func (l *loader) list(name string) (out []string) {
	for text := range strings.SplitSeq(l.get(name, ""), ",") {
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, text)
		}
	}
	return out
}

func (l *loader) prefixes(name string) []netip.Prefix {
	var out []netip.Prefix
	for text := range strings.SplitSeq(l.get(name, ""), ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			l.fault(name, "holds %q, which is no network such as 10.0.0.0/8", text)
			continue
		}
		out = append(out, p.Masked())
	}
	return out
}

func (l *loader) secret(name string, required bool) []byte {
	value := l.get(name, "")
	switch {
	case value == "" && !required:
		return nil
	case len(value) < MinSecret:
		l.fault(name, "has %d bytes and needs %d or more: openssl rand -base64 32 makes one", len(value), MinSecret)
	}
	return []byte(value)
}
