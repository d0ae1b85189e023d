package importer

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/article"
	"stet/internal/markup"
)

// Limits of the article's fields, in characters; what is longer is cut and said so.
const (
	maxHeadline   = 300
	maxStandfirst = 2000
	maxTags       = 50
)

// entry is one article or page on its way in, with what the report will say of it once it is in.
type entry struct {
	it    *Item
	key   string
	in    article.Imported
	had   string // its path in the old site
	kind  string // articles or pages
	fate  Fate
	lines [][2]string // heading and words
	tally [][2]string // kind and fate of its comments
}

func (e *entry) say(heading, words string) {
	e.lines = append(e.lines, [2]string{heading, e.it.name() + ": " + words})
}

func (e *entry) tell(r *Report) {
	r.count(e.kind, string(e.fate))
	for _, l := range e.lines {
		r.list(l[0], l[1])
	}
	for _, t := range e.tally {
		r.count(t[0], t[1])
	}
}

// item takes in one item, or notes why not.
func (r *run) item(ctx context.Context, it *Item, key string) error {
	e := &entry{it: it, key: key, kind: map[Kind]string{Post: "articles", Page: "pages"}[it.Kind]}
	fate, why := it.Fate()
	e.fate = fate
	switch {
	case it.Kind == Attachment && it.Fault == "":
		return nil // it came with the files
	case e.kind == "":
		r.report.count("other items", orPost(it.Type))
		if it.Fault != "" {
			r.report.list(leftOut, it.name()+": "+it.Fault)
		}
		return nil
	case fate == LeftOut || fate == Trashed:
		e.leaveOut(why)
		e.tell(r.report)
		return nil
	case r.mustWait(it):
		r.waiting[key] = true
		return nil
	}
	delete(r.waiting, key)
	if why != "" {
		e.say(notNow, why)
	}
	err := r.tx(ctx, func(tx pgx.Tx) error { return r.takeIn(ctx, tx, e) })
	if why, ok := refused(err); ok {
		e.lines, e.tally = nil, nil
		e.leaveOut(why)
		err = nil
	}
	if err == nil {
		e.tell(r.report)
	}
	return err
}

func (e *entry) leaveOut(why string) {
	e.fate = LeftOut
	e.say(leftOut, why)
	for range e.it.Comments {
		e.tally = append(e.tally, [2]string{"comments", "left out with their article"})
	}
}

// mustWait tells a page whose parent comes behind it in the file.
func (r *run) mustWait(it *Item) bool {
	_, comes := r.survey.Pages[it.Parent]
	return it.Kind == Page && it.Parent != 0 && comes && r.pages[it.Parent] == nil && !r.survey.parentless
}

// takeIn writes the item with its comments. It is one transaction: what fails in the middle leaves nothing.
func (r *run) takeIn(ctx context.Context, tx pgx.Tx, e *entry) error {
	was, err := r.memory.claim(ctx, tx, refArticle, e.key, e.it.Digest())
	if err != nil {
		return err
	}
	if was.target != 0 {
		e.before(was)
		r.stands(e.it, was.target, "")
		return nil
	}
	if err := r.draft(e); err != nil {
		return err
	}
	made, err := r.settle(ctx, tx, e)
	if err != nil {
		return err
	}
	if err := r.comments(ctx, tx, e, made.ID); err != nil {
		return err
	}
	r.stands(e.it, made.ID, made.Path)
	return r.memory.became(ctx, tx, refArticle, e.key, made.ID)
}

// before notes an item that an earlier run brought in.
func (e *entry) before(was seen) {
	e.fate, e.lines = wasHere, nil
	for range e.it.Comments {
		e.tally = append(e.tally, [2]string{"comments", wasHere})
	}
	if was.differs {
		e.say(differs, fmt.Sprintf("it is article %d here", was.target))
	}
}

// stood is where a page stands, for the pages below it.
type stood struct {
	id   int64
	path string
}

func (r *run) stands(it *Item, id int64, path string) {
	if it.Kind == Page && it.ID != 0 && r.pages[it.ID] == nil {
		r.pages[it.ID] = &stood{id, path}
	}
}

// draft fills in what the article noun is asked to take.
func (r *run) draft(e *entry) error {
	it := e.it
	body, notes, err := r.survey.Body(it, r.library.media)
	if err != nil {
		return refuse(err.Error())
	}
	if len(body) > article.MaxBody {
		return refuse(fmt.Sprintf("its body is larger than can be taken (%d KB)", article.MaxBody>>10))
	}
	for _, n := range notes {
		e.say(lookAt, n)
	}
	d := article.Draft{Language: r.lang, Body: body, Comments: map[bool]string{true: "closed", false: "default"}[it.Closed]}
	d.Headline = e.cut("headline", r.headline(e, body), maxHeadline)
	d.Standfirst = e.cut("standfirst", plainText(it.Excerpt), maxStandfirst)
	r.classify(e, &d)
	e.in = article.Imported{Draft: d, Kind: article.KindArticle, GUID: it.GUID}
	if it.Kind == Page {
		e.in.Kind = article.KindPage
		if parent := r.pages[it.Parent]; parent != nil {
			e.in.ParentID = parent.id
		}
	}
	if it.Sticky {
		e.say(lookAt, "it was pinned to the front page")
	}
	r.timing(e)
	r.addresses(e)
	return nil
}

func (e *entry) cut(field, s string, n int) string {
	short := clip(s, n)
	if short != s {
		e.say(lookAt, fmt.Sprintf("its %s is cut at %d characters", field, n))
	}
	return short
}

// headline is the title, or for an article without one its first words.
func (r *run) headline(e *entry, body string) string {
	if h := e.it.Headline(); h != "" {
		return h
	}
	words := oneLine(markup.Text(body))
	if words == "" {
		words = e.it.NewSlug()
	}
	e.say(lookAt, "it has no title: its first words stand for it")
	return clip(words, 60)
}

// classify puts the article where it belongs: categories, tags, bylines, lead picture.
func (r *run) classify(e *entry, d *article.Draft) {
	for i, ref := range e.it.Categories() {
		slug, ok := r.categories[r.survey.categoryKeys.of(ref)]
		switch {
		case !ok:
		case i == 0 || d.Category == "":
			d.Category = slug
		case slug != d.Category && !slices.Contains(d.Also, slug):
			d.Also = append(d.Also, slug)
		}
	}
	for _, ref := range e.it.Tags() {
		if name, ok := r.tags[r.survey.tagKeys.of(ref)]; ok && !slices.Contains(d.Tags, name) {
			d.Tags = append(d.Tags, name)
		}
	}
	if len(d.Tags) > maxTags {
		e.say(lookAt, "only its first "+decimal(maxTags)+" tags are kept, not "+strings.Join(d.Tags[maxTags:], ", "))
		d.Tags = d.Tags[:maxTags]
	}
	for _, ref := range e.it.Bylines() {
		if slug, ok := r.authors[r.survey.login(ref)]; ok && !slices.Contains(d.Authors, slug) && e.it.Kind == Post {
			d.Authors = append(d.Authors, slug)
		}
	}
	r.leadPicture(e, d)
}

// timing decides when it became or becomes public. What should have appeared meanwhile didn't: it is a draft for a person to decide on.
func (r *run) timing(e *entry) {
	at, known := e.it.When(r.zone)
	e.in.Status = "draft"
	switch e.fate {
	case Published:
		e.in.Status, e.in.ClaimedAt = article.Published, at
		if !known {
			e.say(lookAt, "it has no date: it bears that of this import")
		} else if at.After(r.now) {
			e.say(lookAt, "it was public with a date that is yet to come: it bears that of this import")
		}
	case Scheduled:
		if known && at.After(r.now) && at.Before(r.now.AddDate(9, 11, 0)) {
			e.in.Status, e.in.ScheduleAt = "scheduled", at
			return
		}
		e.fate = Draft
		e.say(notNow, "the time it was scheduled for has passed, or is too far ahead")
	}
}

// addresses keeps every address it had. Where the export names no path, it gets the one that its date or its parent gives.
func (r *run) addresses(e *entry) {
	slug := e.it.NewSlug()
	for n := 2; address.ReservedSlug(slug); n++ {
		slug = fmt.Sprintf("%s-%d", e.it.NewSlug(), n)
	}
	e.had = SitePath(e.it.Link)
	switch {
	case e.in.Status != article.Published:
		e.in.Slug = slug
	case e.had == "" || address.ReservedPath(address.Suffixed(e.had, 2)):
		e.in.Path = r.folder(e) + slug + "/"
	default:
		e.in.Path = e.had
	}
	for _, a := range e.it.OldAddresses() {
		if clean, ok := address.Clean(a); ok && clean != e.in.Path && !address.ReservedPath(clean) {
			e.in.Aliases = append(e.in.Aliases, clean)
		}
	}
}

func (r *run) folder(e *entry) string {
	if e.it.Kind == Page {
		if parent := r.pages[e.it.Parent]; parent != nil && strings.HasSuffix(parent.path, "/") {
			return parent.path
		}
		return "/"
	}
	at := e.in.ClaimedAt
	if at.IsZero() || at.After(r.now) {
		at = r.now
	}
	return at.In(r.zone).Format("/2006/01/")
}

// suffixes are the numbers by which an address that is taken is set apart, 1 being none. A site whose articles all have one title
// would try ever more of them, so the id, which is nobody else's, comes soon.
func (e *entry) suffixes() []int {
	out := []int{1, 2, 3, 4}
	if e.it.ID > 4 && e.it.ID < 1<<40 {
		out = append(out, int(e.it.ID))
	}
	mark := crc32.ChecksumIEEE([]byte(e.key))
	return append(out, int(mark), int(mark)+1, 5, 6, 7, 8)
}

// settle hands the article over under the first address that is free.
func (r *run) settle(ctx context.Context, tx pgx.Tx, e *entry) (made article.ImportedAs, err error) {
	want := e.in.Path
	for _, n := range e.suffixes() {
		if n > 1 {
			e.in.Path = address.Suffixed(want, n)
		}
		if clean, ok := address.Clean(e.in.Path); want != "" && (!ok || clean != e.in.Path || address.ReservedPath(e.in.Path)) {
			continue
		}
		err = pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) (err error) {
			made, err = r.Articles.ImportTx(ctx, tx, r.actor, e.in)
			return err
		})
		if want == "" || !errors.Is(err, address.ErrTaken) {
			break
		}
	}
	if errors.Is(err, address.ErrTaken) || err == nil && made.ID == 0 {
		return made, refuse("no address like " + want + " is free")
	}
	if err != nil {
		return made, err
	}
	if made.Path != e.had && e.had != "" && made.Path != "" {
		e.say(moved, e.had+" → "+made.Path)
	}
	for _, taken := range made.Taken {
		e.say(aliases, taken)
	}
	return made, nil
}

// asOf is the database's time, by which all the run's decisions are made.
func (r *run) asOf(ctx context.Context) (at time.Time, err error) {
	err = r.Pool.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&at)
	return at, err
}
