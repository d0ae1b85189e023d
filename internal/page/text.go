package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// catalogue maps a key to its forms: "other" always, and "one", "two", "few", "many", "zero" where a language has them.
type catalogue map[string]map[string]string

// words is what the whole process speaks. One set of words serves every request, so it is no argument of each call.
var words atomic.Pointer[catalogue]

// loadText reads every text/en*.json of fsys: flat objects from key to a text, or to an object of plural forms. The faces keep
// a file each; a key that stands in two of them is a fault.
func loadText(fsys fs.FS) error {
	files, err := fs.Glob(fsys, "text/en*.json")
	if err != nil {
		return fmt.Errorf("read text: %w", err)
	}
	all := catalogue{}
	for _, name := range files {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("read text: %w", err)
		}
		if err := all.add(name, raw); err != nil {
			return err
		}
	}
	words.Store(&all)
	return nil
}

func (c catalogue) add(name string, raw []byte) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	// The map has taken a key that is given twice once, without a word: the entries are read one by one.
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		key, _ := token.(string) // an object's keys are strings: the decoder refuses others
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if _, had := c[key]; had {
			return fmt.Errorf("read %s: %q stands there or in another file already", name, key)
		}
		forms := map[string]string{}
		var text string
		if json.Unmarshal(value, &text) == nil {
			forms["other"] = text
		} else if err := json.Unmarshal(value, &forms); err != nil {
			return fmt.Errorf("read %s: %q: %w", name, key, err)
		}
		if _, ok := forms["other"]; !ok {
			return fmt.Errorf("read %s: %q lacks the form \"other\"", name, key)
		}
		c[key] = forms
	}
	return nil
}

func forms(key string) (map[string]string, bool) {
	c := words.Load()
	if c == nil {
		return nil, false
	}
	f, ok := (*c)[key]
	return f, ok
}

// Known reports whether the catalogue has key.
func Known(key string) bool { _, ok := forms(key); return ok }

// Keys lists the catalogue, for tests.
func Keys() []string {
	if c := words.Load(); c != nil {
		return slices.Sorted(maps.Keys(*c))
	}
	return nil
}

// T is the text of key with {0}, {1} … replaced by args. An unknown key gives itself; tests find those.
func T(key string, args ...any) string {
	f, ok := forms(key)
	if !ok {
		return key
	}
	return fill(f["other"], args)
}

// N is the text of key in the form that n asks for; {n} is the number itself.
func N(key string, n int, args ...any) string {
	f, ok := forms(key)
	if !ok {
		return key
	}
	text, ok := f[pluralForm(n)]
	if !ok {
		text = f["other"]
	}
	return fill(strings.ReplaceAll(text, "{n}", Number(n)), args)
}

// Say is what a fault tells a person: the text of a key, of a key with arguments ("key|arg|arg"), or s itself where it is a
// finished sentence.
func Say(s string) string {
	key, rest, with := strings.Cut(s, "|")
	if !Known(key) {
		return s
	}
	var args []any
	if with {
		for a := range strings.SplitSeq(rest, "|") {
			args = append(args, a)
		}
	}
	return T(key, args...)
}

// Halves is a text cut where something else, a link or a time, goes into it.
type Halves struct{ Before, After string }

// Around cuts the text of key at its {0}.
func Around(key string) Halves { return Cut(T(key)) }

// Cut cuts a text at its first {0}; all of it stands before where there is none.
func Cut(text string) Halves {
	before, after, _ := strings.Cut(text, "{0}")
	return Halves{before, after}
}

// Number writes n with its thousands parted.
func Number(n int) string {
	s := strconv.Itoa(n)
	digits := strings.TrimPrefix(s, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n < 0 {
		return "-" + digits
	}
	return digits
}

// argRoom is how long an argument of a text may become before room is made for it.
const argRoom = 24

func fill(text string, args []any) string {
	if len(args) == 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + argRoom*len(args))
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if i, err := strconv.Atoi(name); closed && err == nil && i >= 0 && i < len(args) {
			if s, ok := args[i].(string); ok {
				b.WriteString(s)
			} else {
				fmt.Fprint(&b, args[i])
			}
			text = after
			continue
		}
		b.WriteByte('{')
		text = rest
	}
}

func pluralForm(n int) string {
	switch plural.Cardinal.MatchPlural(language.English, max(n, -n), 0, 0, 0, 0) {
	case plural.Zero:
		return "zero"
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	}
	return "other"
}
