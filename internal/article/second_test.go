package article_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"stet/internal/article"
)

// TestSecondVerifier checks the record by code that shares nothing with the room, from what is documented at Seal and ContentHash alone.
func TestSecondVerifier(t *testing.T) {
	n := newNewsroom(t)
	id, _ := n.published("Zwei Länder <b>&</b> \"ein\" Licht\u2028빛 🔦")
	n.clock.tick(time.Hour)
	n.append(id, article.Update, "<p>Ein Satz & noch einer.</p>", "")
	if _, err := n.store.Amend(t.Context(), n.editor, id, 2, "<p>Anders.</p>"); err != nil {
		t.Fatal(err)
	}
	rows, err := n.db.Owner.Query(t.Context(), `
		SELECT a.uid::text, p.number, p.kind, (extract(epoch FROM p.recorded_at) * 1000000)::bigint, p.version, p.notice, p.pinned, coalesce(p.amends, 0),
			p.content_hash, p.prev_hash, p.hash, v.content::text, v.salt
		FROM publications p JOIN articles a ON a.id = p.article_id JOIN versions v ON v.article_id = p.article_id AND v.number = p.version ORDER BY p.number`)
	if err != nil {
		t.Fatal(err)
	}
	prev, checked := "", 0
	for rows.Next() {
		var uid, kind, notice, content string
		var number, version, amends int
		var at int64
		var pinned bool
		var contentHash, prevHash, hash, salt []byte
		if err := rows.Scan(&uid, &number, &kind, &at, &version, &notice, &pinned, &amends, &contentHash, &prevHash, &hash, &content, &salt); err != nil {
			t.Fatal(err)
		}
		var tree any
		d := json.NewDecoder(strings.NewReader(content))
		d.UseNumber()
		if err := d.Decode(&tree); err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(append(salt, jcs(tree)...)); !bytes.Equal(sum[:], contentHash) {
			t.Errorf("row %d: content hash differs", number)
		}
		sum := sha256.Sum256([]byte(jcs(map[string]any{"v": 1, "uid": uid, "number": number, "kind": kind, "recorded_at": at, "claimed_at": nil, "version": version, "notice": notice,
			"pinned": pinned, "amends": amends, "withholds": nil, "content_hash": hex.EncodeToString(contentHash), "prev_hash": prev})))
		if !bytes.Equal(sum[:], hash) || hex.EncodeToString(prevHash) != prev {
			t.Errorf("row %d: seal differs", number)
		}
		prev, checked = hex.EncodeToString(hash), checked+1
	}
	if rows.Err() != nil || checked != 3 {
		t.Errorf("%d rows checked, %v, want 3", checked, rows.Err())
	}
}

// jcs is RFC 8785 for what Stet stores.
func jcs(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for k, m := range v {
			parts = append(parts, fmt.Sprint(utf16key(k), "\x00", jcs(k), ":", jcs(m)))
		}
		sort.Strings(parts)
		for i, p := range parts {
			_, parts[i], _ = strings.Cut(p, "\x00")
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		var parts []string
		for _, m := range v {
			parts = append(parts, jcs(m))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case string:
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.Encode(v) //nolint:errcheck // a string into a buffer
		return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSuffix(b.String(), "\n"))
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}

// utf16key sorts as the key's UTF-16 code units do.
func utf16key(k string) string {
	return strings.Trim(fmt.Sprintf("%04x", utf16.Encode([]rune(k))), "[]")
}
