package newsroom

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"stet/internal/page"
)

// wantsJSON reports whether a script asks, which can't do anything with a page.
func wantsJSON(r *http.Request) bool {
	kind, _, _ := strings.Cut(r.Header.Get("Accept"), ",")
	kind, _, _ = strings.Cut(kind, ";")
	return strings.TrimSpace(kind) == "application/json"
}

// writeJSON answers a script.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("answer a script: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever asked went away; there is nobody to tell
	return nil
}

// told is a fault as a script gets it: a sentence, and where a form couldn't be taken a sentence for each of its fields.
type told struct {
	Error  string            `json:"error"`
	Faults map[string]string `json:"faults,omitempty"`
}

// toldOf puts an error that is answered with status into words.
func toldOf(status int, cause error) told {
	out := told{Error: page.T(faultKey(status))}
	fields, _ := refused(cause)
	for name, what := range fields {
		if out.Faults == nil {
			out.Faults = make(map[string]string, len(fields))
		}
		out.Faults[name] = page.Say(what)
	}
	return out
}
