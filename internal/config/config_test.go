package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func env(pairs ...string) func(string) (string, bool) {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(k string) (string, bool) { v, ok := m[k]; return v, ok }
}

const secret = "0123456789abcdef0123456789abcdef"

func TestLoadDefaults(t *testing.T) {
	c, err := Load(env("STET_DATABASE_URL", "postgres://x/y", "STET_SECRET", secret), ForServer)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":8080" || c.BaseURL.String() != "http://localhost:8080" || c.Media != filepath.Join("data", "media") || !c.Work {
		t.Errorf("defaults = %+v", c)
	}
	if c.MigrateDatabaseURL != c.DatabaseURL {
		t.Errorf("migrate url = %q, want the server's", c.MigrateDatabaseURL)
	}
}

func TestLoadReportsEveryFaultAtOnce(t *testing.T) {
	_, err := Load(env("STET_SECRET", "short", "STET_BASE_URL", "https://u:p@news.example/path", "STET_TRUSTED_PROXIES", "10.0.0.0/8, nonsense",
		"STET_WORK", "maybe", "STET_MEDIA", "s3://bucket", "STET_SMTP_URL", "http://user:hush@mail"), ForServer)
	if err == nil {
		t.Fatal("Load took an environment full of faults")
	}
	for _, name := range []string{"STET_DATABASE_URL", "STET_SECRET", "STET_BASE_URL", "STET_TRUSTED_PROXIES", "STET_WORK", "STET_MEDIA", "STET_SMTP_URL", "STET_MAIL_FROM"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %s:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "short") || strings.Contains(err.Error(), "hush") {
		t.Errorf("the error shows the secret:\n%v", err)
	}
}

func TestLoadFromFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(env("STET_DATABASE_URL", "postgres://x/y", "STET_SECRET_FILE", file), ForServer)
	if err != nil || string(c.Secret) != secret {
		t.Errorf("Load = %q, %v, want the file's secret without its line end", c.Secret, err)
	}
	if _, err := Load(env("STET_DATABASE_URL", "x", "STET_SECRET", secret, "STET_SECRET_FILE", file), ForServer); err == nil {
		t.Error("a variable given twice was taken")
	}
	if _, err := Load(env("STET_DATABASE_URL_FILE", "/nowhere/at/all"), ForTools); err == nil || !strings.Contains(err.Error(), "STET_DATABASE_URL_FILE") {
		t.Errorf("an unreadable file: %v", err)
	}
}

func TestLoadMail(t *testing.T) {
	c, err := Load(env("STET_DATABASE_URL", "x", "STET_SECRET", secret, "STET_SMTP_URL", "smtps://u:p@mail.example:465", "STET_MAIL_FROM", "The Margin <news@margin.example>"), ForServer)
	if err != nil || c.SMTP.Port() != "465" || c.MailFrom.Address != "news@margin.example" || c.MailFrom.Name != "The Margin" {
		t.Errorf("Load = %v from %v, %v", c.SMTP, c.MailFrom, err)
	}
}

func TestLoadMedia(t *testing.T) {
	with := func(pairs ...string) (Config, error) {
		return Load(env(append([]string{"STET_DATABASE_URL", "x"}, pairs...)...), ForTools)
	}
	keys := []string{"STET_S3_KEY", "k", "STET_S3_SECRET", "hush"}
	for value, want := range map[string]Bucket{
		"s3://pictures":                     {Name: "pictures", Endpoint: "s3.amazonaws.com", Secure: true},
		"s3://pictures?region=eu-central-1": {Name: "pictures", Endpoint: "s3.amazonaws.com", Secure: true, Region: "eu-central-1"},
		"s3://pictures/the/margin/?endpoint=https://s3.example:9000&region=x": {Name: "pictures", Prefix: "the/margin", Endpoint: "s3.example:9000", Secure: true, Region: "x"},
		"s3://pictures?endpoint=http://127.0.0.1:7070/":                       {Name: "pictures", Endpoint: "127.0.0.1:7070"},
		"s3://pictures?endpoint=storage.example":                              {Name: "pictures", Endpoint: "storage.example", Secure: true},
	} {
		want.Key, want.Secret = "k", "hush"
		c, err := with(append(keys, "STET_MEDIA", value)...)
		if err != nil || c.Bucket == nil || *c.Bucket != want || c.Media != "" {
			t.Errorf("%s = %+v, %q, %v, want %+v", value, c.Bucket, c.Media, err, want)
		}
	}
	for _, value := range []string{"s3://", "s3://pictures/../other", "s3://k:hush@pictures", "s3://pictures?path=x", "s3://pictures?endpoint=https://a/b", "ftp://x", "file://"} {
		if _, err := with(append(keys, "STET_MEDIA", value)...); err == nil || !strings.Contains(err.Error(), "STET_MEDIA") {
			t.Errorf("%s: %v", value, err)
		}
	}
	for name, pairs := range map[string][]string{"no keys": {"STET_MEDIA", "s3://pictures"}, "half of the keys": {"STET_MEDIA", "s3://pictures", "STET_S3_KEY", "k"}, "keys for nothing": keys} {
		if _, err := with(pairs...); err == nil || !strings.Contains(err.Error(), "STET_S3_KEY") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLoadTLS(t *testing.T) {
	with := func(tls, base string) (Config, error) {
		return Load(env("STET_DATABASE_URL", "x", "STET_TLS", tls, "STET_BASE_URL", base), ForTools)
	}
	for value, want := range map[string]TLS{"off": {}, "files:/c.pem,/k.pem": {Cert: "/c.pem", Key: "/k.pem"}, "auto:/certs": {Dir: "/certs"}} {
		if c, err := with(value, "https://news.example"); err != nil || c.TLS != want || c.TLS.On() == (value == "off") {
			t.Errorf("%s = %+v, %v, want %+v", value, c.TLS, err, want)
		}
	}
	for value, base := range map[string]string{"on": "https://news.example", "files:/c.pem": "https://news.example", "auto:": "https://news.example", "auto:/a": "https://localhost",
		"auto:/b": "https://192.0.2.1", "auto:/c": "https://news.example:8443", "files:/c,/k": "http://news.example"} {
		if _, err := with(value, base); err == nil || !strings.Contains(err.Error(), "STET_TLS") {
			t.Errorf("%s at %s: %v", value, base, err)
		}
	}
}

func TestLoadPurge(t *testing.T) {
	for name, tt := range map[string]struct {
		url, header string
		fault       string
	}{
		"none":          {"", "", ""},
		"an address":    {"https://cdn.example/purge?x=1", "", ""},
		"with a header": {"http://10.0.0.2/purge", "Fastly-Key: a:b", ""},
		"no address":    {"cdn.example", "", "STET_PURGE_URL"},
		"no header":     {"https://cdn.example", "s3cret", "STET_PURGE_HEADER"},
		"a lone header": {"", "Key: s3cret", "STET_PURGE_HEADER"},
		"two headers":   {"https://cdn.example", "Key: s3cret\r\nHost: x", "STET_PURGE_HEADER"},
	} {
		env := map[string]string{"STET_DATABASE_URL": "postgres://h/d", "STET_PURGE_URL": tt.url, "STET_PURGE_HEADER": tt.header}
		c, err := Load(func(name string) (string, bool) { v, ok := env[name]; return v, ok }, ForTools)
		switch {
		case tt.fault != "":
			if err == nil || !strings.Contains(err.Error(), tt.fault) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: %v", name, err)
			}
		case err != nil || (c.Purge == nil) != (tt.url == ""):
			t.Errorf("%s: %+v, %v", name, c.Purge, err)
		case tt.header != "" && (c.Purge.Header != "Fastly-Key" || c.Purge.Value != "a:b"):
			t.Errorf("%s: %+v", name, c.Purge)
		}
	}
}
