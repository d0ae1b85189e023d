// Package newsroom is what staff see and do: signing in, lists, the editor, publishing and what is appended later, the comment
// queue, bylines, sections, people, settings and the log. It reads a request, calls one method of a noun and shows one page.
//
// It must never hold a rule or SQL (the nouns do), never trust a button that wasn't shown, and never let an answer be cached.
package newsroom
