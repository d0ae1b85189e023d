package article_test

import (
	"errors"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
)

// left is all that an article left in the tables, without what differs between two of the same words: ids, salts, hashes, addresses, and the
// empty revision with which people begin.
func (n *newsroom) left(id int64) (all string) {
	n.Helper()
	err := n.db.Super.QueryRow(n.Context(), `
		SELECT concat_ws(E'\n',
			(SELECT to_jsonb(a) - '{id,uid,path,created_at,head,live_revision}'::text[] FROM articles a WHERE id = $1),
			(SELECT jsonb_agg(to_jsonb(r) - '{id,article_id,number,base,blocks,slug}'::text[] || jsonb_build_object('blocks', (SELECT jsonb_agg(b->'html') FROM jsonb_array_elements(r.blocks) b))
				ORDER BY number) FROM revisions r WHERE article_id = $1 AND headline <> ''),
			(SELECT jsonb_agg(to_jsonb(v) - '{article_id,revision_id,salt,block_ids}'::text[] #- '{content,slug}' || jsonb_build_object('blocks', cardinality(block_ids)) ORDER BY number)
				FROM versions v WHERE article_id = $1),
			(SELECT jsonb_agg(to_jsonb(p) - '{article_id,content_hash,prev_hash,hash}'::text[] ORDER BY number) FROM publications p WHERE article_id = $1),
			(SELECT jsonb_agg(to_jsonb(c) - 'article_id' ORDER BY number) FROM publication_acts c WHERE article_id = $1),
			(SELECT jsonb_agg(to_jsonb(d) - 'article_id' ORDER BY number) FROM version_diffs d WHERE article_id = $1),
			(SELECT jsonb_agg(to_jsonb(c) - 'article_id' ORDER BY category_id) FROM article_categories c WHERE article_id = $1),
			(SELECT jsonb_agg(to_jsonb(t) - 'article_id' ORDER BY position) FROM article_tags t WHERE article_id = $1),
			(SELECT jsonb_agg(to_jsonb(u) - 'article_id' ORDER BY position) FROM article_authors u WHERE article_id = $1),
			(SELECT to_jsonb(s) - 'article_id' FROM article_search s WHERE article_id = $1),
			(SELECT count(*) FROM bylines b JOIN revisions r ON r.id = b.revision_id WHERE r.article_id = $1),
			(SELECT jsonb_agg(canonical) FROM addresses WHERE article_id = $1),
			(SELECT jsonb_agg(to_jsonb(u) - 'user_of') FROM media_uses u WHERE user_of = 'article:' || $1))`, id).Scan(&all)
	if err != nil {
		n.Fatal(err)
	}
	return all
}

// A load leaves what the acts of people leave.
func TestLoad(t *testing.T) {
	n := newNewsroom(t)
	n.owner(`INSERT INTO categories (slug, name, path, lineage) VALUES ('a', 'A', '/category/a/', '{1}'), ('b', 'B', '/category/b/', '{2}')`)
	n.owner(`INSERT INTO authors (slug, name) VALUES ('ivo', 'Ivo Castellan')`)
	n.owner(`INSERT INTO media (key, name, mime, sha256, bytes, width, height) VALUES ('k', 'p.jpg', 'image/jpeg', '\x01', 1, 600, 400)`)
	d := article.Draft{Headline: "The lamp", Standfirst: "Said beneath it.", Body: body, Authors: []string{"ivo", "Some One"}, Tags: []string{"Lights", "lights", "Law"}, Category: "a",
		Also: []string{"b"}, Image: 1, ImageAlt: "A lamp", Language: "en", Label: "analysis"}
	other := body + `<p>And a third, put right.</p>`

	id, err := n.store.Create(t.Context(), n.editor, article.KindArticle, "")
	if err != nil {
		t.Fatal(err)
	}
	revision := n.save(id, 1, d)
	at := n.clock.now()
	if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: revision}); err != nil {
		t.Fatal(err)
	}
	n.clock.tick(time.Minute)
	n.append(id, article.Update, "<p>More <script>x</script>is known.</p>", "")
	n.clock.tick(time.Minute)
	changed := d
	changed.Body = other
	revision = n.save(id, revision, changed)
	if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: revision, Kind: article.Correction, Notice: "<p>Put right.</p>"}); err != nil {
		t.Fatal(err)
	}
	n.clock.tick(time.Minute)
	if err := n.store.Retract(t.Context(), n.editor, id, "<p>Not so.</p>"); err != nil {
		t.Fatal(err)
	}

	loaded := article.Loaded{Draft: d, At: at, Later: []article.Later{
		{At: at.Add(time.Minute), Kind: article.Update, Notice: "<p>More <script>x</script>is known.</p>"},
		{At: at.Add(2 * time.Minute), Kind: article.Correction, Notice: "<p>Put right.</p>", Body: other},
		{At: at.Add(3 * time.Minute), Kind: article.Retraction, Notice: "<p>Not so.</p>"},
	}}
	untouched := article.Loaded{Draft: d, At: at}
	ids, err := n.store.Load(t.Context(), n.editor, []article.Loaded{loaded, untouched})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := n.left(ids[0]), n.left(id); got != want {
		t.Errorf("a load left\n%s\nwhere people left\n%s", got, want)
	}
	if l := n.live("/2026/06/the-lamp-3/"); l.ID != ids[1] || !l.Listed || len(l.Blocks) != 3 || l.Blocks[0].ID == "" {
		t.Errorf("the third of one slug is %+v", l)
	}
	if f := n.faults(); f != "" {
		t.Error(f)
	}
}

func TestLoadRefuses(t *testing.T) {
	n := newNewsroom(t)
	good := article.Loaded{Draft: article.Draft{Headline: "The lamp", Body: body}, At: n.clock.now()}
	for name, spoil := range map[string]func(*article.Loaded){
		"no headline": func(l *article.Loaded) { l.Headline = " " },
		"no category": func(l *article.Loaded) { l.Category = "nowhere" },
		"no author":   func(l *article.Loaded) { l.Authors = []string{"nobody"} },
		"no picture":  func(l *article.Loaded) { l.Image = 7 },
		"no kind": func(l *article.Loaded) {
			l.Later = []article.Later{{At: l.At, Kind: article.Minor, Notice: "<p>x</p>"}}
		},
		"empty notice": func(l *article.Loaded) { l.Later = []article.Later{{At: l.At, Kind: article.Update}} },
	} {
		bad := good
		spoil(&bad)
		var invalid *fault.Invalid
		if _, err := n.store.Load(t.Context(), n.editor, []article.Loaded{good, bad}); !errors.As(err, &invalid) {
			t.Errorf("%s: Load = %v, want a fault on a field", name, err)
		}
	}
	if _, err := n.store.Load(t.Context(), n.author, []article.Loaded{good}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an author's Load = %v, want Forbidden", err)
	}
	n.store.Now = nil
	if _, err := n.store.Load(t.Context(), n.editor, []article.Loaded{good}); err == nil {
		t.Error("Load by the database's clock took made-up times")
	}
	var left int
	if err := n.db.Super.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM articles) + (SELECT count(*) FROM addresses)`).Scan(&left); err != nil || left != 0 {
		t.Errorf("refused loads left %d rows, %v", left, err)
	}
}
