package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// vocabulary is what schema.org allows: of each type what it descends from, and its properties with the types of their values.
type vocabulary map[string]struct {
	Ancestors  []string
	Properties map[string][]string
}

// newVocabulary reads the published extract where it is at hand, else the short one of the tests, which holds what the site uses.
func newVocabulary(t testing.TB) vocabulary {
	t.Helper()
	const short = "testdata/schema.json"
	file := filepath.Join("..", "..", "..", "shared", "data", "schemas", "schemaorg-29.4-news-extract.json")
	if dir := os.Getenv("STET_SHARED_DATA"); dir != "" {
		file = filepath.Join(dir, "schemas", "schemaorg-29.4-news-extract.json")
	}
	if _, err := os.Stat(file); err != nil {
		t.Log("corpus absent")
		file = short
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	v := vocabulary{}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	// The extract lacks this one, which adds nothing to what it descends from.
	if _, ok := v["AdvertiserContentArticle"]; !ok {
		sponsored := v["Article"]
		sponsored.Ancestors = append([]string{"Article"}, sponsored.Ancestors...)
		v["AdvertiserContentArticle"] = sponsored
	}
	return v
}

// is reports whether a type is another or descends from it.
func (v vocabulary) is(kind, wanted string) bool {
	return kind == wanted || slices.Contains(v[kind].Ancestors, wanted)
}

// check lists what is wrong with a piece of structured data of a site at an origin.
func (v vocabulary) check(origin, text string) []string {
	var data map[string]any
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		return []string{err.Error()}
	}
	c := schemaCheck{vocabulary: v, origin: origin}
	if data["@context"] != "https://schema.org" {
		c.note("", "has the context %v", data["@context"])
	}
	c.thing("", data)
	return c.wrong
}

type schemaCheck struct {
	vocabulary
	origin string
	wrong  []string
}

func (c *schemaCheck) note(at, format string, args ...any) {
	c.wrong = append(c.wrong, strings.TrimPrefix(at+" ", " ")+fmt.Sprintf(format, args...))
}

func (c *schemaCheck) thing(at string, data map[string]any) {
	kind, _ := data["@type"].(string)
	if id, named := data["@id"].(string); named {
		c.url(at+".@id", id)
		if len(data) == 1 { // described elsewhere
			return
		}
	}
	known, ok := c.vocabulary[kind]
	if !ok {
		c.note(at, "has the unknown type %q", kind)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(data)) {
		if strings.HasPrefix(name, "@") {
			continue
		}
		property := name
		if c.is(kind, "Action") { // schema.org/docs/actions.html: what is asked of whom acts
			property = strings.TrimSuffix(name, "-input")
		}
		wanted, ok := known.Properties[property]
		if !ok {
			c.note(at, "%s has no property %s", kind, name)
			continue
		}
		if property != name {
			wanted = []string{"Text"}
		}
		here := at + "." + name
		if list, is := data[name].([]any); is {
			if len(list) == 0 {
				c.note(here, "is empty")
			}
			for i, one := range list {
				c.value(fmt.Sprintf("%s[%d]", here, i), one, wanted)
			}
			continue
		}
		c.value(here, data[name], wanted)
	}
}

var length = regexp.MustCompile(`^[1-9][0-9]* px$`)

func (c *schemaCheck) value(at string, value any, wanted []string) {
	switch value := value.(type) {
	case map[string]any:
		kind, _ := value["@type"].(string)
		if kind != "" && !slices.ContainsFunc(wanted, func(w string) bool { return c.is(kind, w) }) {
			c.note(at, "is a %s, want one of %v", kind, wanted)
		}
		c.thing(at, value)
	case string:
		c.text(at, value, wanted)
	case bool:
		if !slices.Contains(wanted, "Boolean") {
			c.note(at, "is a truth, want one of %v", wanted)
		}
	case float64:
		whole := slices.Contains(wanted, "Integer") && value == float64(int64(value))
		if !whole && !slices.Contains(wanted, "Number") {
			c.note(at, "is the number %v, want one of %v", value, wanted)
		}
	default:
		c.note(at, "is %v", value)
	}
}

// text checks a string: a date has its zone, an address leads to this site unless it says that something is the same elsewhere.
func (c *schemaCheck) text(at, value string, wanted []string) {
	has := func(kind string) bool { return slices.Contains(wanted, kind) }
	switch {
	case strings.TrimSpace(value) == "":
		c.note(at, "is empty")
	case has("DateTime"):
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			c.note(at, "is no time with its zone: %s", value)
		}
	case has("URL") && strings.Contains(at, ".sameAs"):
		if !strings.HasPrefix(value, "https://") && !strings.HasPrefix(value, "http://") {
			c.note(at, "is no address of a page: %s", value)
		}
	case has("Text") && !strings.HasPrefix(value, "http"):
	case has("URL"):
		c.url(at, value)
	case has("Distance"):
		if !length.MatchString(value) {
			c.note(at, "is no length: %s", value)
		}
	case !has("Text"):
		c.note(at, "is a text, want one of %v", wanted)
	}
}

func (c *schemaCheck) url(at, value string) {
	if !strings.HasPrefix(value, c.origin+"/") {
		c.note(at, "leads elsewhere: %s", value)
	}
}

func TestVocabularyFindsMistakes(t *testing.T) {
	t.Parallel()
	v := newVocabulary(t)
	for name, tt := range map[string]struct{ text, wrong string }{
		"right":     {`{"@context":"https://schema.org","@type":"NewsArticle","@id":"https://a.example/x","headline":"A","datePublished":"2026-06-16T09:40:00Z","author":[{"@id":"https://a.example/y"}]}`, ""},
		"property":  {`{"@context":"https://schema.org","@type":"WebSite","headlines":"A"}`, "WebSite has no property headlines"},
		"elsewhere": {`{"@context":"https://schema.org","@type":"WebSite","url":"https://b.example/"}`, ".url leads elsewhere"},
		"date":      {`{"@context":"https://schema.org","@type":"NewsArticle","datePublished":"2026-06-16"}`, "no time with its zone"},
		"number":    {`{"@context":"https://schema.org","@type":"NewsArticle","commentCount":"7"}`, ".commentCount is a text"},
		"kind":      {`{"@context":"https://schema.org","@type":"NewsArticle","author":{"@type":"WebSite"}}`, ".author is a WebSite"},
		"type":      {`{"@context":"https://schema.org","@type":"Newspaper"}`, "unknown type"},
		"context":   {`{"@type":"WebSite"}`, "has the context"},
		"length":    {`{"@context":"https://schema.org","@type":"ImageObject","width":800}`, ".width is the number"},
		"none":      {`{"@context":"https://schema.org","@type":"NewsArticle","keywords":[]}`, ".keywords is empty"},
		"no json":   {`{`, "unexpected end"},
	} {
		got := strings.Join(v.check("https://a.example", tt.text), "\n")
		if tt.wrong == "" && got != "" || !strings.Contains(got, tt.wrong) {
			t.Errorf("%s: %q, want %q", name, got, tt.wrong)
		}
	}
}

// TestShortVocabulary holds the tests' own list against the published one.
func TestShortVocabulary(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	short, whole := vocabulary{}, newVocabulary(t)
	if err := json.Unmarshal(b, &short); err != nil {
		t.Fatal(err)
	}
	for kind, has := range short {
		if !slices.Equal(has.Ancestors, whole[kind].Ancestors) {
			t.Errorf("%s descends from %v, want %v", kind, has.Ancestors, whole[kind].Ancestors)
		}
		for name, values := range has.Properties {
			want := slices.Sorted(slices.Values(whole[kind].Properties[name]))
			if slices.Sort(values); !slices.Equal(values, want) {
				t.Errorf("%s.%s takes %v, want %v", kind, name, values, want)
			}
		}
	}
}

// unquote is a JSON string as text.
func unquote(s string) (out string) {
	if err := json.Unmarshal([]byte(s), &out); err != nil {
		return s
	}
	return out
}
