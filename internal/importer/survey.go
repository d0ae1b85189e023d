package importer

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// Survey is what a first pass over an export learns: all that an item may refer to and that may stand behind it in the file.
type Survey struct {
	Site        Site
	Authors     []Author // declared ones; items may name others
	Categories  []Term   // parents before children, cycles cut
	Tags        []Term
	OtherTerms  int               // of taxonomies that mean nothing here
	Files       []File            // attachments in file order
	Attachments map[int64]int     // the index in Files of each attachment's id
	Galleries   map[int64][]int64 // attachments by the item they were uploaded to, in the order of the site
	Pages       map[int64]PageRef
	Items       int
	Comments    int
	Types       map[string]int
	Repairs     Repairs
	weight      int

	named        named
	logins       map[string]string // of declared authors, by themselves and by their form in addresses
	categoryKeys termKeys
	tagKeys      termKeys
	parentless   bool
}

// File is an attachment, known before the item that shows it.
type File struct {
	Identity string
	ID       int64
	URL      string
	Path     string // under the uploads directory; may be empty
	Title    string
	Alt      string
	Caption  string
	Parent   int64
	order    int
	line     int
}

// PageRef is where a page stands, for pages below it whose own link doesn't say.
type PageRef struct {
	Parent int64
	Slug   string
	Link   string
}

// Skim reads a whole export once. On a *FileError the survey is what was learnt before that line; nothing should be imported
// then, for the second pass would end at the same place.
func Skim(r io.Reader) (*Survey, error) { return skim(r, usual) }

func skim(r io.Reader, lim limits) (*Survey, error) {
	s := &Survey{Attachments: map[int64]int{}, Galleries: map[int64][]int64{}, Pages: map[int64]PageRef{}, Types: map[string]int{}, named: newNamed()}
	rd, err := newReader(r, lim)
	if err != nil {
		return s, err
	}
	rd.skimming = true
	for p, err := range rd.parts() {
		if err == nil {
			err = s.add(p, rd.src.line, lim)
		}
		s.Repairs = rd.src.repairs
		if err != nil {
			return s, err
		}
		rd.size = 0
	}
	if s.Site.Version == "" {
		return s, &FileError{1, "not a WordPress export: it has no <wp:wxr_version>"}
	}
	s.settle()
	return s, nil
}

func (s *Survey) add(p part, line int, lim limits) error {
	switch {
	case p.site != nil:
		p.site(&s.Site)
	case p.author != nil:
		s.weigh(p.author.Login, p.author.Name, p.author.Email, p.author.First, p.author.Last)
		s.Authors = append(s.Authors, *p.author)
	case p.term != nil:
		s.addTerm(*p.term)
	case p.item != nil:
		s.addItem(p.item)
	}
	if s.weight > lim.facts {
		return &FileError{line, fmt.Sprintf("more than %d KB of authors, terms, pages and pictures: export the site in parts", lim.facts>>10)}
	}
	return nil
}

func (s *Survey) addTerm(t Term) {
	if t.Slug == "" && t.Name == "" {
		return
	}
	switch t.Taxonomy {
	case "category":
		s.Categories = append(s.Categories, t)
	case "post_tag":
		s.Tags = append(s.Tags, t)
	default:
		s.OtherTerms++
		return
	}
	s.weigh(t.Slug, t.Name, t.Parent, t.Description)
}

func (s *Survey) addItem(it *Item) {
	s.Items++
	s.Comments += len(it.Comments)
	if _, had := s.Types[it.Type]; !had {
		s.weigh(it.Type)
	}
	s.Types[it.Type]++
	s.addNames(it)
	switch it.Kind {
	case Attachment:
		f := File{it.Identity(), it.ID, it.File, it.Path, plainText(it.Title), plainText(it.Alt), plainText(it.Excerpt), it.Parent, it.Order, it.Line}
		if f.URL == "" {
			f.URL = it.GUID
		}
		s.weigh(f.Identity, f.URL, f.Path, f.Title, f.Alt, f.Caption)
		s.Files = append(s.Files, f)
		if _, had := s.Attachments[it.ID]; had || it.ID == 0 {
			return
		}
		s.Attachments[it.ID] = len(s.Files) - 1
		if it.Parent != 0 {
			s.Galleries[it.Parent] = append(s.Galleries[it.Parent], it.ID)
		}
	case Page:
		if _, had := s.Pages[it.ID]; had || it.ID == 0 {
			return
		}
		p := PageRef{it.Parent, it.Slug, it.Link}
		s.weigh(p.Slug, p.Link)
		s.Pages[it.ID] = p
	}
}

func (s *Survey) sortGalleries() {
	for _, ids := range s.Galleries {
		slices.SortStableFunc(ids, func(a, b int64) int {
			return cmp.Or(cmp.Compare(s.Files[s.Attachments[a]].order, s.Files[s.Attachments[b]].order), cmp.Compare(a, b))
		})
	}
}

// File finds an attachment by its id.
func (s *Survey) File(id int64) (File, bool) {
	i, ok := s.Attachments[id]
	if !ok {
		return File{}, false
	}
	return s.Files[i], true
}

func (s *Survey) weigh(words ...string) {
	s.weight += 160
	for _, w := range words {
		s.weight += len(w)
	}
}

// parentsFirst orders categories so that each stands behind its parent, otherwise as they came; one declared twice stands
// once. A category that is its own ancestor, or whose parent isn't there, stands at the top.
func parentsFirst(in []Term) []Term {
	at := make(map[string]int, len(in))
	for i, t := range in {
		if _, twice := at[t.Slug]; !twice {
			at[t.Slug] = i
		}
	}
	out := make([]Term, 0, len(in))
	const waiting, placed = 1, 2
	state := make([]int, len(in))
	for i := range in {
		var chain []int // from i upwards, as far as nothing is placed yet
		for j, ok := i, true; ok && state[j] == 0; j, ok = at[in[j].Parent] {
			if at[in[j].Slug] != j {
				break
			}
			state[j] = waiting
			chain = append(chain, j)
		}
		for k := len(chain) - 1; k >= 0; k-- {
			t := in[chain[k]]
			if parent, ok := at[t.Parent]; !ok || state[parent] != placed {
				t.Parent = ""
			}
			state[chain[k]] = placed
			out = append(out, t)
		}
	}
	return out
}
