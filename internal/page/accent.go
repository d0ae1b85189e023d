package page

import "regexp"

// Accent is the address of a stylesheet with a site's own colours, each # and six hexadecimal digits, by day and by night. The address says
// all that is in the sheet, so whoever serves assets can serve it and caches may keep it for ever.
func Accent(day, night string) string {
	return "/static/" + day[1:] + "-" + night[1:] + "/" + accentSheet
}

const accentSheet = "accent.css"

var accentPath = regexp.MustCompile(`^/static/([0-9a-f]{6})-([0-9a-f]{6})/` + regexp.QuoteMeta(accentSheet) + `$`)

// accent is the stylesheet at path; nil where path is no such address.
func accent(path string) *asset {
	m := accentPath.FindStringSubmatch(path)
	if m == nil {
		return nil
	}
	body := "@layer tokens{:root{--accent:#" + m[1] + "}@media (prefers-color-scheme:dark){:root{--accent:#" + m[2] + "}}}\n"
	return &asset{path: path, kind: kindOf(accentSheet), plain: []byte(body)}
}
