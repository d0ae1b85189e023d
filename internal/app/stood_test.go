package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"stet/internal/staff"
)

// TestOldFormTakesNothingBack saves a form that was open while a colleague closed the comments and set an embargo: both hold, and what the form
// itself changes of them does too.
func TestOldFormTakesNothingBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, _ := w.draft("Open for a week", "<p>Words.</p>")
	path := fmt.Sprintf("/newsroom/articles/%d", id)
	v, colleague := w.signedIn(staff.Admin), w.signedIn(staff.Editor)
	page := v.get(path).body
	revision, stood := hiddenValue(page, "revision"), strings.ReplaceAll(hiddenValue(page, "stood"), "&amp;", "&")
	if stood == "" {
		t.Fatal("the form doesn't name what it shows")
	}
	embargo := time.Now().AddDate(0, 1, 0).UTC().Format("2006-01-02T15:04")
	colleague.post(path, http.StatusSeeOther, "revision", revision, "comments", "closed", "embargo", embargo)
	v.post(path, http.StatusSeeOther, "revision", revision, "headline", "Changed", "stood", stood, "comments", "default", "embargo", "", "noindex", "1")
	e, err := w.app.Articles.Edit(t.Context(), w.people[staff.Editor], id)
	if err != nil || e.Draft.Headline != "Changed" || e.Draft.Comments != "closed" || e.Draft.Embargo == nil || !e.Draft.NoIndex {
		t.Errorf("afterwards %+v, %v, want comments closed and embargo set as the colleague did, the headline and no search engines as the form says", e.Draft, err)
	}
	v.post(path, http.StatusSeeOther, "revision", fmt.Sprint(e.Head), "stood", "comments=default&embargo="+embargo, "comments", "open", "embargo", "")
	if e, err = w.app.Articles.Edit(t.Context(), w.people[staff.Editor], id); err != nil || e.Draft.Comments != "open" || e.Draft.Embargo != nil {
		t.Errorf("afterwards %+v, %v, want what the form changed", e.Draft, err)
	}
	// A key is no place to keep things.
	v.post(path, http.StatusUnprocessableEntity, "revision", fmt.Sprint(e.Head), "key", strings.Repeat("k", 5000), "headline", "Long key")
}
