package app_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/staff"
)

// TestBannedPersonTouchesNothing has a banned person try everything with the receipts of older comments, from their own and from another
// address of the same mailbox. They are told what somebody is told who is late, and nothing changes.
func TestBannedPersonTouchesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	article, path := w.published("The lamp", "<p>Words.</p>")
	shown, shownToken := w.posts(article, "Eve", "Published words.")
	w.decides(shown, comment.Approve)
	refused, refusedToken := w.posts(article, "Eve", "Refused words.")
	w.decides(refused, comment.Reject)
	_, waitingToken := w.posts(article, "Eve", "Waiting words.")
	if _, err := w.app.Comments.Ban(t.Context(), w.people[staff.Moderator], comment.BanIn{CommentID: refused, Reason: "Enough."}); err != nil {
		t.Fatal(err)
	}
	v, before := w.visitor(), w.tables()
	for what, token := range map[string]string{"published": shownToken, "refused": refusedToken, "waiting": waitingToken} {
		for _, act := range []string{"edit", "delete", "appeal"} {
			got := v.do(http.MethodPost, "/comments/"+token, form("act", act, "body", "Changed words.", "appeal", "But why?"))
			if got.StatusCode != http.StatusForbidden || strings.Contains(strings.ToLower(got.body), "banned") || strings.Contains(got.body, "Enough.") {
				t.Errorf("%s of a banned person's %s comment = %d, want 403 that doesn't tell why", act, what, got.StatusCode)
			}
		}
		if err := w.app.Comments.Appeal(t.Context(), token, "But why?"); !errors.Is(err, fault.Forbidden) {
			t.Errorf("appeal for a banned person's %s comment: %v, want %v", what, err, fault.Forbidden)
		}
	}
	w.unchanged(before, "a banned person")
	for _, email := range []string{"eve@reader.example", "EVE+two@reader.example"} {
		got := v.post(path+"comments", http.StatusSeeOther, "name", "Eve", "email", email, "body", "Once more, from "+email, "version", "1")
		receipt := v.get(got.Header.Get("Location"))
		if !strings.Contains(receipt.body, `data-status="pending"`) {
			t.Errorf("what a banned person sends as %s doesn't seem to wait:\n%.2000s", email, receipt.body)
		}
	}
	var spam int
	if err := w.db.App.QueryRow(t.Context(), `SELECT count(*) FROM comments WHERE status = 'spam'`).Scan(&spam); err != nil || spam != 2 {
		t.Errorf("%d of two comments are among the spam, %v", spam, err)
	}
}
