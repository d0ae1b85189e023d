package markup

// Altered lists the IDs of the blocks that to has otherwise than from: with another text, at another place, or that only one of them has.
// Those of to come first, in its order, then those that are gone.
func Altered(from, to []Block) []string {
	was, is := newVersion(from, "from"), newVersion(to, "to")
	m := &merger{base: was}
	moved := m.moved(is)
	var out []string
	for _, key := range is.keys {
		if html, old := was.html[key]; !old || html != is.html[key] || moved[key] {
			out = append(out, m.name(key))
		}
	}
	for _, key := range was.keys {
		if _, stands := is.html[key]; !stands {
			out = append(out, m.name(key))
		}
	}
	return out
}
