package importer

import (
	"net/url"
	"regexp"
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
		if s.login(ref) == ref.Slug && !s.declaresAuthor(ref.Slug) {
			out = append(out, Author{Login: ref.Slug, Name: ref.Name})
		}
	}
	return out
}

func (s *Survey) declaresAuthor(login string) bool {
	_, ok := s.logins[strings.ToLower(login)]
	return ok
}

// login finds the declared author whom an item names by login or by the form of it that stands in addresses.
func (s *Survey) login(ref TermRef) string {
	if login, ok := s.logins[strings.ToLower(ref.Slug)]; ok {
		return login
	}
	return ref.Slug
}

// everyCategory returns the declared categories, parents first, and those that items name.
func (s *Survey) everyCategory() []Term {
	out := append([]Term{}, s.Categories...)
	for _, key := range s.undeclared("category ") {
		if ref := s.named.categories[key]; s.categoryKey(ref) == key && !s.categoryKeys[key] {
			out = append(out, asTerm("category", ref))
		}
	}
	return out
}

// everyTag returns the declared tags and those that items name.
func (s *Survey) everyTag() []Term {
	out := append([]Term{}, s.Tags...)
	declared := map[string]bool{}
	for _, t := range s.Tags {
		declared[t.key()] = true
	}
	for _, key := range s.undeclared("tag ") {
		if !declared[key] {
			out = append(out, asTerm("post_tag", s.named.tags[key]))
		}
	}
	return out
}

func (s *Survey) undeclared(kind string) (keys []string) {
	for _, k := range s.named.order {
		if key, ok := strings.CutPrefix(k, kind); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

func asTerm(taxonomy string, ref TermRef) Term {
	t := Term{Taxonomy: taxonomy, Slug: ref.Slug, Name: ref.Name}
	if t.Name == "" {
		t.Name = ref.Slug
	}
	return t
}

// categoryKey is the key of the declared category that an item means, where it names it without its slug.
func (s *Survey) categoryKey(ref TermRef) string {
	if key, ok := s.categoryNames[strings.ToLower(ref.Name)]; ok && ref.Slug == "" {
		return key
	}
	return ref.key()
}

// settle makes the look-ups once all is read.
func (s *Survey) settle() {
	s.Categories = parentsFirst(s.Categories)
	s.sortGalleries()
	s.logins, s.categoryNames, s.categoryKeys = map[string]string{}, map[string]string{}, map[string]bool{}
	for _, a := range s.Authors {
		s.logins[slug.Make(a.Login)] = a.Login
	}
	for _, a := range s.Authors {
		s.logins[strings.ToLower(a.Login)] = a.Login
	}
	for i, c := range s.Categories {
		if c.Name == "" {
			s.Categories[i].Name = c.Slug
		}
		s.categoryKeys[c.key()] = true
		s.categoryNames[strings.ToLower(c.Name)] = c.key()
	}
	for key, ref := range s.named.categories {
		if name := strings.ToLower(ref.Name); ref.Slug != "" && s.categoryNames[name] == "" {
			s.categoryNames[name] = key
		}
	}
	for i, t := range s.Tags {
		if t.Name == "" {
			s.Tags[i].Name = t.Slug
		}
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
