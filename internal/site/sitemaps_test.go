package site

import (
	"bytes"
	"strings"
	"testing"

	"stet/internal/article"
)

// A sitemap of several parts is an index of them; a part that later articles lie beyond stays as it is, and is purged with its own alone.
func TestSitemapParts(t *testing.T) {
	h := newHouse(t)
	_, first := h.publish(article.Draft{Headline: "First", Body: "<p>x</p>"})
	h.get("/sitemap.xml").want(200).holds(first)
	if _, err := h.db.Super.Exec(t.Context(), `ALTER SEQUENCE articles_id_seq RESTART WITH 4000`); err != nil {
		t.Fatal(err)
	}
	_, last := h.publish(article.Draft{Headline: "Last of its part", Body: "<p>x</p>"})
	_, beyond := h.publish(article.Draft{Headline: "Beyond", Body: "<p>x</p>"})
	index := h.get("/sitemap.xml").want(200).holds("/sitemap.xml?after=0<", "/sitemap.xml?after=2000<", "/sitemap.xml?after=4000<")
	if n := strings.Count(index.Body.String(), "<loc>"); n != 3 {
		t.Errorf("the index names %d parts, want 3", n)
	}
	h.get("/sitemap.xml?after=0").want(200).holds(first, "!"+last)
	middle := h.get("/sitemap.xml?after=2000").want(200).holds(last, "!"+first, "!"+beyond)
	if tags := strings.Fields(middle.Header().Get("Surrogate-Key")); len(tags) != 2 || tags[0] != "sitemap:2000" || tags[1] != "sitemap" {
		t.Errorf("the part's tags are %q", tags)
	}
	h.publish(article.Draft{Headline: "Another beyond", Body: "<p>x</p>"})
	if again := h.get("/sitemap.xml?after=2000"); !bytes.Equal(again.Body.Bytes(), middle.Body.Bytes()) {
		t.Error("a finished part changed with an article beyond it")
	}
	for _, bad := range []string{"1", "2001", "6000", "9223372036854774000"} {
		h.get("/sitemap.xml?after=" + bad).want(404)
	}
}
