package newsroom

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"stet/internal/article"
	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/settings"
	"stet/internal/site"
	"stet/internal/staff"
)

// house is what an admin decides about the site, and the log of what everybody did.
type house struct {
	*face
	store *settings.Store
	media *media.Store
	site  *site.Site
	log   *audit.Store
	staff *staff.Store
	pages housePages
}

func (h *house) showSettings(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	s, err := h.store.Load(r.Context())
	if err != nil {
		return err
	}
	return h.writeSettings(w, r, actor, http.StatusOK, form{words: "settings", values: settingsValues(s)})
}

func (h *house) writeSettings(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, fm form) error {
	logo, logos, err := h.logos(r.Context(), fm.values)
	if err != nil {
		return err
	}
	p := settingsPage{frame: h.frame(r, actor, page.T("newsroom.settings"), "/newsroom/settings"), Faults: fm.all(), Changed: fm.values.Get("changed_at"),
		SiteFields: []field{fm.must("title"), fm.field("motto"), fm.area("description", 2), fm.must("language"), fm.must("zone"), fm.typed("contact_email", "email")},
		FaceFields: []field{fm.pick("logo", logos), fm.pick("logo_night", logos), fm.field("accent_day"), fm.field("accent_night")}, Logo: logo, Swatches: swatches(fm.values),
		AroundFields: []field{fm.area("navigation", 6), fm.area("footer", 8), fm.area("social", 3), fm.field("imprint")},
		Reads:        fm.pick("reads_by", worded("newsroom.settings.reads.", []string{settings.ReadsByServer, settings.ReadsByBeacon})),
		CommentFields: []field{fm.pick("comments", worded("newsroom.article.comments.", settings.CommentPolicies)), fm.typed("comments_close_days", "number"),
			fm.typed("comments_per_email", "number"), fm.typed("comments_per_address", "number"), fm.typed("comments_window", "number"), fm.typed("addresses_days", "number")},
		ModerationFields: []field{fm.typed("trust_after", "number"), fm.typed("trust_days", "number"), fm.typed("queue_alert", "number"), fm.typed("storm_newcomers", "number"),
			fm.typed("second_opinions", "number"), fm.area("saved_reasons", 5)},
		ASCII: fm.tick("ascii_slugs"), Required: fm.pick("required_checks", worded("newsroom.settings.check.", article.CheckKeys))}
	return h.pages.settings.Write(w, r, status, p)
}

// saveSettings changes what the form has; what it lacks stays as it was.
func (h *house) saveSettings(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	was, err := h.store.Load(r.Context())
	if err != nil {
		return err
	}
	in, err := readSettings(f, was)
	if err == nil {
		err = h.readAround(r.Context(), f, &in)
	}
	if err == nil {
		err = h.store.Save(r.Context(), actor.ID, in)
	}
	if faults, ok := refused(err); ok {
		return h.writeSettings(w, r, actor, http.StatusUnprocessableEntity, form{words: "settings", values: merged(settingsValues(was), f.Values), faults: faults})
	}
	if err != nil {
		return err
	}
	h.say(r, page.T("newsroom.settings.done"))
	return seeOther(w, r, "/newsroom/settings")
}

func settingsValues(s settings.Settings) url.Values {
	var social []string
	for _, l := range s.Social {
		social = append(social, l.Name+" "+l.URL)
	}
	v := url.Values{"title": {s.Title}, "motto": {s.Motto}, "description": {s.Description}, "language": {s.Language}, "zone": {s.Zone}, "contact_email": {s.ContactEmail},
		"social": {strings.Join(social, "\n")}, "ascii_slugs": {yes(s.ASCIISlugs)}, "comments": {s.Comments}, "comments_close_days": {strconv.Itoa(s.CommentsCloseDays)},
		"comments_per_email": {strconv.Itoa(s.CommentsPerEmail)}, "comments_per_address": {strconv.Itoa(s.CommentsPerAddress)},
		"comments_window": {strconv.Itoa(s.CommentsWindow)}, "addresses_days": {strconv.Itoa(s.AddressesDays)}, "trust_after": {strconv.Itoa(s.TrustAfter)},
		"trust_days": {strconv.Itoa(s.TrustDays)}, "queue_alert": {strconv.Itoa(s.QueueAlert)}, "second_opinions": {strconv.Itoa(s.SecondOpinions)}, "storm_newcomers": {strconv.Itoa(s.StormNewcomers)},
		"saved_reasons": {strings.Join(s.SavedReasons, "\n")}, "required_checks": s.RequiredChecks, "changed_at": {s.ChangedAt.UTC().Format(time.RFC3339Nano)}}
	aroundValues(s, v)
	return v
}

func readSettings(f page.Form, was settings.Settings) (settings.Settings, error) {
	in := was
	for name, to := range map[string]*string{"title": &in.Title, "motto": &in.Motto, "description": &in.Description, "language": &in.Language, "zone": &in.Zone,
		"contact_email": &in.ContactEmail, "comments": &in.Comments} {
		if f.Has(name) {
			*to = f.Text(name)
		}
	}
	for name, to := range map[string]*int{"comments_close_days": &in.CommentsCloseDays, "comments_per_email": &in.CommentsPerEmail,
		"comments_per_address": &in.CommentsPerAddress, "comments_window": &in.CommentsWindow, "addresses_days": &in.AddressesDays, "trust_after": &in.TrustAfter,
		"trust_days": &in.TrustDays, "queue_alert": &in.QueueAlert, "second_opinions": &in.SecondOpinions, "storm_newcomers": &in.StormNewcomers} {
		if !f.Has(name) {
			continue
		}
		n, err := whole(f, name)
		if err != nil {
			return in, err
		}
		*to = n
	}
	if f.Has("ascii_slugs") {
		in.ASCIISlugs = ticked(f.Values["ascii_slugs"])
	}
	if f.Has("required_checks") {
		in.RequiredChecks = slices.DeleteFunc(slices.Clone(f.Values["required_checks"]), func(key string) bool { return key == "" })
		for _, key := range in.RequiredChecks {
			if !slices.Contains(article.CheckKeys, key) {
				return in, fault.Field("required_checks", "settings.checks.unknown")
			}
		}
	}
	if f.Has("saved_reasons") {
		in.SavedReasons = strings.Split(f.Text("saved_reasons"), "\n")
	}
	if f.Has("social") {
		in.Social = []settings.Link{}
		names, addresses := lines(f.Text("social"))
		for i := range names {
			in.Social = append(in.Social, settings.Link{Name: names[i], URL: addresses[i]})
		}
	}
	if text := f.Text("changed_at"); text != "" {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return in, fault.Field("", "newsroom.settings.unread")
		}
		in.ChangedAt = at
	}
	return in, nil
}

// auditActs are the groups that the log can be narrowed to.
var auditActs = []string{"article.", "comment.", "author.", "category.", "tag.", "media.", "staff.", "settings.", "rule."}

func (h *house) audit(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	filter := audit.Filter{Act: q.Text("act"), Object: q.Text("object")}
	if filter.Before, err = q.Int("before"); err != nil {
		return err
	}
	if filter.Actor, err = q.Int("who"); err != nil {
		return err
	}
	rows, err := h.log.List(r.Context(), filter)
	if err != nil {
		return err
	}
	all, err := h.staff.List(r.Context(), actor)
	if err != nil {
		return err
	}
	return h.pages.audit.Write(w, r, http.StatusOK, h.auditPage(r, actor, q, rows, all))
}

func (h *house) auditPage(r *http.Request, actor staff.Actor, q page.Form, rows []audit.Row, all []staff.Person) auditPage {
	fm := form{words: "audit", values: q.Values}
	whom := personOptions(all)
	whom[0].Text = page.T("newsroom.anybody")
	p := auditPage{frame: h.frame(r, actor, page.T("newsroom.audit"), "/newsroom/audit"), Foot: foot{Range: page.T("newsroom.audit.kept"), First: firstPage(q, "before"), Words: "newsroom.older"},
		Filter: filter{Action: "/newsroom/audit", Fields: []field{fm.pick("who", whom),
			fm.pick("act", append([]option{{Text: page.T("newsroom.all")}}, worded("newsroom.audit.acts.", auditActs)...)), fm.field("object")}}}
	if q.Text("who")+q.Text("act")+q.Text("object") != "" {
		p.Filter.Clear = "/newsroom/audit"
	}
	if len(rows) == audit.PageSize {
		p.Foot.Next = nextPage(q, "before", strconv.FormatInt(rows[len(rows)-1].ID, 10))
	}
	c := h.clock()
	for _, row := range rows {
		if day := c.Day(row.At).Text; len(p.Days) == 0 || p.Days[len(p.Days)-1].Day != day {
			p.Days = append(p.Days, auditDay{Day: day})
		}
		last := &p.Days[len(p.Days)-1]
		last.Rows = append(last.Rows, auditRow{At: c.Hour(row.At), Person: row.Name, Act: actWords(row.Act), Detail: detailWords(row.Detail), Object: objectWords(row.Object), URL: objectURL(row.Object)})
	}
	return p
}

// actWords is an act as people say it, or its own name where the catalogue has none.
func actWords(act string) string {
	if key := "newsroom.audit.did." + act; page.Known(key) {
		return page.T(key)
	}
	return act
}

func objectWords(object string) string {
	kind, id, _ := strings.Cut(object, ":")
	if key := "newsroom.object." + kind; page.Known(key) {
		return page.T(key, id)
	}
	return object
}

// objectURL leads to what a row of the log, or a use of a picture, is about; empty where it has no page.
func objectURL(object string) string {
	kind, id, _ := strings.Cut(object, ":")
	n, err := strconv.ParseInt(id, 10, 64)
	place := map[string]string{"article": "articles", "author": "authors", "category": "categories", "tag": "tags", "media": "media", "staff": "users"}[kind]
	if err != nil || place == "" {
		return ""
	}
	return fmt.Sprintf("/newsroom/%s/%d", place, n)
}

// detailWords is what a row says besides, as names and values in alphabetical order.
func detailWords(raw json.RawMessage) string {
	var detail map[string]any
	if json.Unmarshal(raw, &detail) != nil {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(detail)) {
		if text := fmt.Sprint(detail[name]); cmp.Or(text, "false") != "false" && text != "<nil>" && text != "0" {
			parts = append(parts, name+" "+text)
		}
	}
	return strings.Join(parts, ", ")
}
