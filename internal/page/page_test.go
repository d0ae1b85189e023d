package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"stet/internal/fault"
)

func TestStatus(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, 200},
		{fmt.Errorf("read: %w", ErrMalformed), 400},
		{fmt.Errorf("read: %w", ErrTooLarge), 413},
		{&http.MaxBytesError{Limit: 1}, 413},
		{fmt.Errorf("article 3: %w", fault.NotFound), 404},
		{fault.Forbidden, 403},
		{fault.Conflict, 409},
		{fault.Field("headline", "x"), 422},
		{&fault.TooMany{After: time.Second}, 429},
		{fault.Unavailable, 503},
		{context.DeadlineExceeded, 503},
		{context.Canceled, 499},
		{errors.New("disk on fire"), 500},
	} {
		if got := Status(tt.err); got != tt.want {
			t.Errorf("Status(%v) = %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestAdaptSaysWhenToTryAgain(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&fault.TooMany{After: 1500 * time.Millisecond}, "2"},
		{&fault.TooMany{}, "1"},
		{fault.Unavailable, "5"},
		{fault.NotFound, ""},
	} {
		w := httptest.NewRecorder()
		h := Adapt(func(http.ResponseWriter, *http.Request) error { return tt.err },
			func(w http.ResponseWriter, _ *http.Request, err error) { w.WriteHeader(Status(err)) })
		h(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if got := w.Header().Get("Retry-After"); got != tt.want || w.Code != Status(tt.err) {
			t.Errorf("Adapt(%v): Retry-After %q, status %d, want %q, %d", tt.err, got, w.Code, tt.want, Status(tt.err))
		}
	}
}

func TestTagsAndFreshness(t *testing.T) {
	w := httptest.NewRecorder()
	Tags(w, "article:12", "path:/2026/06/")
	Tags(w, "category:3")
	want := "article:12 path:/2026/06/ category:3"
	if got := w.Header().Get("Surrogate-Key"); got != want {
		t.Errorf("Surrogate-Key = %q, want %q", got, want)
	}
	early := time.Date(2026, 6, 16, 22, 0, 0, 0, time.UTC)
	FreshUntil(w, early.Add(time.Hour))
	FreshUntil(w, early)
	FreshUntil(w, early.Add(2*time.Hour))
	if got, ok := TakeFreshUntil(w.Header()); !ok || !got.Equal(early) {
		t.Errorf("TakeFreshUntil = %v, %v, want %v", got, ok, early)
	}
	if _, ok := TakeFreshUntil(w.Header()); ok {
		t.Error("TakeFreshUntil left its header behind")
	}
}

func TestLogPath(t *testing.T) {
	for path, want := range map[string]string{"/2026/11/lamp/": "/2026/11/lamp/", "/newsroom/preview/s3cret": "/newsroom/preview/…", "/comments/s3cret": "/comments/…"} {
		if got := LogPath(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("LogPath(%s) = %s, want %s", path, got, want)
		}
	}
}
