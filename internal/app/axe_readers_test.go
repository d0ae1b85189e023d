package app_test

import (
	"net/http"
	"strconv"
	"testing"

	"stet/internal/comment"
	"stet/internal/mailtest"
)

// TestReceiptsAreAccessible looks at every state of a receipt, at a discussion with its form, and at the pages behind the links that are mailed.
func TestReceiptsAreAccessible(t *testing.T) {
	box := mailtest.New(t)
	w := mailWorld(t, box)
	v := w.visitor()
	article, path := w.published("The lamp", "<p>It came on.</p>")
	published := v.said(path, "name", "Ann", "email", "ann@reader.example", "body", "I saw it.", "notify", "1")
	w.approve(published, comment.Approve)
	w.later()
	confirm := w.own(box.Wait(1)[0])
	v.post(confirm, http.StatusSeeOther, "act", "confirm")
	w.approve(v.said(path, "name", "Ben", "email", "ben@reader.example", "body", "So did I.", "parent", strconv.FormatInt(published, 10)), comment.Approve)
	w.later()
	notice := w.own(box.Wait(2)[1])
	v.post("/comments/mine", http.StatusSeeOther, "email", "ann@reader.example")
	data := w.own(box.Wait(3)[2])
	r := w.round()
	for _, at := range []string{path, path + "reply/" + strconv.FormatInt(published, 10), "/comments/mine", confirm, notice, data} {
		r.visit(at)
	}
	r.send("no address", "/comments/mine", "main [name=email]", map[string]string{"email": "x"})
	r.send("an erasure that asks again", data, "main [name=act][value=erase]", map[string]string{})
	for state, act := range map[string]comment.Act{"waits": "", "published": comment.Approve, "refused": comment.Reject} {
		id, token := w.posts(article, "Reader"+state, "What "+state+".")
		if act != "" {
			w.decides(id, act)
		}
		r.visit("/comments/" + token)
		if act == comment.Reject {
			v.post("/comments/"+token, http.StatusSeeOther, "act", "appeal", "appeal", "I was there.")
			r.visit("/comments/" + token)
		}
		if act == "" {
			v.post("/comments/"+token, http.StatusSeeOther, "act", "delete")
			r.visit("/comments/" + token)
		}
	}
	r.tell()
}
