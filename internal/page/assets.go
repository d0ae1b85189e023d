package page

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// Assets are the files of web/static, each at an address that carries the hash of its bytes.
type Assets struct {
	fsys  fs.FS
	table atomic.Pointer[assetTable]
}

type assetTable struct {
	byName map[string]*asset
	byPath map[string]*asset
}

type asset struct {
	path, kind string
	plain      []byte
	packed     *packed // nil where packing is no use
}

// NewAssets reads and hashes every file below fsys. It panics when one can't be read or a stylesheet names a file that isn't
// there, since that is a fault of the build.
func NewAssets(fsys fs.FS) *Assets {
	a := &Assets{fsys: fsys}
	if err := a.reload(); err != nil {
		panic(err)
	}
	return a
}

// Path is the address of the asset called name, such as "site.css". It panics on an unknown name; templates are checked for
// those when they are parsed.
func (a *Assets) Path(name string) string {
	f, ok := a.table.Load().byName[name]
	if !ok {
		panic(fmt.Sprintf("page: no asset %q", name))
	}
	return f.path
}

// Has reports whether there is an asset called name.
func (a *Assets) Has(name string) bool { _, ok := a.table.Load().byName[name]; return ok }

// ServeHTTP answers /static/HASH/NAME, for ever the same bytes, and the sheets of Accent; anything else is 404.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.table.Load().byPath[r.URL.Path]
	if !ok {
		f = accent(r.URL.Path)
	}
	if f == nil {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "404 not found", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	body := f.plain
	if f.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if coding, b := f.packed.suiting(r); coding != "" {
			h.Set("Content-Encoding", coding)
			body = b
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the reader went away; there is nobody to tell
}

func (a *Assets) reload() error {
	files := map[string][]byte{}
	err := fs.WalkDir(a.fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(a.fsys, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("read assets: %w", err)
	}
	t := &assetTable{byName: map[string]*asset{}, byPath: map[string]*asset{}}
	// Stylesheets come last: their own hash covers the addresses of what they name.
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int {
		if c := strings.Compare(strconv.FormatBool(isCSS(x)), strconv.FormatBool(isCSS(y))); c != 0 {
			return c
		}
		return strings.Compare(x, y)
	})
	for _, name := range names {
		body := files[name]
		if isCSS(name) {
			if body, err = t.rewrite(name, body); err != nil {
				return err
			}
		}
		t.add(name, body)
	}
	a.table.Store(t)
	return nil
}

func isCSS(name string) bool { return path.Ext(name) == ".css" }

func (t *assetTable) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	f := &asset{path: "/static/" + hex.EncodeToString(sum[:8]) + "/" + name, kind: kindOf(name), plain: body}
	if compressible(f.kind) {
		f.packed = newPacked(body)
	}
	t.byName[name], t.byPath[f.path] = f, f
}

var cssURL = regexp.MustCompile(`url\(\s*["']?([^"')]+)["']?\s*\)`)

// rewrite points the relative references of a stylesheet at hashed addresses.
func (t *assetTable) rewrite(sheet string, css []byte) ([]byte, error) {
	var missing string
	out := cssURL.ReplaceAllFunc(css, func(m []byte) []byte {
		ref := string(cssURL.FindSubmatch(m)[1])
		if strings.HasPrefix(ref, "data:") || strings.HasPrefix(ref, "#") {
			return m
		}
		f, ok := t.byName[path.Join(path.Dir(sheet), ref)]
		if !ok {
			missing = ref
			return m
		}
		return []byte(`url("` + f.path + `")`)
	})
	if missing != "" {
		return nil, fmt.Errorf("assets: %s names %q, which isn't there", sheet, missing)
	}
	return out, nil
}

var assetKinds = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".txt":   "text/plain; charset=utf-8",
	".json":  "application/json",
	".woff2": "font/woff2",
	".webp":  "image/webp",
	".png":   "image/png",
	".jpg":   "image/jpeg",
	".ico":   "image/x-icon",
}

func kindOf(name string) string {
	if k, ok := assetKinds[strings.ToLower(path.Ext(name))]; ok {
		return k
	}
	return "application/octet-stream"
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || kind == "image/svg+xml" || kind == "application/json"
}
