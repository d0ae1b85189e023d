package app

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"stet/internal/config"
)

// secured is how the site speaks TLS; nil where it doesn't. A certificate in files that can't be read is an error now and a warning later.
func secured(cfg config.Config, log *slog.Logger) (*tls.Config, error) {
	switch {
	case !cfg.TLS.On():
		return nil, nil //nolint:nilnil // plain is no fault
	case cfg.TLS.Dir != "":
		m := &autocert.Manager{Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(cfg.TLS.Dir), HostPolicy: autocert.HostWhitelist(cfg.BaseURL.Hostname())}
		t := m.TLSConfig()
		t.MinVersion = tls.VersionTLS12
		return t, nil
	}
	c := &certificate{cert: cfg.TLS.Cert, key: cfg.TLS.Key, log: log, now: time.Now}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("STET_TLS: %w", err)
	}
	return &tls.Config{GetCertificate: c.get, MinVersion: tls.VersionTLS12}, nil
}

// certificate is a pair of files, read again when they change.
type certificate struct {
	cert, key string
	log       *slog.Logger
	now       func() time.Time

	mu     sync.Mutex
	loaded *tls.Certificate
	stamps []stamp
	looked time.Time
}

// stamp tells one state of a file from another.
type stamp struct {
	at   time.Time
	size int64
}

// lookEvery is how often the files are looked at, at most.
const lookEvery = time.Second

// get is tls.Config.GetCertificate. While new files can't be read, as amid their renewal, the old certificate goes on.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.looked) >= lookEvery {
		c.looked = now
		stamps, err := c.stamp()
		if err == nil && !slices.Equal(stamps, c.stamps) {
			err = c.load()
		}
		if err != nil {
			c.log.Warn("the certificate can't be read again", "error", err)
		}
	}
	return c.loaded, nil
}

func (c *certificate) stamp() ([]stamp, error) {
	var out []stamp
	for _, name := range []string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		out = append(out, stamp{info.ModTime(), info.Size()})
	}
	return out, nil
}

// load reads the files. What they are is noted first: if they change meanwhile they are read once more.
func (c *certificate) load() error {
	stamps, err := c.stamp()
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return err
	}
	c.loaded, c.stamps = &pair, stamps
	return nil
}
