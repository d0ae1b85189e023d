package newsroom

import (
	"net/url"

	"stet/internal/page"
)

// kept are those of the names that the query has.
func kept(q page.Form, names ...string) []param {
	var out []param
	for _, name := range names {
		if v := q.Text(name); v != "" {
			out = append(out, param{name, v})
		}
	}
	return out
}

func asQuery(params []param) string {
	v := url.Values{}
	for _, p := range params {
		v.Set(p.Name, p.Value)
	}
	return v.Encode()
}

// nextPage is the same list from the cursor on; empty without one.
func nextPage(q page.Form, name, cursor string) string {
	if cursor == "" {
		return ""
	}
	return "?" + with(q, name, cursor)
}

// firstPage is the list from its beginning; empty where this is it.
func firstPage(q page.Form, name string) string {
	if q.Text(name) == "" {
		return ""
	}
	return "?" + with(q, name, "")
}

// with is the query with one parameter set, or taken out where value is empty.
func with(q page.Form, name, value string) string {
	v := url.Values{}
	for k, vs := range q.Values {
		if k != name && len(vs) > 0 && vs[0] != "" {
			v.Set(k, vs[0])
		}
	}
	if value != "" {
		v.Set(name, value)
	}
	return v.Encode()
}
