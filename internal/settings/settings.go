// Package settings keeps what an admin decides about the site: its name, language and zone, its face and what stands around every page, how
// comments are taken; and the breaking line, which an editor sets. All of it is one typed row.
//
// It must never hold a secret or anything about the machine: those come from the environment.
package settings

import (
	"cmp"
	"context"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones work on a machine without a zone database
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/text/language"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
)

// Link is one of the site's pages elsewhere, shown under "Connect with us".
type Link struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Settings is the row.
type Settings struct {
	Title        string
	Motto        string
	Description  string
	Language     string // BCP 47
	Zone         string // of the IANA database
	ContactEmail string
	Social       []Link
	ASCIISlugs   bool `db:"ascii_slugs"` // new slugs are transliterated; otherwise they keep their script

	Comments           string // open, premoderated or closed
	CommentsCloseDays  int    // comments close this many days after publication; 0: never
	CommentsPerEmail   int    // comments one e-mail may send within the window
	CommentsPerAddress int
	CommentsWindow     int // seconds

	CommentsEmergency string // empty, premoderated or closed; turned by moderators, and not by Save
	TrustAfter        int    // approvals within TrustDays after which somebody's comments pass; 0: nobody's do
	TrustDays         int
	AddressesDays     int      // for which the network address of a comment is kept; 0: not at all
	QueueAlert        int      // minutes after which the oldest waiting comment is too old; 0: never
	StormNewcomers    int      // people never approved, within ten minutes under one article, below which there is no storm; 0: never one
	SecondOpinions    int      // one decision in so many comes back to a second moderator; 0: none
	SavedReasons      []string // for rejections, offered beside those that come with the program

	Logo, LogoNight        int64    // pictures of the media room in place of the title; 0: none
	AccentDay, AccentNight string   // colours; empty: the site's own, see Accents
	Navigation             []Entry  // in the section bar; none: the top categories
	Footer                 []Column // at the foot; none: the sections and the static pages
	Imprint                string   // a line at the very foot
	ReadsBy                string   // who counts reads: ReadsByServer or ReadsByBeacon
	Breaking               Breaking // turned by editors, and not by Save

	RequiredChecks []string // keys of the checks that keep an article from being published while they are open; see article.CheckKeys

	// ChangedAt names the state that was read: Save compares it.
	ChangedAt time.Time
}

// CommentPolicies are the values of Comments.
var CommentPolicies = []string{"open", "premoderated", "closed"}

// zones keeps the zones that were looked up: every page with a date asks for one, and a lookup reads a file.
var zones sync.Map

// Location is the site's zone; UTC where the row names one that this program doesn't know.
func (s Settings) Location() *time.Location {
	if at, ok := zones.Load(s.Zone); ok {
		return at.(*time.Location)
	}
	at, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.UTC
	}
	zones.Store(s.Zone, at)
	return at
}

// Window is the span over which the comment limits count.
func (s Settings) Window() time.Duration { return time.Duration(s.CommentsWindow) * time.Second }

// Store reads and changes the settings for the newsroom.
type Store struct {
	pool *pgxpool.Pool

	// Shows, where it is set, notes within Save which pictures of the media room the site shows.
	Shows func(ctx context.Context, tx pgx.Tx, pictures []int64) error

	// Now replaces the database's clock in tests.
	Now func() time.Time
}

// New makes a Store over the newsroom's pool.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Load reads the settings.
func (s *Store) Load(ctx context.Context) (Settings, error) { return load(ctx, s.pool) }

// load reads the view, which both roles may.
func load(ctx context.Context, q postgres.Querier) (Settings, error) {
	rows, err := q.Query(ctx, `
		SELECT title, motto, description, language, zone, contact_email, social, ascii_slugs, comments, comments_close_days, comments_per_email,
			comments_per_address, comments_window, comments_emergency, trust_after, trust_days, addresses_days, queue_alert, storm_newcomers, second_opinions,
			saved_reasons, required_checks, changed_at, coalesce(logo, 0) AS logo, coalesce(logo_night, 0) AS logo_night, accent_day, accent_night, navigation, footer, imprint,
			reads_by, breaking
		FROM live_settings`)
	if err != nil {
		return Settings{}, fmt.Errorf("load settings: %w", err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Settings])
	if err != nil {
		return Settings{}, fmt.Errorf("load settings: %w", err)
	}
	return out, nil
}

// Save puts in the place of the row, for the person actorID; that it is an admin is the caller's rule. Bad fields are a
// *fault.Invalid. Where in.ChangedAt is set and somebody else saved since, nothing changes and the fault is fault.Conflict.
func (s *Store) Save(ctx context.Context, actorID int64, in Settings) error {
	in = in.tidy()
	if err := in.check(); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		was, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		if !in.ChangedAt.IsZero() && !in.ChangedAt.Equal(was.ChangedAt) {
			return fault.Conflict
		}
		if err := s.write(ctx, tx, in); err != nil {
			return err
		}
		if s.Shows != nil {
			pictures := slices.DeleteFunc([]int64{in.Logo, in.LogoNight}, func(id int64) bool { return id == 0 })
			if err := s.Shows(ctx, tx, slices.Compact(pictures)); err != nil {
				return err
			}
		}
		entry := audit.Entry{Actor: actorID, Act: "settings.save", Object: "settings", Detail: map[string]any{"changed": changed(was, in)}}
		if err := audit.Write(ctx, tx, entry); err != nil {
			return err
		}
		return postgres.Purge(ctx, tx, "all") // title, language and zone stand on every page
	})
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}

func lock(ctx context.Context, tx pgx.Tx) (Settings, error) {
	if _, err := tx.Exec(ctx, `SELECT FROM settings FOR UPDATE`); err != nil {
		return Settings{}, err
	}
	return load(ctx, tx)
}

func (s *Store) write(ctx context.Context, tx pgx.Tx, in Settings) error {
	_, err := tx.Exec(ctx, `
		UPDATE settings
		SET title = $1, motto = $2, description = $3, language = $4, zone = $5, contact_email = $6, social = $7, ascii_slugs = $8, comments = $9,
			comments_close_days = $10, comments_per_email = $11, comments_per_address = $12, comments_window = $13,
			required_checks = $14, changed_at = coalesce($15::timestamptz, clock_timestamp()), trust_after = $16, trust_days = $17, addresses_days = $18,
			queue_alert = $19, second_opinions = $20, saved_reasons = $21, storm_newcomers = $22, logo = nullif($23, 0), logo_night = nullif($24, 0),
			accent_day = $25, accent_night = $26, navigation = $27, footer = $28, imprint = $29, reads_by = $30`,
		in.Title, in.Motto, in.Description, in.Language, in.Zone, in.ContactEmail, in.Social, in.ASCIISlugs, in.Comments, in.CommentsCloseDays,
		in.CommentsPerEmail, in.CommentsPerAddress, in.CommentsWindow, in.RequiredChecks, postgres.At(s.Now),
		in.TrustAfter, in.TrustDays, in.AddressesDays, in.QueueAlert, in.SecondOpinions, in.SavedReasons, in.StormNewcomers,
		in.Logo, in.LogoNight, in.AccentDay, in.AccentNight, in.Navigation, in.Footer, in.Imprint, in.ReadsBy)
	return err
}

// changed lists the fields that differ, by name only: the values may be personal.
func changed(was, is Settings) []string {
	out := []string{}
	for _, f := range []struct {
		name    string
		differs bool
	}{
		{"title", was.Title != is.Title}, {"motto", was.Motto != is.Motto}, {"description", was.Description != is.Description},
		{"language", was.Language != is.Language}, {"zone", was.Zone != is.Zone}, {"contact_email", was.ContactEmail != is.ContactEmail},
		{"social", !slices.Equal(was.Social, is.Social)}, {"ascii_slugs", was.ASCIISlugs != is.ASCIISlugs},
		{"comments", was.Comments != is.Comments}, {"comments_close_days", was.CommentsCloseDays != is.CommentsCloseDays},
		{"comments_per_email", was.CommentsPerEmail != is.CommentsPerEmail}, {"comments_per_address", was.CommentsPerAddress != is.CommentsPerAddress},
		{"comments_window", was.CommentsWindow != is.CommentsWindow}, {"trust_after", was.TrustAfter != is.TrustAfter},
		{"trust_days", was.TrustDays != is.TrustDays}, {"addresses_days", was.AddressesDays != is.AddressesDays}, {"queue_alert", was.QueueAlert != is.QueueAlert},
		{"storm_newcomers", was.StormNewcomers != is.StormNewcomers},
		{"second_opinions", was.SecondOpinions != is.SecondOpinions}, {"saved_reasons", !slices.Equal(was.SavedReasons, is.SavedReasons)},
		{"required_checks", !slices.Equal(was.RequiredChecks, is.RequiredChecks)}, {"logo", was.Logo != is.Logo}, {"logo_night", was.LogoNight != is.LogoNight},
		{"accent_day", was.AccentDay != is.AccentDay}, {"accent_night", was.AccentNight != is.AccentNight}, {"navigation", !slices.Equal(was.Navigation, is.Navigation)},
		{"footer", !sameColumns(was.Footer, is.Footer)}, {"imprint", was.Imprint != is.Imprint}, {"reads_by", was.ReadsBy != is.ReadsBy},
	} {
		if f.differs {
			out = append(out, f.name)
		}
	}
	return out
}

func (s Settings) tidy() Settings {
	for _, f := range []*string{&s.Title, &s.Motto, &s.Description, &s.Language, &s.Zone, &s.ContactEmail, &s.Imprint} {
		*f = strings.TrimSpace(*f)
	}
	s.AccentDay, s.AccentNight = tidyColour(s.AccentDay), tidyColour(s.AccentNight)
	s.ReadsBy = cmp.Or(s.ReadsBy, ReadsByServer)
	s.Navigation, s.Footer = tidyEntries(s.Navigation), tidyColumns(s.Footer)
	links := []Link{}
	for _, l := range s.Social {
		if l = (Link{strings.TrimSpace(l.Name), strings.TrimSpace(l.URL)}); l != (Link{}) {
			links = append(links, l)
		}
	}
	s.Social = links
	s.RequiredChecks = slices.Compact(slices.Sorted(slices.Values(s.RequiredChecks)))
	if s.RequiredChecks == nil {
		s.RequiredChecks = []string{}
	}
	reasons := []string{}
	for _, r := range s.SavedReasons {
		if r = strings.Join(strings.Fields(r), " "); r != "" && !slices.Contains(reasons, r) {
			reasons = append(reasons, r)
		}
	}
	s.SavedReasons = reasons
	s.Language = canonical(s.Language)
	return s
}

// canonical writes a language as articles take it, which begin with the site's: en, zh-Hant, es-419. What is none stays as it is.
func canonical(tag string) string {
	t, err := language.Parse(tag)
	if err != nil || len(t.Variants())+len(t.Extensions()) > 0 {
		return tag
	}
	return t.String()
}

func (s Settings) check() error {
	var c fault.Check
	for _, f := range []struct {
		name, value string
		long        int
	}{
		{"title", s.Title, 80}, {"motto", s.Motto, 200}, {"description", s.Description, 500}, {"language", s.Language, 35},
		{"zone", s.Zone, 60}, {"contact_email", s.ContactEmail, 254},
	} {
		c.That(plain(f.value), f.name, "field.characters")
		c.That(utf8.RuneCountInString(f.value) <= f.long, f.name, "field.long")
	}
	c.That(s.Title != "", "title", "field.required")
	t, err := language.Parse(s.Language)
	c.That(err == nil && s.Language != "" && len(t.Variants())+len(t.Extensions()) == 0, "language", "settings.language.unknown")
	_, err = time.LoadLocation(s.Zone)
	c.That(err == nil && s.Zone != "" && s.Zone != "Local", "zone", "settings.zone.unknown")
	c.That(s.ContactEmail == "" || isEmail(s.ContactEmail), "contact_email", "field.email")
	c.That(len(s.Social) <= 20, "social", "settings.social.many")
	for _, l := range s.Social {
		c.That(l.Name != "" && utf8.RuneCountInString(l.Name) <= 40 && plain(l.Name), "social", "settings.social.name")
		c.That(isWeb(l.URL), "social", "settings.social.url")
	}
	c.That(!slices.ContainsFunc(s.RequiredChecks, func(key string) bool { return !isKey(key) }), "required_checks", "settings.checks.unknown")
	s.checkComments(&c)
	s.checkAccents(&c)
	s.checkAround(&c)
	return c.Err()
}

func (s Settings) checkComments(c *fault.Check) {
	c.That(slices.Contains(CommentPolicies, s.Comments), "comments", "settings.comments.unknown")
	for _, f := range []struct {
		name              string
		value, from, upTo int
	}{
		{"comments_close_days", s.CommentsCloseDays, 0, 36500}, {"comments_per_email", s.CommentsPerEmail, 1, 1000},
		{"comments_per_address", s.CommentsPerAddress, 1, 1000}, {"comments_window", s.CommentsWindow, 1, 86400}, {"trust_after", s.TrustAfter, 0, 1000},
		{"trust_days", s.TrustDays, 1, 3650}, {"addresses_days", s.AddressesDays, 0, 365}, {"queue_alert", s.QueueAlert, 0, 10080},
		{"storm_newcomers", s.StormNewcomers, 0, 100000}, {"second_opinions", s.SecondOpinions, 0, 10000},
	} {
		c.That(f.value >= f.from && f.value <= f.upTo, f.name, "field.range")
	}
	c.That(len(s.SavedReasons) <= 50, "saved_reasons", "settings.reasons.many")
	for _, r := range s.SavedReasons {
		c.That(plain(r), "saved_reasons", "field.characters")
		c.That(utf8.RuneCountInString(r) <= 1000, "saved_reasons", "field.long")
	}
}

// plain reports whether s is one line of valid text that doesn't turn the direction of what stands after it.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) && r != '\u200e' && r != '\u200f' && r != '\u061c'
	})
}

// isKey is the shape of a check's key; which there are, the room of articles knows.
var isKey = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func isWeb(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(s) <= 500 && plain(s)
}
