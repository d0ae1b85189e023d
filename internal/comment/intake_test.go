package comment_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/staff"
)

func TestPostRefusesFields(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	other := d.article()
	_, elsewhere := d.published(d.moderator(), d.guest(other))
	_, held := d.post(d.guest(article))
	for name, tt := range map[string]struct {
		change func(*comment.In)
		field  string
	}{
		"no name":            {func(in *comment.In) { in.Name = " \u200d " }, "name"},
		"long name":          {func(in *comment.In) { in.Name = strings.Repeat("é", 81) }, "name"},
		"control in name":    {func(in *comment.In) { in.Name = "a\x01b" }, "name"},
		"override in name":   {func(in *comment.In) { in.Name = "a\u202eb" }, "name"},
		"NUL in name":        {func(in *comment.In) { in.Name = "a\x00b" }, "name"},
		"no e-mail":          {func(in *comment.In) { in.Email = "" }, "email"},
		"no at":              {func(in *comment.In) { in.Email = "example.org" }, "email"},
		"display name":       {func(in *comment.In) { in.Email = "A <a@example.org>" }, "email"},
		"two":                {func(in *comment.In) { in.Email = "a@example.org, b@example.org" }, "email"},
		"long e-mail":        {func(in *comment.In) { in.Email = strings.Repeat("a", 250) + "@example.org" }, "email"},
		"line in e-mail":     {func(in *comment.In) { in.Email = "a@example.org\r\nBcc: b@example.org" }, "email"},
		"NUL in e-mail":      {func(in *comment.In) { in.Email = "a\x00@example.org" }, "email"},
		"no body":            {func(in *comment.In) { in.Body = "\n\u200b \u2800" }, "body"},
		"long body":          {func(in *comment.In) { in.Body = strings.Repeat("ü", 10_001) }, "body"},
		"NUL in body":        {func(in *comment.In) { in.Body = "a\x00b" }, "body"},
		"no UTF-8":           {func(in *comment.In) { in.Body = "a\xffb" }, "body"},
		"parent elsewhere":   {func(in *comment.In) { in.Parent = elsewhere }, "parent"},
		"parent held":        {func(in *comment.In) { in.Parent = held }, "parent"},
		"parent that is not": {func(in *comment.In) { in.Parent = 1 << 40 }, "parent"},
	} {
		t.Run(name, func(t *testing.T) {
			before := d.all()
			in := d.guest(article)
			tt.change(&in)
			_, err := d.Post(t.Context(), in)
			invalid, ok := errors.AsType[*fault.Invalid](err)
			if !ok || invalid.Fields[tt.field] == "" || len(invalid.Fields) != 1 {
				t.Fatalf("Post = %v, want a fault on %s alone", err, tt.field)
			}
			if d.all() != before {
				t.Error("a refused comment left something behind")
			}
		})
	}
}

func TestPostKeepsWhatWasSaid(t *testing.T) {
	d := newDesk(t)
	in := d.guest(d.article())
	in.Name, in.Email, in.Version = " Zoë  \t Ünal\u200d ", " Zoe@Example.org ", 99
	in.Body = "\r\nمرحبا \u202eworld\u202c\r\n\r\n  <b>not bold</b>  \r\n"
	token, id := d.post(in)
	r := d.receipt(token)
	if want := "مرحبا \u202eworld\u202c\n\n  <b>not bold</b>"; r.Text != want {
		t.Errorf("text = %q, want %q", r.Text, want)
	}
	if r.Name != "Zoë Ünal\u200d" || r.Status != comment.Waits || r.ArticlePath != "/2026/03/a-headline/" || r.Headline != "A headline" {
		t.Errorf("receipt = %+v", r)
	}
	i := d.item(id, comment.Pending)
	if i.Email != "Zoe@Example.org" || i.Version != 0 || i.RecordHead != 3 {
		t.Errorf("item = %+v, want the e-mail and no version beyond the record", i)
	}
	full := d.guest(in.ArticleID)
	full.Name, full.Body = strings.Repeat("é", 80), strings.Repeat("ü", 10_000)
	d.post(full)
}

func TestClosed(t *testing.T) {
	d := newDesk(t)
	for name, tt := range map[string]struct {
		site, article string
		want          error
	}{
		"open":              {"premoderated", `comments = 'default'`, nil},
		"article closed":    {"open", `comments = 'closed'`, fault.Forbidden},
		"site closed":       {"closed", `comments = 'default'`, fault.Forbidden},
		"article overrides": {"closed", `comments = 'open'`, nil},
		"retracted":         {"open", `public_state = 'retracted'`, fault.Forbidden},
		"withdrawn":         {"open", `public_state = 'withdrawn'`, fault.Forbidden},
		"draft":             {"open", `public_state = NULL, record_head = 0`, fault.NotFound},
		"trashed":           {"open", `trashed_at = clock_timestamp()`, fault.NotFound},
		"a page":            {"open", `kind = 'page'`, fault.Forbidden},
		"a page that asks":  {"open", `kind = 'page', comments = 'premoderated'`, nil},
	} {
		in := d.guest(d.article())
		d.exec(`UPDATE settings SET comments = $1`, tt.site)
		d.exec(`UPDATE articles SET `+tt.article+` WHERE id = $1`, in.ArticleID)
		if _, err := d.Post(t.Context(), in); !errors.Is(err, tt.want) {
			t.Errorf("%s: Post = %v, want %v", name, err, tt.want)
		}
	}
	if _, err := d.Post(t.Context(), d.guest(1<<40)); !errors.Is(err, fault.NotFound) {
		t.Errorf("Post under no article = %v", err)
	}
}

func TestIdenticalAtOnceIsOne(t *testing.T) {
	d := newDesk(t)
	d.Store.Now = nil
	article := scan[int64](d, `
		INSERT INTO articles (kind, public_state, record_head, first_public_at) VALUES ('article', 'published', 1, clock_timestamp()) RETURNING id`)
	in := d.guest(article)
	const times = 20
	tokens, errs := make([]string, times), make([]error, times)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range times {
		wg.Go(func() {
			<-start
			tokens[i], errs[i] = d.Post(t.Context(), in)
		})
	}
	close(start)
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if distinct := slices.Compact(slices.Sorted(slices.Values(tokens))); len(distinct) != 1 {
		t.Errorf("%d receipts, want 1", len(distinct))
	}
	if n := scan[int](d, `SELECT count(*) FROM comments`); n != 1 {
		t.Errorf("%d comments, want 1", n)
	}
	if n := scan[int](d, `SELECT count(*) FROM commenters`); n != 1 {
		t.Errorf("%d people, want 1", n)
	}
}

// Different comments of one new person at once meet on the person's row.
func TestOnePersonAtOnce(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	d.exec(`UPDATE settings SET comments_per_email = 1000`)
	errs := make([]error, 20)
	var wg sync.WaitGroup
	for i := range errs {
		in := d.guest(article)
		in.Email = "Same@example.org"
		if i%2 == 0 {
			in.Email = "same@example.org"
		}
		wg.Go(func() { _, errs[i] = d.Post(t.Context(), in) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if n := scan[int](d, `SELECT count(DISTINCT commenter_id) FROM comments`); n != 1 {
		t.Errorf("%d people, want 1", n)
	}
}

func TestDuplicates(t *testing.T) {
	d := newDesk(t)
	in := d.guest(d.article())
	in.Address = netip.MustParseAddr("2001:db8:1:2::1")
	first, _ := d.post(in)

	again := in
	again.Name, again.Email, again.Address = in.Name+" ", strings.ToUpper(in.Email), netip.MustParseAddr("2001:db8:1:2:ffff::9")
	if got, _ := d.post(again); got != first {
		t.Error("the same from the same /64 has another receipt")
	}
	elsewhere := in
	elsewhere.Address = netip.MustParseAddr("2001:db8:1:3::1")
	second, id := d.post(elsewhere)
	if second == first {
		t.Error("the same from elsewhere has the first one's receipt")
	}
	if got, _ := d.post(elsewhere); got != second {
		t.Error("sent twice from elsewhere has a third receipt")
	}
	if got, _ := d.post(in); got != first {
		t.Error("the first one lost its receipt to the copy")
	}
	if !slices.ContainsFunc(d.item(id, comment.Pending).Reasons, func(r comment.Reason) bool { return r.Rule == "duplicate" }) {
		t.Error("the copy isn't held as a duplicate")
	}
	other := in
	other.Name = "Somebody else"
	if got, _ := d.post(other); got == first {
		t.Error("the same text under another name has the first one's receipt")
	}
	d.pass(10 * time.Minute)
	if got, _ := d.post(in); got == first {
		t.Error("ten minutes later it has the first one's receipt still")
	}
}

func TestDuplicateAfterTheSecretChanged(t *testing.T) {
	d := newDesk(t)
	before := comment.New(d.App, old, nil)
	before.Now = d.now
	in := d.guest(d.article())
	first, err := before.Post(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	rotated := comment.New(d.App, secret, old)
	rotated.Now = d.now
	again, err := rotated.Post(t.Context(), in)
	if err != nil || again != first {
		t.Errorf("Post after the secret changed = another receipt (%v)", err)
	}
}

func TestReceiptIsOnlyStoredAsHash(t *testing.T) {
	d := newDesk(t)
	token, _ := d.post(d.guest(d.article()))
	if strings.Contains(d.all(), token) {
		t.Error("the token stands in the database")
	}
	for _, wrong := range []string{"", token[:42], token + "A", "A" + token[1:], strings.Repeat("\x00", 43)} {
		if wrong == token {
			continue
		}
		if _, err := d.ByToken(t.Context(), wrong); !errors.Is(err, fault.NotFound) {
			t.Errorf("ByToken(%q) = %v", wrong, err)
		}
	}
}

func TestTooFast(t *testing.T) {
	d := newDesk(t)
	d.exec(`UPDATE settings SET comments_per_email = 2, comments_per_address = 3, comments_window = 60`)
	article := d.article()
	send := func(email, address string) error {
		in := d.guest(article)
		in.Email, in.Address = email, netip.MustParseAddr(address)
		_, err := d.Post(t.Context(), in)
		return err
	}
	limited := func(err error) bool {
		tooMany, ok := errors.AsType[*fault.TooMany](err)
		return ok && tooMany.After > 0 && tooMany.After <= time.Minute
	}
	in := d.guest(article)
	in.Email, in.Address = "a@example.org", netip.MustParseAddr("192.0.2.1")
	for range 5 {
		d.post(in) // is one, and counts once
	}
	if err := send("A@example.org", "192.0.2.2"); err != nil {
		t.Errorf("second = %v", err)
	}
	if err := send("a@example.org", "192.0.2.3"); !limited(err) {
		t.Errorf("third of one e-mail = %v", err)
	}
	for i, email := range []string{"b@example.org", "c@example.org", "d@example.org"} {
		if err := send(email, "192.0.2.1"); limited(err) != (i == 2) {
			t.Errorf("from one address, number %d = %v", i+2, err)
		}
	}
	if _, err := d.Post(t.Context(), in); err != nil {
		t.Errorf("the first one again = %v, want its receipt", err)
	}
	d.pass(time.Minute + time.Second)
	if err := send("a@example.org", "192.0.2.1"); err != nil {
		t.Errorf("a minute later = %v", err)
	}
	if n := scan[int](d, `SELECT count(*) FROM limits WHERE key LIKE '%example%' OR key LIKE '%192.0%'`); n != 0 {
		t.Error("the limits name whom they limit")
	}
}

func TestHoldReasons(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	moderator := d.person("Ava Kessler-Holt", staff.Moderator)
	d.exec(`INSERT INTO authors (slug, name) VALUES ('jo', 'Jo Ångström')`)
	d.exec(`UPDATE settings SET title = 'The Tideway'`)
	known := d.guest(article)
	d.published(moderator, known)
	for name, tt := range map[string]struct {
		name, email, body string
		want              []comment.Reason
	}{
		"known":    {known.Name, known.Email, "Again.", nil},
		"first":    {"A", "first@example.org", "Hello.", []comment.Reason{{Rule: "first", Words: []string{}}}},
		"one link": {"A", known.Email, "See https://example.org/a.", nil},
		"links": {"A", known.Email, "See https://a.example/x and www.b.example, then HTTP://c.example", []comment.Reason{
			{Rule: "links", Words: []string{"https://a.example/x", "www.b.example,", "HTTP://c.example"}}}},
		"staff":  {"ava kessler.holt", known.Email, "It is me.", []comment.Reason{{Rule: "name", Words: []string{"ava kessler.holt"}}}},
		"author": {"ＪＯ ÅNGSTRÖM", known.Email, "It is me, too.", []comment.Reason{{Rule: "name", Words: []string{"ＪＯ ÅNGSTRÖM"}}}},
		"site":   {"the tideway", known.Email, "We are it.", []comment.Reason{{Rule: "name", Words: []string{"the tideway"}}}},
	} {
		in := d.guest(article)
		in.Name, in.Email, in.Body = tt.name, tt.email, tt.body
		d.exec(`DELETE FROM limits`)
		d.pass(time.Minute)
		_, id := d.post(in)
		got := d.item(id, comment.Pending).Reasons
		want := append([]comment.Reason{{Rule: "premoderated", Words: []string{}}}, tt.want...)
		if !slices.EqualFunc(got, want, func(a, b comment.Reason) bool { return a.Rule == b.Rule && slices.Equal(a.Words, b.Words) }) {
			t.Errorf("%s: held for %+v, want %+v", name, got, want)
		}
	}
}

func TestHoneypot(t *testing.T) {
	d := newDesk(t)
	in := d.guest(d.article())
	in.Honeypot = "https://example.org"
	token, id := d.post(in)
	if r := d.receipt(token); r.Status != comment.Waits || r.EditableUntil.IsZero() {
		t.Errorf("receipt = %+v, want one that looks like any other", r)
	}
	if err := d.Edit(t.Context(), token, "Another text."); err != nil {
		t.Errorf("Edit = %v", err)
	}
	if i := d.item(id, comment.Spam); i.Text != "Another text." {
		t.Errorf("among the spam stands %q", i.Text)
	}
	if n := len(d.queue(comment.Filter{})); n != 0 {
		t.Errorf("%d wait, want none", n)
	}
	// A person whose browser filled it in isn't lost.
	if err := d.Decide(t.Context(), d.moderator(), d.pick(id, comment.Spam), comment.Approve, ""); err != nil {
		t.Fatal(err)
	}
	if r := d.receipt(token); r.Status != comment.Published {
		t.Errorf("receipt = %s", r.Status)
	}
}

func (d *desk) pick(id int64, status comment.Status) comment.Pick {
	d.t.Helper()
	i := d.item(id, status)
	return i.Pick()
}

func TestIntakeAnnouncesNothing(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	tags := d.purges(func() {
		token, _ := d.post(d.guest(article))
		if err := d.Edit(t.Context(), token, "Better."); err != nil {
			t.Error(err)
		}
		if err := d.Delete(t.Context(), token); err != nil {
			t.Error(err)
		}
	})
	if len(tags) != 0 {
		t.Errorf("announced %q for a comment nobody saw", tags)
	}
}

func TestPostThatBreaksOffLeavesNothing(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	d.exec(`ALTER TABLE hold_reasons ADD CONSTRAINT broken CHECK (rule <> 'first')`)
	before := d.all()
	if _, err := d.Post(t.Context(), d.guest(article)); err == nil {
		t.Fatal("Post succeeded")
	}
	if d.all() != before {
		t.Error("half a comment was stored")
	}
}
