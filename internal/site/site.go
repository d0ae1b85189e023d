// Package site is what readers see: fronts, articles, lists, search, feeds, sitemaps, the comment form and its receipt.
//
// It must never read a draft, set a cookie or start a session: every public page is the same bytes for everyone. It selects
// nothing itself; the nouns' readers do, from the live views. Handlers never purge a cache.
package site
