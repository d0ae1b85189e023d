package site

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/fault"
	"stet/internal/taxonomy"
)

// trail remembers every address that something had.
type trail struct {
	*house
	below []string // what follows an address of it
	had   []string
}

// now says that it stands at path: there and below it are its pages, and all that it had lead to them in one step.
func (t *trail) now(path string) {
	t.Helper()
	t.site.Drop()
	for _, rest := range append(t.below, "") {
		t.get(path + rest).want(http.StatusOK)
		for _, old := range t.had {
			if old == path {
				continue
			}
			t.get(old+rest).want(http.StatusMovedPermanently, path+rest)
			if bare := strings.TrimSuffix(old+rest, "/"); bare != old+rest {
				t.get(bare).want(http.StatusMovedPermanently, path+rest)
			}
		}
	}
	if !slices.Contains(t.had, path) {
		t.had = append(t.had, path)
	}
}

// refused insists on a fault of the field.
func (h *house) refused(field string, err error) {
	h.Helper()
	var invalid *fault.Invalid
	if !errors.As(err, &invalid) || invalid.Fields[field] == "" {
		h.Errorf("%v, want a fault of %s", err, field)
	}
}

var belowLists = []string{"feed/", "feed/atom/", "feed.json", "page/2"}

func TestMovedCategories(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	world, culture := h.category(0, "World"), h.category(0, "Culture")
	ports := h.category(world.ID, "Ports")
	for i := range perPage + 1 {
		h.now = h.now.Add(time.Minute)
		h.publish(article.Draft{Headline: fmt.Sprintf("Story %02d", i), Body: "<p>x</p>", Category: ports.Slug})
	}
	move := func(c taxonomy.Category, parent int64, slug string) taxonomy.Category {
		t.Helper()
		now, err := h.taxonomy.Update(h.ctx, h.editor, c.ID, taxonomy.CategoryIn{ParentID: parent, Slug: slug, Name: c.Name, Description: c.Description})
		h.must(err)
		return now
	}
	parents, children := &trail{house: h, below: belowLists}, &trail{house: h, below: belowLists}
	for _, at := range []struct{ parent, child, path, below string }{
		{"world", "ports", "/category/world/", "/category/world/ports/"},
		{"foreign", "ports", "/category/foreign/", "/category/foreign/ports/"},
		{"abroad", "harbours", "/category/abroad/", "/category/abroad/harbours/"},
		{"world", "ports", "/category/world/", "/category/world/ports/"},
	} {
		move(world, 0, at.parent)
		ports = move(ports, world.ID, at.child)
		parents.now(at.path)
		children.now(at.below)
	}
	move(ports, culture.ID, "ports")
	children.now("/category/culture/ports/")
	h.get("/category/abroad/harbours/page/1").want(301, "/category/culture/ports/")
	h.get("/category/culture/ports/page/1/").want(301, "/category/culture/ports/")
	h.get("/category/culture/").want(200).shows(".row:first-child .kicker", "Ports")
	_, err := h.taxonomy.Create(h.ctx, h.editor, taxonomy.CategoryIn{Name: "Somewhere else", Slug: "abroad"})
	h.refused("slug", err)
	made, err := h.taxonomy.Create(h.ctx, h.editor, taxonomy.CategoryIn{Name: "Abroad", AnySlug: true})
	h.must(err)
	if made.Path == "/category/abroad/" {
		t.Error("a new category has the address of an old one")
	}
	parents.below = []string{"feed/"} // its articles went with the child
	parents.now("/category/world/")
	children.now("/category/culture/ports/")
}

func TestMovedTags(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range perPage + 1 {
		h.now = h.now.Add(time.Minute)
		h.publish(article.Draft{Headline: fmt.Sprintf("Story %02d", i), Body: "<p>x</p>", Tags: []string{"Night", "Dark"}})
	}
	id := func(path string) int64 {
		t.Helper()
		found, err := h.site.Articles.LiveByPath(h.ctx, path)
		h.must(err)
		return found.Tag
	}
	night, dark := id("/tag/night/"), id("/tag/dark/")
	tags := &trail{house: h, below: belowLists}
	tags.now("/tag/night/")
	for _, slug := range []string{"nights", "after-dark", "night", "nacht"} {
		h.must(h.taxonomy.RenameTag(h.ctx, h.editor, night, taxonomy.TagIn{Slug: slug, Name: "Night"}))
		tags.now("/tag/" + slug + "/")
	}
	h.must(h.taxonomy.MergeTags(h.ctx, h.editor, night, dark))
	tags.now("/tag/dark/")
	h.must(h.taxonomy.RenameTag(h.ctx, h.editor, dark, taxonomy.TagIn{Slug: "darkness", Name: "Darkness"}))
	tags.now("/tag/darkness/")
	h.publish(article.Draft{Headline: "By its old name", Body: "<p>x</p>", Tags: []string{"Night"}})
	h.get("/tag/darkness/").want(200).holds("By its old name")
	h.publish(article.Draft{Headline: "Another", Body: "<p>x</p>", Tags: []string{"Other"}})
	h.refused("slug", h.taxonomy.RenameTag(h.ctx, h.editor, id("/tag/other/"), taxonomy.TagIn{Slug: "nacht", Name: "Other"}))
}

func TestMovedAuthors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.author("Seo Yun-ha")
	for i := range perPage + 1 {
		h.now = h.now.Add(time.Minute)
		h.publish(article.Draft{Headline: fmt.Sprintf("Story %02d", i), Body: "<p>x</p>", Authors: []string{a.Slug}})
	}
	authors := &trail{house: h, below: belowLists}
	authors.now("/author/seo-yun-ha/")
	for _, slug := range []string{"yun-ha-seo", "seo", "seo-yun-ha", "yuna"} {
		_, err := h.authors.Update(h.ctx, h.editor, a.ID, author.In{Slug: slug, Name: a.Name, Role: a.Role, Biography: a.Biography, Portrait: a.Portrait})
		h.must(err)
		authors.now("/author/" + slug + "/")
	}
	_, err := h.authors.Create(h.ctx, h.editor, author.In{Slug: "seo", Name: "Another Seo"})
	h.refused("slug", err)
	_, err = h.authors.Create(h.ctx, h.editor, author.In{Name: "Seo", AnySlug: true})
	h.must(err)
	authors.now("/author/yuna/")
}

func TestMovedArticles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for kind, folder := range map[article.Kind]string{article.KindArticle: "/2026/06/", article.KindPage: "/"} {
		d := article.Draft{Headline: "First", Standfirst: "S", Body: "<p>x</p>", Language: "en", Label: "news", Comments: "open", Slug: "first-" + string(kind)}
		id, _ := h.draft(kind, d)
		below := []string{"history", "v/1", "updates.xml", "feed/", "since/1", "report"}
		if kind == article.KindPage {
			below = []string{"history", "v/1"}
		}
		moved := &trail{house: h, below: below}
		moved.now(h.release(id, article.PublishIn{}))
		for _, slug := range []string{"second-", "third-", "first-", "fourth-"} {
			e, err := h.articles.Edit(h.ctx, h.editor, id)
			h.must(err)
			d.Slug = slug + string(kind)
			_, err = h.articles.Save(h.ctx, h.editor, id, article.SaveIn{Draft: d, Base: e.Head})
			h.must(err)
			at := h.release(id, article.PublishIn{Kind: article.Minor})
			moved.now(at)
			h.get(moved.had[0]+"comment-page-1/").want(301, at)
		}
		if at := folder + "fourth-" + string(kind) + "/"; !slices.Contains(moved.had, at) || len(moved.had) != 4 {
			t.Errorf("it stood at %q, want 4 addresses and the last at %s", moved.had, at)
		}
		d.Slug, d.Headline = "second-"+string(kind), "Another"
		other, revision := h.draft(kind, d)
		_, err := h.articles.Publish(h.ctx, h.editor, other, article.PublishIn{Revision: revision})
		h.refused("slug", err)
	}
}

// TestBylines names several authors in their order, with an account or without one, each with a profile.
func TestBylines(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.author("Zora Zeh"), h.author("Anna Abel")
	third, err := h.authors.Create(h.ctx, h.editor, author.In{Name: "No Portrait", Biography: "<p>Writes.</p>", Links: []author.Link{{Name: "Home", URL: "https://home.example/"}}})
	h.must(err)
	_, path := h.publish(article.Draft{Headline: "Three wrote it", Body: "<p>x</p>", Authors: []string{first.Slug, second.Slug, third.Slug}})
	h.get(path).want(200).shows(".signed .byline", "By Zora Zeh, Anna Abel and No Portrait").shows(".writer h3", "Zora Zeh | Anna Abel | No Portrait")
	h.get(first.Path()).want(200).shows("h1", "Zora Zeh").holds(`class="portrait"`, "Zora Zeh writes here.")
	h.get(third.Path()).want(200).shows(".head .prose", "Writes.").holds(`href="https://home.example/"`, "!portrait\"")
}
