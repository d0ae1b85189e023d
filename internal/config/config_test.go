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
