package importer

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/author"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/taxonomy"
)

// maxName is how long the name of an author, a category or a tag may be.
const maxName = 120

// names brings in what items refer to by name: authors, the tree of categories, tags. It is one transaction, as each is small and
// every one of them changes the menus of all pages.
func (r *run) names(ctx context.Context) error {
	tree, err := r.Taxonomy.Tree(ctx)
	if err != nil {
		return err
	}
	r.tree = tree
	return r.tx(ctx, func(tx pgx.Tx) error {
		made := map[string]taxonomy.Category{}
		for i, a := range r.survey.everyAuthor() {
			r.undeclared("author", a.Display(), i < len(r.survey.Authors))
			if err := r.each(ctx, tx, "authors", a.Display(), func(tx pgx.Tx) (string, error) { return r.author(ctx, tx, a) }); err != nil {
				return err
			}
		}
		for i, c := range r.survey.everyCategory() {
			r.undeclared("category", c.Name, i < len(r.survey.Categories))
			if err := r.each(ctx, tx, "categories", c.Name, func(tx pgx.Tx) (string, error) { return r.category(ctx, tx, c, made) }); err != nil {
				return err
			}
		}
		for i, t := range r.survey.everyTag() {
			r.undeclared("tag", t.Name, i < len(r.survey.Tags))
			if err := r.each(ctx, tx, "tags", t.Name, func(tx pgx.Tx) (string, error) { return r.tag(ctx, tx, t) }); err != nil {
				return err
			}
		}
		if r.report.Count("categories", "new") > 0 {
			return postgres.Purge(ctx, tx, "all")
		}
		return nil
	})
}

// undeclared explains why there are more names than the export declares.
func (r *run) undeclared(kind, name string, declared bool) {
	if !declared {
		r.report.list(lookAt, kind+" "+withoutMail(name)+": items name it, the export doesn't declare it")
	}
}

// each runs one small step in a savepoint and counts its fate; what can't be taken is left out with its reason.
func (r *run) each(ctx context.Context, tx pgx.Tx, kind, name string, step func(pgx.Tx) (fate string, err error)) error {
	fate := ""
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) (err error) {
		fate, err = step(tx)
		return err
	})
	if why, ok := refused(err); ok {
		r.report.count(kind, leftOut)
		r.report.list(leftOut, kind+" "+name+": "+why)
		return nil
	}
	if err == nil {
		r.report.count(kind, fate)
	}
	return err
}

// Fates of what has no status of its own.
const (
	isNew   = "new"
	wasHere = "already here"
)

func (r *run) author(ctx context.Context, tx pgx.Tx, a Author) (string, error) {
	was, err := r.memory.claim(ctx, tx, refAuthor, a.Login, digestOf(a.Login))
	if err != nil {
		return "", err
	}
	list, err := author.ByIDs(ctx, tx, []int64{was.target})
	if err != nil {
		return "", err
	}
	if len(list) == 1 {
		r.authors[a.Login] = list[0].Slug
		return wasHere, nil
	}
	name := clip(withoutMail(a.Display()), maxName)
	slug := address.Slug(withoutMail(a.Login), false)
	if slug == "" || address.ReservedListSlug(slug) || strings.Contains(a.Login, "@") {
		slug = "" // made of the name
	}
	found, err := author.BySlugs(ctx, tx, []string{slug})
	if err != nil {
		return "", err
	}
	fate, here := wasHere, found[slug]
	if !strings.EqualFold(here.Name, name) {
		fate = isNew
		if here, err = author.CreateTx(ctx, tx, r.actor, author.In{Slug: slug, Name: name, AnySlug: true}); err != nil {
			return "", err
		}
	}
	r.authors[a.Login] = here.Slug
	return fate, r.memory.became(ctx, tx, refAuthor, a.Login, here.ID)
}

// withoutMail keeps an address that serves as a name from being shown.
func withoutMail(name string) string {
	if before, _, found := strings.Cut(name, "@"); found && before != "" && !strings.Contains(name, " ") {
		return before
	}
	return name
}

// category makes c below its parent, which came before it. One that is here already under the same slug, name and parent is taken.
func (r *run) category(ctx context.Context, tx pgx.Tx, c Term, made map[string]taxonomy.Category) (string, error) {
	key := c.key()
	was, err := r.memory.claim(ctx, tx, refCategory, key, digestOf(key))
	if err != nil {
		return "", err
	}
	fate, here, ok := wasHere, taxonomy.Category{}, false
	if was.target != 0 {
		here, ok = r.tree.ByID(was.target)
	}
	parent := made[c.Parent]
	name := clip(c.Name, maxName)
	if !ok {
		here, ok = r.tree.BySlug(address.Slug(c.Slug, false))
		ok = ok && strings.EqualFold(here.Name, name) && here.ParentID == parent.ID
	}
	if !ok {
		fate = isNew
		if here, err = r.makeCategory(ctx, tx, c, parent.ID); err != nil {
			return "", err
		}
	}
	made[c.Slug] = here
	r.categories[key] = here.Slug
	if here.ID == was.target {
		return fate, nil
	}
	return fate, r.memory.became(ctx, tx, refCategory, key, here.ID)
}

// makeCategory tries again without what may be wrong with it: a slug that is reserved, a place that is too deep.
func (r *run) makeCategory(ctx context.Context, tx pgx.Tx, c Term, parent int64) (taxonomy.Category, error) {
	in := taxonomy.CategoryIn{ParentID: parent, Slug: c.Slug, Name: clip(c.Name, maxName), Description: clip(plainText(c.Description), 1000), AnySlug: true}
	for {
		var made taxonomy.Category
		err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) (err error) {
			made, err = taxonomy.CreateTx(ctx, tx, r.actor, in)
			return err
		})
		invalid, is := errors.AsType[*fault.Invalid](err)
		switch {
		case is && invalid.Fields["slug"] != "" && in.Slug != "":
			in.Slug = ""
		case is && invalid.Fields["parent"] != "" && in.ParentID != 0:
			r.report.list(lookAt, "category "+c.Name+" stands at the top: its place was too deep")
			in.ParentID = 0
		default:
			return made, err
		}
	}
}

func (r *run) tag(ctx context.Context, tx pgx.Tx, t Term) (string, error) {
	key := t.key()
	was, err := r.memory.claim(ctx, tx, refTag, key, digestOf(key))
	if err != nil {
		return "", err
	}
	fate := isNew
	if was.target != 0 {
		fate, t.Slug = wasHere, "" // it may have been renamed: its former name leads to it
	}
	here, err := taxonomy.EnsureTag(ctx, tx, taxonomy.Tag{Slug: t.Slug, Name: clip(t.Name, maxName)})
	if err != nil {
		return "", err
	}
	r.tags[key] = here.Name
	return fate, r.memory.became(ctx, tx, refTag, key, here.ID)
}
