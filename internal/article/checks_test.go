package article_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/taxonomy"
)

// picture stores a picture of so many bytes at 960 pixels across; without variants it is one whose file is missing.
func (n *newsroom) picture(key string, bytes int) int64 {
	n.Helper()
	variants := "[]"
	if bytes > 0 {
		variants = fmt.Sprintf(`[{"name": "320.jpg", "width": 320, "height": 200, "mime": "image/jpeg", "bytes": 9}, {"name": "960.jpg", "width": 960, "height": 600, "mime": "image/jpeg", "bytes": %d}]`, bytes)
	}
	var id int64
	err := n.db.App.QueryRow(n.Context(), `
		INSERT INTO media (key, name, mime, sha256, bytes, width, height, variants)
		VALUES ($1, 'a.jpg', 'image/jpeg', sha256(convert_to($1, 'UTF8')), 1, 960, 600, $2)
		RETURNING id`, strings.Repeat(key, 32)[:32], variants).Scan(&id)
	if err != nil {
		n.Fatal(err)
	}
	return id
}

func (n *newsroom) require(keys ...string) {
	n.Helper()
	if _, err := n.db.App.Exec(n.Context(), `UPDATE settings SET required_checks = $1`, append([]string{}, keys...)); err != nil {
		n.Fatal(err)
	}
}

// looked saves d as an article and gives what its checks find, in short: level, label and arguments.
func (n *newsroom) looked(kind article.Kind, d article.Draft) (int64, int, []string) {
	n.Helper()
	id, err := n.store.Create(n.Context(), n.editor, kind, "")
	if err != nil {
		n.Fatal(err)
	}
	number := n.save(id, 1, d)
	all, err := n.store.Checks(n.Context(), n.editor, id)
	if err != nil {
		n.Fatal(err)
	}
	var out []string
	for _, c := range all {
		out = append(out, strings.TrimSpace(string(c.Level)+" "+c.Label()+" "+strings.Join(c.Args, " ")))
		if number := len(c.Args) > 0 && c.Key != "standfirst-long" && c.Key != "weight"; c.Level != article.Good && (c.Block != "") != number {
			n.Errorf("%+v names a block and no number, or a number and no block", c)
		}
	}
	return id, number, out
}

// whole is an article that no check finds anything wrong with.
func (n *newsroom) whole() article.Draft {
	n.Helper()
	if _, err := taxonomy.New(n.db.App).Create(n.Context(), n.admin, taxonomy.CategoryIn{Name: "Coast", Slug: "coast"}); err != nil {
		n.Fatal(err)
	}
	return article.Draft{Headline: "The lamp", Standfirst: "Lit again.", Category: "coast", Authors: []string{"Ivo Castellan"}, Body: "<p>At 21:14 the lamp came on.</p>",
		Image: n.picture("a", 100<<10), ImageAlt: "A lamp", ImageCredit: "Mara Quell"}
}

func TestChecks(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	n.store.Home = &url.URL{Scheme: "https", Host: "stet.example"}
	whole := n.whole()
	small, heavy, missing := n.picture("b", 1000), n.picture("c", 590<<10), n.picture("d", 0)
	_, path := n.published("Alive")
	block := n.live(path).Blocks[0].ID
	gone, gonePath := n.published("Taken away")
	if err := n.store.Withdraw(t.Context(), n.editor, gone, "It was wrong."); err != nil {
		t.Fatal(err)
	}
	figure := func(id int64, alt, credit string) string {
		return fmt.Sprintf(`<p>A picture:</p><figure><img data-media="%d" alt="%s"><figcaption>Said beneath. <span class="credit">%s</span></figcaption></figure>`, id, alt, credit)
	}
	link := func(to string) string { return `<p>One.</p><p>See <a href="` + to + `">there</a>.</p>` }
	none := func(d *article.Draft) {}
	for name, tt := range map[string]struct {
		alter func(d *article.Draft)
		body  string
		want  string // finds this
	}{
		"nothing":                   {none, "", "good fine"},
		"pictures":                  {none, figure(small, "Alt", "Me"), "good pictures 2"},
		"weight":                    {none, figure(small, "Alt", "Me"), "good weight 102 600"},
		"no headline":               {func(d *article.Draft) { d.Headline = "" }, "", "mend headline"},
		"no body":                   {func(d *article.Draft) { d.Body = "" }, "", "mend body"},
		"no standfirst":             {func(d *article.Draft) { d.Standfirst = "" }, "", "look standfirst"},
		"a long standfirst":         {func(d *article.Draft) { d.Standfirst = strings.Repeat("ü", 131) }, "", "look standfirst-long 131 130"},
		"no category":               {func(d *article.Draft) { d.Category = "" }, "", "look category"},
		"no author":                 {func(d *article.Draft) { d.Authors = nil }, "", "look authors"},
		"no lead picture":           {func(d *article.Draft) { d.Image = 0 }, "", "look picture"},
		"no alt text":               {func(d *article.Draft) { d.ImageAlt = "" }, "", "mend alt.lead"},
		"no credit":                 {func(d *article.Draft) { d.ImageCredit = "" }, "", "look credit.lead"},
		"a lead picture without":    {func(d *article.Draft) { d.Image = missing }, "", "mend missing.lead"},
		"no alt text in the body":   {none, figure(small, "", "Me"), "mend alt 2"},
		"no credit in the body":     {none, figure(small, "Alt", ""), "look credit 2"},
		"a picture without a file":  {none, figure(missing, "Alt", "Me"), "mend missing 2"},
		"a heavy page":              {none, figure(heavy, "Alt", "Me"), "look weight 691 600"},
		"a dead link":               {none, link("/2026/06/nowhere/"), "mend link.gone /2026/06/nowhere/ 2"},
		"a dead link with origin":   {none, link("https://stet.example/2026/06/nowhere/"), "mend link.gone https://stet.example/2026/06/nowhere/ 2"},
		"a dead category":           {none, link("/category/none/"), "mend link.gone /category/none/ 2"},
		"a link to a withdrawn one": {none, link(gonePath), "mend link.withdrawn " + gonePath + " 2"},
		"a link into the newsroom":  {none, link("/newsroom/articles/1"), "mend link.inside /newsroom/articles/1 2"},
		"a paragraph not here":      {none, link("#p-aaaaaaaa"), "mend link.anchor #p-aaaaaaaa 2"},
		"a paragraph not there":     {none, link(path + "#p-aaaaaaaa"), "mend link.anchor " + path + "#p-aaaaaaaa 2"},
		"a paragraph there":         {none, link(path + "#p-" + block), "good links 1"},
		"a link to an article":      {none, link("https://stet.example" + path), "good links 1"},
		"to its history":            {none, link(path + "history"), "good links 1"},
		"to a category":             {none, link("/category/coast/feed/"), "good links 1"},
		"to the corrections":        {none, link("/corrections/"), "good links 1"},
		"to the front page":         {none, link("/?p=1"), "good links 1"},
		"to another site":           {none, link("https://elsewhere.example/newsroom/"), "good fine"},
		"a link without words":      {none, `<p>One.</p><p>See <a href="/corrections/"><img data-media="` + fmt.Sprint(small) + `" alt=""></a></p>`, "mend link-empty 3"},
		"a jump of headings":        {none, "<h2>A</h2><p>One.</p><h4>B</h4>", "look heading-order 4 3 3"},
		"a start below":             {none, "<p>One.</p><h3>A</h3>", "look heading-order 3 2 2"},
		"headings in order":         {none, "<h2>A</h2><h3>B</h3><h4>C</h4><h2>D</h2>", "good fine"},
		"a long paragraph":          {none, "<p>" + strings.Repeat("Words ", 151) + "</p>", "look paragraph 151 1"},
		"a Chinese paragraph":       {none, "<p>" + strings.Repeat("燈塔", 100) + "</p>", "good fine"},
		"a long Chinese paragraph":  {none, "<p>" + strings.Repeat("燈塔", 200) + "</p>", "look paragraph 400 1"},
	} {
		d := whole
		if tt.body != "" {
			d.Body = tt.body
		}
		tt.alter(&d)
		if _, _, got := n.looked(article.KindArticle, d); !slices.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q among them", name, got, tt.want)
		}
	}
	page := whole
	page.Category, page.Authors, page.Image = "", nil, 0
	if _, _, got := n.looked(article.KindPage, page); !slices.Contains(got, "good fine") {
		t.Errorf("a static page: %q, want nothing missing", got)
	}
}

// TestRequiredChecks keeps back what the settings require, at once and when scheduling, and nothing else.
func TestRequiredChecks(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	whole := n.whole()
	bare := whole
	bare.ImageAlt, bare.Standfirst, bare.Category = "", "", ""
	id, number, _ := n.looked(article.KindArticle, bare)
	n.require("alt", "category", "link")
	later := n.clock.now().Add(time.Hour)
	for name, in := range map[string]article.PublishIn{"now": {Revision: number}, "later": {Revision: number, At: &later}} {
		_, err := n.store.Publish(t.Context(), n.editor, id, in)
		var invalid *fault.Invalid
		if !errors.As(err, &invalid) || invalid.Fields["checks"] != "article.checks.open|2" {
			t.Errorf("published %s with two open: %v", name, err)
		}
	}
	e, err := n.store.Edit(t.Context(), n.editor, id)
	if err != nil || len(e.Record) != 0 || len(e.Schedules) != 0 || e.Path != "" {
		t.Errorf("something was written: %+v, %v", e, err)
	}
	all, err := n.store.Checks(t.Context(), n.editor, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if open := c.Key == "alt" || c.Key == "category"; c.Required != open || open && c.Level != article.Mend {
			t.Errorf("%+v, want required: %v", c, open)
		}
	}
	bare.ImageAlt, bare.Category = "A lamp", "coast"
	number = n.save(id, number, bare)
	if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: number}); err != nil {
		t.Errorf("with all mended: %v", err)
	}
	bare.ImageAlt = ""
	number = n.save(id, number, bare)
	if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: number, Kind: article.Minor}); err == nil {
		t.Error("a minor change passes with a required check open")
	}
	n.append(id, article.Update, "A notice needs no check.", "")
}

// TestChanged names the blocks that readers haven't seen.
func TestChanged(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	id, number := n.draft("The lamp")
	e, err := n.store.Edit(t.Context(), n.editor, id)
	if err != nil || len(e.Changed) != 0 {
		t.Errorf("before the first publication: %q, %v, want none", e.Changed, err)
	}
	if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: number}); err != nil {
		t.Fatal(err)
	}
	n.save(id, number, article.Draft{Headline: "The lamp", Body: strings.Replace(body, "Nobody", "No one", 1) + "<p>New.</p>"})
	if e, err = n.store.Edit(t.Context(), n.editor, id); err != nil || len(e.Changed) != 2 {
		t.Errorf("after two paragraphs: %q, %v", e.Changed, err)
	}
}
