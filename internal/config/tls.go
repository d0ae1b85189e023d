package config

import (
	"net"
	"net/url"
	"strings"
)

// TLS says where the certificate of the site comes from. The zero value is none: a proxy in front has it, or there is none at all.
type TLS struct {
	Cert, Key string // files, read again when they change
	Dir       string // where those are kept that Let's Encrypt gives
}

// On tells whether the site itself speaks TLS.
func (t TLS) On() bool { return t != TLS{} }

// tls reads off, files:CERT,KEY or auto:DIR.
func (l *loader) tls(base *url.URL) TLS {
	const name = "STET_TLS"
	value := l.get(name, "off")
	kind, of, _ := strings.Cut(value, ":")
	var t TLS
	switch {
	case value == "off":
		return t
	case kind == "files":
		t.Cert, t.Key, _ = strings.Cut(of, ",")
	case kind == "auto":
		t.Dir = of
		if net.ParseIP(base.Hostname()) != nil || !strings.Contains(base.Hostname(), ".") || base.Port() != "" {
			l.fault(name, "is %q, and STET_BASE_URL %q has no name that a certificate can be had for: https://news.example", value, base)
		}
	}
	if t.Dir == "" && (t.Cert == "" || t.Key == "") {
		l.fault(name, "is %q and must be off, files:CERT,KEY or auto:DIR", value)
	}
	if base.Scheme != "https" {
		l.fault(name, "is on, and STET_BASE_URL is %q: it must begin with https://", base)
	}
	return t
}
