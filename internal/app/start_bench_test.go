package app_test

import (
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"stet/internal/app"
	"stet/internal/config"
)

// BenchmarkCompose tells what a start costs before there is a database: templates, words, assets and what the rooms keep.
func BenchmarkCompose(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		a, err := app.New(b.Context(), config.Config{DatabaseURL: "postgres://x@127.0.0.1:1/x", BaseURL: &url.URL{Scheme: "http", Host: "x"}, Media: b.TempDir(),
			Secret: []byte(strings.Repeat("s", 32))}, app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			b.Fatal(err)
		}
		a.Close()
	}
}
