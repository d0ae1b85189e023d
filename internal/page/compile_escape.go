package page

import "strings"

// These do with a text what the escapers of html/template do with it; a test holds them to those.

// unsafeURL is what html/template writes in place of an address that it doesn't trust.
const unsafeURL = "#ZgotmplZ"

// marks are what some bytes are replaced by in HTML; nothing for those that stay.
var marks = [256]string{0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;"}

// marked are the bytes that have a mark.
var marked = func() (all [256]bool) {
	for b, mark := range marks {
		all[b] = mark != ""
	}
	return all
}()

// appendHTML appends text as a text or a quoted value of HTML.
func appendHTML(out []byte, text string) []byte {
	done := 0
	for i := 0; i < len(text); i++ {
		if b := text[i]; marked[b] {
			out = append(append(out, text[done:i]...), marks[b]...)
			done = i + 1
		}
	}
	return append(out, text[done:]...)
}

// filterURL lets through what is relative or has a scheme that only shows something.
func filterURL(url string) string {
	if !safeURL(url) {
		return unsafeURL
	}
	return url
}

func safeURL(url string) bool {
	scheme, _, found := strings.Cut(url, ":")
	return !found || strings.Contains(scheme, "/") || strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "mailto")
}

// The bytes that need no percent sign: anywhere in an address, and where they separate its parts.
var (
	plainURL     = bytesOf("-._~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
	separatesURL = bytesOf("!#$&*+,/:;=?@[]")
)

func bytesOf(s string) (all [256]bool) {
	for i := range len(s) {
		all[s[i]] = true
	}
	return all
}

// normalizeURL makes a whole address fit for a value.
func normalizeURL(url string) string { return encodeURL(url, true) }

// escapeURL makes a text fit for a part of an address.
func escapeURL(part string) string { return encodeURL(part, false) }

func encodeURL(s string, whole bool) string {
	const digits = "0123456789abcdef"
	var out []byte
	done := 0
	for i := 0; i < len(s); i++ {
		b := s[i]
		if plainURL[b] || whole && (separatesURL[b] || b == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2])) {
			continue
		}
		out = append(append(out, s[done:i]...), '%', digits[b>>4], digits[b&15])
		done = i + 1
	}
	if done == 0 {
		return s
	}
	return string(append(out, s[done:]...))
}

func isHex(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
}

// What parts an address from what says its size, and what that may consist of.
const (
	spaces    = "\t\n\f\r "
	sizeBytes = spaces + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

// filterSrcset treats each address between commas like one of its own; what says its size must be letters and digits.
func filterSrcset(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	for more := true; more; {
		var part string
		if part, s, more = strings.Cut(s, ","); !writeSource(&out, part) {
			out.WriteString(unsafeURL)
		}
		if more {
			out.WriteByte(',')
		}
	}
	return out.String()
}

// writeSource writes one address with its size, or reports that it isn't to be trusted.
func writeSource(out *strings.Builder, source string) bool {
	url := strings.TrimLeft(source, spaces)
	before, size := source[:len(source)-len(url)], ""
	if end := strings.IndexAny(url, spaces); end >= 0 {
		url, size = url[:end], url[end:]
	}
	if !safeURL(url) || strings.Trim(size, sizeBytes) != "" {
		return false
	}
	out.WriteString(before)
	out.WriteString(normalizeURL(url))
	out.WriteString(size)
	return true
}
