package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"stet/internal/fault"
	"stet/internal/newsroom"
	"stet/internal/page"
	"stet/internal/postgres"
)

// Limits that hold for every request.
const (
	requestLimit = 15 * time.Second // of an ordinary request
	defaultBody  = 1 << 20          // for routes that set no limit of their own
)

// door puts in front of the faces what holds for every request, outermost first: the request's id, what is kept of readers' pages, a recovered
// panic, headers, the right host, the health checks, the database, a place in a lane, a deadline, the visitor's address and the refusal of
// forms from other sites. What is kept comes so early since it holds all of that already: whoever is answered from it costs next to nothing.
func (a *App) door(readers, desk, assets, files http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/newsroom/", newsroomHeaders(desk))
	mux.Handle("/newsroom", newsroomHeaders(desk))
	mux.Handle("/", a.replicated(a.noted(readersHeaders(readers))))

	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusForbidden, "This form was sent from another site. Go back, load the page anew and try again.")
	}))
	h := cross.Handler(a.address(a.ownPurges(mux)))
	h = deadline(h)
	h = a.gate(a.lanes.wrap(h))

	outer := http.NewServeMux()
	outer.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "alive") })
	outer.HandleFunc("GET /readyz", a.readyz)
	outer.Handle("/static/", a.host(assets))
	outer.Handle("/media/", a.host(mediaHeaders(files)))
	for _, at := range []string{"/", "/static", "/media"} { // the last two, or the mux would redirect to the folders
		outer.Handle(at, a.host(h))
	}
	return identified(a.kept(a.recovered(a.commonHeaders(cleanPath(outer)))))
}

// cleanPath keeps http.ServeMux from redirecting paths it finds unclean: what they are is for the faces to say.
func cleanPath(h *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isClean(r.URL.Path) || r.Method == http.MethodConnect {
			plain(w, http.StatusNotFound, "Nothing stands here.")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// isClean says whether a path is as http.ServeMux would have it.
func isClean(p string) bool {
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		return p == clean+"/"
	}
	return p == clean
}

// plain answers in one line, where no face can.
func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

const requestID = "X-Request-Id"

// identified gives the request an id that its answer and the log share.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var room [16]byte
		w.Header()[requestID] = []string{string(appendID(room[:0]))}
		next.ServeHTTP(w, r)
	})
}

// appendID appends a new id of a request.
func appendID(to []byte) []byte {
	return strconv.AppendUint(to, rand.Uint64()|1<<63, 36) //nolint:gosec // nothing depends on nobody guessing it
}

// recovered turns a panic into a plain 500, logged once.
func (a *App) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := w.Header().Get(requestID)
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // compared as net/http documents it
				panic(v)
			}
			a.log.Error("panic", "request", id, "method", r.Method, "path", page.LogPath(r), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			plain(w, http.StatusInternalServerError, "Something went wrong here. It has been noted under "+id+".")
		}()
		next.ServeHTTP(w, r)
	})
}

// host refuses requests for another host than the site's: absolute links come from the configuration, never from a header.
func (a *App) host(next http.Handler) http.Handler {
	own := a.cfg.BaseURL.Host
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.EqualFold(r.Host, own) {
			plain(w, http.StatusMisdirectedRequest, "This server answers for "+own+" only.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// gate answers 503 until the database was there once.
func (a *App) gate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.ready.Load() {
			w.Header().Set("Retry-After", "1")
			plain(w, http.StatusServiceUnavailable, "The site is starting. Try again in a moment.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// readyz says whether this instance can serve: the database answers with the right schema and no shutdown has begun.
func (a *App) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if a.leaving.Load() || !a.ready.Load() || postgres.CheckSchema(ctx, a.readers) != nil {
		w.Header().Set("Retry-After", "1")
		plain(w, http.StatusServiceUnavailable, "not ready")
		return
	}
	plain(w, http.StatusOK, "ready")
}

// deadline bounds a request. The one that brings a file gets more, of which its connection has nothing before the newsroom knows who sends it.
func deadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := requestLimit
		if isUpload(r) {
			limit = newsroom.UploadTime
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// address finds the visitor's address: that of the connection, or what trusted proxies say of it.
func (a *App) address(next http.Handler) http.Handler {
	if len(a.cfg.TrustedProxies) == 0 {
		return middleware.ClientIPFromRemoteAddr(next)
	}
	trusted := make([]string, len(a.cfg.TrustedProxies))
	for i, p := range a.cfg.TrustedProxies {
		trusted[i] = p.String()
	}
	return middleware.ClientIPFromXFF(trusted...)(next)
}

// clientIP is the visitor's address; the unspecified one where a proxy's header made no sense.
func clientIP(r *http.Request) netip.Addr {
	if addr := middleware.GetClientIPAddr(r.Context()); addr.IsValid() {
		return addr.Unmap()
	}
	return netip.IPv4Unspecified()
}

// classify tells the faces what an error of the database means for a visitor: away, or too slow for this request's deadline.
func classify(err error) error {
	if postgres.IsUnavailable(err) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", fault.Unavailable, err)
	}
	return err
}
