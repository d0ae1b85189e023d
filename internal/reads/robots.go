package reads

import (
	"net/http"
	"slices"
	"strings"
)

// robots are words in the names of programs that fetch pages for nobody in particular, in lower case. Whoever says that it is one is
// believed; a robot that claims to be a browser is counted as one.
var robots = []string{"bot", "crawl", "spider", "slurp", "archiver", "fetch", "scrape", "scan", "monitor", "preview", "headless", "lighthouse", "pagespeed", "feed", "rss", "validator",
	"check", "curl/", "wget/", "python", "httpx", "aiohttp", "go-http-client", "java/", "okhttp", "apache-httpclient", "libwww", "lwp::", "ruby", "perl", "php", "guzzle", "axios", "node-fetch",
	"undici", "postman", "insomnia", "facebookexternalhit", "meta-externalagent", "whatsapp", "embedly", "pingdom", "uptime", "datadog", "ahrefs", "semrush", "yahoo!", "mediapartners",
	"google-", "googleother", "bingpreview", "ia_archiver", "chatgpt", "gptbot", "claude", "anthropic", "perplexity", "ccbot", "bytespider", "cohere-", "diffbot", "phantomjs", "puppeteer", "playwright"}

// browsers is what a browser's name begins with; hardly any reader has another.
const browsers = "mozilla/"

// Counts reports whether an answer of that status to r is a read: somebody got the whole of a page in order to read it.
func Counts(r *http.Request, status int) bool {
	return status == http.StatusOK && r.Method == http.MethodGet && ByReader(r.Header)
}

// ByReader reports whether headers are those of a request that a person made to read: by a browser that doesn't call itself a robot, and not
// ahead of time.
func ByReader(h http.Header) bool {
	agent := strings.ToLower(h.Get("User-Agent"))
	if !strings.HasPrefix(agent, browsers) && !strings.HasPrefix(agent, "opera/") {
		return false
	}
	if strings.Contains(agent, "cubot") { // a maker of telephones
		agent = strings.ReplaceAll(agent, "cubot", "")
	}
	return !robot(agent) && !ahead(h)
}

// byPair are the words by the two letters they begin with: every kept page that somebody gets is looked at, so one quick pass must do.
var byPair = func() map[string][]string {
	words := map[string][]string{}
	for _, w := range robots {
		words[w[:2]] = append(words[w[:2]], w)
	}
	return words
}()

// begins tells of each pair of letters whether a word begins with it.
var begins = func() (pairs [1 << 16]bool) {
	for pair := range byPair {
		pairs[int(pair[0])<<8|int(pair[1])] = true
	}
	return pairs
}()

func robot(agent string) bool {
	for i := 1; i < len(agent); i++ {
		if !begins[int(agent[i-1])<<8|int(agent[i])] {
			continue
		}
		for _, w := range byPair[agent[i-1:i+1]] {
			if strings.HasPrefix(agent[i-1:], w) {
				return true
			}
		}
	}
	return false
}

// Headers are those that tell a read.
var Headers = slices.Concat([]string{"User-Agent"}, purposes)

// purposes are the headers in which browsers have said what they fetch a page for.
var purposes = []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"}

// ahead reports whether a browser fetched the page in case somebody wants it.
func ahead(h http.Header) bool {
	for _, name := range purposes {
		v := strings.ToLower(h.Get(name))
		if strings.Contains(v, "prefetch") || strings.Contains(v, "prerender") || strings.Contains(v, "preview") {
			return true
		}
	}
	return false
}
