package comment

import "strings"

// dotless are providers that read an address with dots in its local part as the one without.
var dotless = map[string]bool{"gmail.com": true, "googlemail.com": true}

// mailbox is an e-mail as its provider reads it, so that one person's many spellings are one: lower case, without a +tag (RFC 5233), and without
// dots where they count for nothing.
func mailbox(email string) string {
	email = strings.ToLower(email)
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return email
	}
	local, domain := email[:at], email[at+1:]
	if i := strings.IndexByte(local, '+'); i > 0 {
		local = local[:i]
	}
	if dotless[domain] {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}
