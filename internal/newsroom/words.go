package newsroom

import (
	"slices"
	"strings"
	"time"

	"stet/internal/page"
)

// duration is a span as people say it, in its two largest parts: "1 h 14 min".
func duration(d time.Duration) string {
	d = max(d, 0)
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	var parts []string
	if days > 0 {
		parts = append(parts, page.N("newsroom.days", days))
	}
	if hours > 0 {
		parts = append(parts, page.N("newsroom.hours", hours))
	}
	if minutes > 0 && days == 0 || len(parts) == 0 {
		parts = append(parts, page.N("newsroom.minutes", max(minutes, 1)))
	}
	return strings.Join(parts, " ")
}

// stateOf is the state of an article by its word of article.State.Status.
func stateOf(status string) state {
	class := map[string]string{"returned": "back", "withdrawn": "retracted", "withheld": "retracted", "trashed": "off"}[status]
	if class == "" {
		class = status
	}
	return state{Class: class, Word: page.T("newsroom.state." + status)}
}

// list cuts a field of several entries at its commas.
func list(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}

// lines cuts a field of links, one a line: a name, a space, the address last.
func lines(text string) (names, addresses []string) {
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, address := "", line
		if i := strings.LastIndexAny(line, " \t"); i >= 0 {
			name, address = strings.TrimSpace(line[:i]), line[i+1:]
		}
		names, addresses = append(names, name), append(addresses, address)
	}
	return names, addresses
}

// short cuts a text for a place with room for n characters.
func short(text string, n int) string {
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}
