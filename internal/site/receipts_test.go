package site

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/settings"
)

// sends posts a comment as the form does, and gives the address of its receipt and its id.
func (h *house) sends(path, name, body string, more ...string) (receipt string, id int64) {
	h.Helper()
	h.now = h.now.Add(time.Minute)
	form := url.Values{"name": {name}, "email": {strings.ReplaceAll(name, " ", ".") + "@example.org"}, "body": {body}, "version": {"1"}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	receipt = h.post(path+"comments", form).want(303).Header().Get("Location")
	r, err := h.comments.ByToken(h.ctx, strings.TrimPrefix(receipt, "/comments/"))
	h.must(err)
	return receipt, r.ID
}

func (h *house) decides(id int64, act comment.Act, reason string) {
	h.Helper()
	h.must(h.comments.Decide(h.ctx, h.editor, comment.Pick{ID: id}, act, reason))
}

// TestReceiptTellsHowLong promises a time only where enough decisions in the same category stand behind it.
func TestReceiptTellsHowLong(t *testing.T) {
	h := newHouse(t)
	h.settle(func(s *settings.Settings) { s.CommentsPerEmail, s.CommentsPerAddress = 1000, 1000 })
	coast := h.category(0, "Coast")
	_, path := h.publish(article.Draft{Headline: "The strait", Body: "<p>x</p>", Category: coast.Slug})
	_, elsewhere := h.publish(article.Draft{Headline: "The hills", Body: "<p>x</p>", Category: h.category(0, "Hills").Slug})
	for i := range 20 {
		if i == 19 {
			receipt, id := h.sends(path, "Nearly", "Nineteen are decided.")
			h.get(receipt).shows(".standfirst", "Yours is the next to be read. How long it takes we can’t say yet.")
			h.now = h.now.Add(14 * time.Minute)
			h.decides(id, comment.MarkSpam, "")
		}
		_, id := h.sends(path, fmt.Sprint("Reader ", i), fmt.Sprint("Said ", i))
		h.now = h.now.Add(14 * time.Minute)
		h.decides(id, comment.Approve, "")
	}
	_, waits := h.sends(path, "Before", "One that waits.")
	receipt, _ := h.sends(path, "Ilse", "Another one.")
	h.get(receipt).shows(".standfirst", "One comment is before yours. In Coast half of all comments are read within 14 minutes, nine in ten within 14 minutes.").within(6)
	h.decides(waits, comment.Reject, "")
	other, _ := h.sends(elsewhere, "Hanne", "In another category.")
	h.get(other).shows(".standfirst", "One comment is before yours. How long it takes we can’t say yet.")
}

// TestReceiptOfARefusal gives the reason, keeps the version note, and can't be edited, but deleted.
func TestReceiptOfARefusal(t *testing.T) {
	h := newHouse(t)
	id, path := h.publish(article.Draft{Headline: "The strait", Body: "<p>x</p>"})
	receipt, said := h.sends(path, "Ilse", "It is 14.")
	h.append(id, article.Correction, "<p>It is 41.</p>", false)
	h.get(receipt).shows(".before", "Written before the 11:41 correction").holds(`href="` + path + `#update-2"`)
	h.decides(said, comment.Reject, "It was put right <b>already</b>.")
	h.get(receipt).want(200).shows("h1", "Your comment was turned down").shows(".standfirst", "An editor decided not to publish it: It was put right <b>already</b>.").holds("!<b>already", `data-status="rejected"`)
	h.post(receipt, url.Values{"act": {"edit"}, "body": {"It is 41."}}).want(403)
	h.post(receipt, url.Values{"act": {"appeal"}, "appeal": {" "}}).want(422).holds(`id="e-appeal"`)
	h.post(receipt, url.Values{"act": {"appeal"}, "appeal": {"I wrote before the correction."}}).want(303, receipt)
	h.get(receipt).holds("It waits for a decision.", "!value=\"appeal\"")
	h.post(receipt, url.Values{"act": {"appeal"}, "appeal": {"Once more."}}).want(403)
	h.post(receipt, url.Values{"act": {"delete"}}).want(303, receipt)
	h.get(receipt).want(200).holds(`data-status="deleted"`, "!It is 14.", "!It was put right", "!Ilse", `!name="act"`)
}

// TestReceiptOfAnEdit shows what stands beside what waits.
func TestReceiptOfAnEdit(t *testing.T) {
	h := newHouse(t)
	_, path := h.publish(article.Draft{Headline: "The strait", Body: "<p>x</p>"})
	receipt, id := h.sends(path, "Ilse", "It is 14.")
	h.decides(id, comment.Approve, "")
	h.post(receipt, url.Values{"act": {"edit"}, "body": {"It is 41."}}).want(303)
	h.get(receipt).shows(".measure .comment", "It is 14.").shows("textarea", "It is 41.").shows("h1", "Your comment is published")
	h.now = h.now.Add(10 * time.Minute)
	h.get(receipt).holds("It is 14.", "It is 41.", "!<textarea")
	h.post(receipt, url.Values{"act": {"edit"}, "body": {"Too late."}}).want(403).holds("It can’t be changed any more.")
}

// TestReceiptAndMail asks for mail only where the site sends any, and says so where it doesn't.
func TestReceiptAndMail(t *testing.T) {
	h := newHouse(t)
	_, path := h.publish(article.Draft{Headline: "The strait", Body: "<p>x</p>"})
	h.get(path).want(200).holds("!c-notify")
	receipt, _ := h.sends(path, "Ilse", "Without mail.")
	h.get(receipt).shows("#data p", "This site sends no mail, so it can’t make sure that it is you who asks. Deleting the comment here erases its text, your name and your address from it. For a copy, or to have everything erased, write to desk@margin.example.").
		holds("!Mails about answers")
	h.post(receipt, url.Values{"act": {"data"}}).want(303, receipt+"?sent=1#data")
	h.site.Mails = true
	h.get(path).holds(`id="c-notify"`)
	receipt, _ = h.sends(path, "Hanne", "With mail.", "notify", "1")
	h.get(receipt).shows("#data button", "Mail me the link").holds("We will ask you by mail, once your comment is published")
	h.post(receipt, url.Values{"act": {"data"}}).want(303, receipt+"?sent=1#data")
	h.get(receipt+"?sent=1").shows("#data p", "If that address is still known here, the mail is on its way to it. The link works for a day.")
	var jobs int
	h.must(h.db.Super.QueryRow(h.ctx, `SELECT count(*) FROM river_job WHERE kind = 'data_link'`).Scan(&jobs))
	if jobs != 2 {
		t.Errorf("%d mails with a link are queued, want 2", jobs)
	}
	h.post(receipt+"x", url.Values{"act": {"data"}}).want(404)
	refused := h.post(path+"comments", url.Values{"name": {"N"}, "email": {"n"}, "body": {"b"}, "notify": {"1"}, "version": {"1"}}).want(422)
	if len(refused.all(`#c-notify[checked]`)) != 1 {
		t.Error("the form that comes back forgot the tick")
	}
}
