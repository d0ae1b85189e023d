package media

import (
	"net/http"
	"path"
	"regexp"
	"time"
)

// served is every address that is answered: a random key, and a name that this room gives. The original has none of them.
var served = regexp.MustCompile(`^/media/([a-z2-7]{26})/([1-9][0-9]{0,4}(?:-(?:16x9|3x2|1x1|4x5|191x100)-[0-9]{1,3}-[0-9]{1,3})?\.(?:jpg|png|webp|avif)|[a-z0-9-]{1,60}\.(?:pdf|mp3|aac|m4a|ogg|opus|wav))$`)

// types are the kinds of files by extension. Nothing is guessed from content when it is served.
var types = map[string]string{".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".avif": "image/avif",
	pdf.ext: pdf.mime, mp3.ext: mp3.mime, aac.ext: aac.mime, m4a.ext: m4a.mime, ogg.ext: ogg.mime, opus.ext: opus.mime, wav.ext: wav.mime}

// Handler serves /media/KEY/NAME straight from where the bytes live, without a database. What isn't there, or isn't meant for
// readers, is a 404; so is everything while the bytes can't be reached, and pages still stand.
func (s *Store) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		m := served.FindStringSubmatch(r.URL.Path)
		if m == nil {
			missing(w)
			return
		}
		f, err := s.blobs.Open(r.Context(), m[1], m[2])
		if err != nil {
			missing(w)
			return
		}
		defer f.Close()
		ext := path.Ext(m[2])
		h.Set("Content-Type", types[ext])
		if ext == pdf.ext {
			// A document of somebody else's never opens as a page of this site.
			h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+m[2])
		}
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("ETag", `"`+m[1]+"-"+m[2]+`"`)
		http.ServeContent(w, r, m[2], time.Time{}, f)
	})
}

func missing(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "not found", http.StatusNotFound)
}
