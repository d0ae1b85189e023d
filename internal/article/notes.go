package article

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/staff"
)

// MaxStaffNote bounds a note between colleagues, in characters.
const MaxStaffNote = 4000

// maxQuote is how much of a block's beginning a note keeps, in characters.
const maxQuote = 120

// StaffNote is what somebody of the newsroom says to the others about a draft; readers never see it. Body is plain text with line ends.
// Block is the id of the block it is about, empty for the whole article; Paragraph counts where that block stands in the newest revision,
// from 1, and is 0 where it is gone: Quote is how it began.
type StaffNote struct {
	ID         int64
	Block      string
	Quote      string
	Body       string
	By         string
	At         time.Time
	ResolvedBy string
	ResolvedAt *time.Time
	Paragraph  int
}

// StaffNoteIn is a note to be written. The same Key twice is one note.
type StaffNoteIn struct{ Body, Block, Quote, Key string }

var blockID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// check tidies the note, and notes what can't be taken.
func (in *StaffNoteIn) check() error {
	in.Body = strings.TrimSpace(strings.ReplaceAll(in.Body, "\r\n", "\n"))
	if quote := []rune(markup.Line(in.Quote)); len(quote) > maxQuote {
		in.Quote = string(quote[:maxQuote])
	} else {
		in.Quote = string(quote)
	}
	visible := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, in.Body)
	var c fault.Check
	c.That(strings.ContainsFunc(in.Body, unicode.IsGraphic), "note", "article.note.empty")
	c.That(!markup.BadLine(visible) && !markup.BadLine(in.Quote), "note", "field.characters")
	c.That(utf8.RuneCountInString(in.Body) <= MaxStaffNote, "note", "article.note.long")
	c.That(in.Block == "" || blockID.MatchString(in.Block), "block", "field.malformed")
	return c.Err()
}

// quote takes the beginning of the block from the newest revision where the form brought none.
func (in *StaffNoteIn) quote(ctx context.Context, tx pgx.Tx, a *locked) error {
	if in.Block == "" || in.Quote != "" {
		return nil
	}
	r, err := readRevision(ctx, tx, a.ID, a.Head)
	for _, b := range r.blocks {
		if b.ID == in.Block {
			in.Quote = startOf(b)
		}
	}
	return err
}

// WriteNote keeps a note for the others and returns its id. It changes no status, no revision and nothing that readers see.
func (s *Store) WriteNote(ctx context.Context, actor staff.Actor, id int64, in StaffNoteIn) (int64, error) {
	if err := in.check(); err != nil {
		return 0, err
	}
	var note int64
	err := s.act(ctx, actor, id, verb{"note", CanNote}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		before, had, err := submitted(ctx, tx, a, "note", in.Key)
		if err != nil {
			return nil, err
		}
		if had {
			note = int64(before)
			return nil, errDone
		}
		if err := in.quote(ctx, tx, a); err != nil {
			return nil, err
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO notes (article_id, block, quote, body, by, at)
			VALUES ($1, $2, $3, $4, nullif($5::bigint, 0), $6)
			RETURNING id`, a.ID, in.Block, in.Quote, in.Body, actor.ID, a.At).Scan(&note)
		if err != nil {
			return nil, err
		}
		return map[string]any{"note": note}, remember(ctx, a, "note", in.Key, int(note))
	})
	return note, err
}

// ResolveNote says that a note is dealt with. One that is resolved already stays as it is; one of another article is not found.
func (s *Store) ResolveNote(ctx context.Context, actor staff.Actor, id, note int64) error {
	return s.turnNote(ctx, actor, id, noteTurn{verb{"resolve_note", CanNote}, note, true})
}

// ReopenNote takes that back.
func (s *Store) ReopenNote(ctx context.Context, actor staff.Actor, id, note int64) error {
	return s.turnNote(ctx, actor, id, noteTurn{verb{"reopen_note", CanNote}, note, false})
}

// noteTurn moves a note to or from those resolved.
type noteTurn struct {
	verb
	note     int64
	resolved bool
}

func (s *Store) turnNote(ctx context.Context, actor staff.Actor, id int64, t noteTurn) error {
	return s.act(ctx, actor, id, t.verb, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		var resolved bool
		err := tx.QueryRow(ctx, `
			SELECT resolved_at IS NOT NULL
			FROM notes
			WHERE id = $1 AND article_id = $2
			FOR UPDATE`, t.note, a.ID).Scan(&resolved)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, fault.NotFound
		}
		if err == nil && resolved == t.resolved {
			err = errDone
		}
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, `
			UPDATE notes
			SET resolved_at = CASE WHEN $2::boolean THEN $3::timestamptz END, resolved_by = CASE WHEN $2::boolean THEN nullif($4::bigint, 0) END
			WHERE id = $1`, t.note, t.resolved, a.At, actor.ID)
		return map[string]any{"note": t.note}, err
	})
}

// readNotes gives the notes of an article, oldest first, each with where its block stands among blocks.
func readNotes(ctx context.Context, q querier, id int64, blocks []markup.Block) ([]StaffNote, error) {
	rows, err := q.Query(ctx, `
		SELECT n.id, n.block, n.quote, n.body, coalesce(s.name, '') AS by, n.at, coalesce(r.name, '') AS resolved_by, n.resolved_at, 0 AS paragraph
		FROM notes n
		LEFT JOIN staff s ON s.id = n.by
		LEFT JOIN staff r ON r.id = n.resolved_by
		WHERE n.article_id = $1
		ORDER BY n.id`, id)
	if err != nil {
		return nil, err
	}
	notes, err := pgx.CollectRows(rows, pgx.RowToStructByName[StaffNote])
	if err != nil {
		return nil, err
	}
	at := make(map[string]int, len(blocks))
	for i, b := range blocks {
		at[b.ID] = i + 1
	}
	for i := range notes {
		if notes[i].Block != "" {
			notes[i].Paragraph = at[notes[i].Block]
		}
	}
	return notes, nil
}
