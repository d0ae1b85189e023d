package importer

import (
	"cmp"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gosimple/slug"
)

// named collects the names that items use. Exports are free to declare none of them.
type named struct {
	authors    map[string]TermRef // by login or nicename, lower case
	categories map[string]TermRef // by key
	tags       map[string]TermRef
	order      []string // keys with their kind before them, as they came
}

func newNamed() named {
	return named{authors: map[string]TermRef{}, categories: map[string]TermRef{}, tags: map[string]TermRef{}}
}

func (s *Survey) addNames(it *Item) {
	if fate, _ := it.Fate(); it.Kind != Post && it.Kind != Page || fate == LeftOut || fate == Trashed {
		return
	}
	for kind, refs := range map[string][]TermRef{"author": it.Bylines(), "category": it.Categories(), "tag": it.Tags()} {
		at := map[string]map[string]TermRef{"author": s.named.authors, "category": s.named.categories, "tag": s.named.tags}[kind]
		for _, ref := range refs {
			if _, had := at[ref.key()]; had || ref.key() == "" {
				continue
			}
			s.weigh(ref.Slug, ref.Name)
			at[ref.key()] = ref
			s.named.order = append(s.named.order, kind+" "+ref.key())
		}
	}
}

// key is what a term is known by in its source: its slug, else its name.
func (t TermRef) key() string {
	if t.Slug != "" || t.Name == "" {
		return strings.ToLower(t.Slug)
	}
	return "name:" + strings.ToLower(t.Name)
}

func (t Term) key() string { return TermRef{Slug: t.Slug, Name: t.Name}.key() }

// everyAuthor returns the declared authors and those that items name.
func (s *Survey) everyAuthor() []Author {
	out := append([]Author{}, s.Authors...)
	for _, key := range s.undeclared("author ") {
		ref := s.named.authors[key]
		if _, declared := s.logins[strings.ToLower(s.login(ref))]; !declared {
			out = append(out, Author{Login: ref.Slug, Name: ref.Name})
		}
	}
	return out
}

// login finds the declared author whom an item names by login or by the form of it that stands in addresses.
func (s *Survey) login(ref TermRef) string {
	for _, form := range []string{strings.ToLower(ref.Slug), slug.Make(ref.Slug)} {
		if login, ok := s.logins[form]; ok {
			return login
		}
	}
	return ref.Slug
}

// everyCategory returns the declared categories, parents first, and those that items name.
func (s *Survey) everyCategory() []Term {
	return s.every("category", s.Categories, s.named.categories, s.categoryKeys)
}

// everyTag returns the declared tags and those that items name.
func (s *Survey) everyTag() []Term { return s.every("tag", s.Tags, s.named.tags, s.tagKeys) }

func (s *Survey) every(kind string, declared []Term, named map[string]TermRef, keys termKeys) []Term {
	out := append([]Term{}, declared...)
	for _, key := range s.undeclared(kind + " ") {
		if ref := named[key]; keys.of(ref) == key && !keys.declared[key] {
			out = append(out, Term{Taxonomy: kind, Slug: ref.Slug, Name: cmp.Or(ref.Name, ref.Slug)})
		}
	}
	return out
}

// termKeys finds the key of the term an item means: by its slug where that is declared, else by its name.
type termKeys struct {
	declared map[string]bool
	byName   map[string]string
}

func newTermKeys(declared []Term, named map[string]TermRef) termKeys {
	k := termKeys{map[string]bool{}, map[string]string{}}
	for i := range declared {
		t := &declared[i]
		t.Name = cmp.Or(t.Name, t.Slug)
		k.declared[t.key()] = true
		if name := strings.ToLower(t.Name); k.byName[name] == "" {
			k.byName[name] = t.key()
		}
	}
	for _, key := range slices.Sorted(maps.Keys(named)) {
		if name := strings.ToLower(named[key].Name); named[key].Slug != "" && name != "" && k.byName[name] == "" {
			k.byName[name] = key
		}
	}
	return k
}

func (k termKeys) of(ref TermRef) string {
	if key := ref.key(); k.declared[key] {
		return key
	}
	return cmp.Or(k.byName[strings.ToLower(ref.Name)], ref.key())
}

func (s *Survey) undeclared(kind string) (keys []string) {
	for _, k := range s.named.order {
		if key, ok := strings.CutPrefix(k, kind); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// settle makes the look-ups once all is read.
func (s *Survey) settle() {
	s.Categories = parentsFirst(s.Categories)
	s.sortGalleries()
	s.categoryKeys = newTermKeys(s.Categories, s.named.categories)
	s.tagKeys = newTermKeys(s.Tags, s.named.tags)
	s.logins = map[string]string{}
	for _, a := range s.Authors {
		s.logins[slug.Make(a.Login)] = a.Login
	}
	for _, a := range s.Authors {
		s.logins[strings.ToLower(a.Login)] = a.Login
	}
}

// forgetParents lets pages stand without their parents.
func (s *Survey) forgetParents() { s.parentless = true }

// Source is what the site is known by in later imports: its address without what may change about it.
func (s Site) Source() string {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" {
		return "wordpress:" + s.Title
	}
	return "wordpress:" + bareHost(u.Host) + strings.TrimSuffix(u.Path, "/")
}

var languageShape = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$`)

// language is that of the site's articles; usual where the export names none that can be meant.
func (s Site) language(usual string) string {
	parts := strings.FieldsFunc(s.Language, func(r rune) bool { return r == '-' || r == '_' })
	for i := range parts {
		switch {
		case i == 0:
			parts[i] = strings.ToLower(parts[i])
		case len(parts[i]) == 2:
			parts[i] = strings.ToUpper(parts[i])
		}
	}
	if tag := strings.Join(parts, "-"); languageShape.MatchString(tag) {
		return tag
	}
	return usual
}
