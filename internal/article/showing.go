package article

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/staff"
)

// Showing is one place where an article shows a picture or hands over a file, in its newest text.
type Showing struct {
	ID       int64
	Headline string // "" where the actor may not see the article
	Language string
	Status   string
	Seen     bool // the actor may open it
	Lead     bool // it is the lead picture
	Block    int  // number of the block from 1; 0 for the lead, and where the newest text no longer has it
	Alt      string
}

// maxShowings is how many articles Showings looks at, those changed last.
const maxShowings = 100

// Showings lists where articles show media, the article changed last first, its places in their order. One that shows it no more but did in a
// version readers saw has a row without a place. It is for everybody who writes; of what the actor may not see only the status is told.
func (s *Store) Showings(ctx context.Context, actor staff.Actor, mediaID int64) ([]Showing, error) {
	if !actor.Can(staff.Contributor) {
		return nil, fmt.Errorf("showings of media %d: %w", mediaID, fault.Forbidden)
	}
	rows, err := s.pool.Query(ctx, `
		SELECT a.id, r.headline, r.language, `+statusSQL+` AS status, `+seesSQL+` AS seen, coalesce(r.image, 0) AS image, r.image_alt, r.blocks
		FROM media_uses u
		JOIN articles a ON u.user_of = 'article:' || a.id
		JOIN revisions r ON r.article_id = a.id AND r.number = a.head
		`+waitingSQL+`
		WHERE u.media_id = $4
		ORDER BY a.changed_at DESC, a.id DESC
		LIMIT $5`, actor.ID, actor.AuthorID, actor.Can(staff.Editor), mediaID, maxShowings)
	if err != nil {
		return nil, fmt.Errorf("showings of media %d: %w", mediaID, err)
	}
	var out []Showing
	var one Showing
	var image int64
	var alt string
	var blocks []markup.Block
	_, err = pgx.ForEachRow(rows, []any{&one.ID, &one.Headline, &one.Language, &one.Status, &one.Seen, &image, &alt, &blocks}, func() error {
		if !one.Seen {
			one.Headline = ""
		}
		out = append(out, one.places(mediaID, image, alt, blocks)...)
		blocks = nil
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("showings of media %d: %w", mediaID, err)
	}
	return out, nil
}

// places is the showing once for each of its places in a text, or as it is where there is none.
func (one Showing) places(mediaID, image int64, alt string, blocks []markup.Block) []Showing {
	var out []Showing
	if image == mediaID {
		lead := one
		lead.Lead, lead.Alt = true, alt
		out = append(out, lead)
	}
	for i, p := range markup.Survey(blocks) {
		at := one
		at.Block = i + 1
		for _, shown := range p.Shown {
			if shown.Media == mediaID {
				at.Alt = shown.Alt
				out = append(out, at)
			}
		}
		if slices.Contains(p.Files, mediaID) {
			out = append(out, at)
		}
	}
	if len(out) == 0 {
		return []Showing{one}
	}
	return out
}
