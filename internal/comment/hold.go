package comment

import (
	"slices"
	"strings"
)

// manyLinks is how many links hold a comment: one is a source, two is how most spam looks.
const manyLinks = 2

// linkReasons marks the links of a text where there are several.
func linkReasons(body string) []Reason {
	links := linkPattern.FindAllString(body, markedWords)
	if len(links) < manyLinks {
		return nil
	}
	for i, l := range links {
		if len(l) > markedLength {
			links[i] = strings.ToValidUTF8(l[:markedLength], "")
		}
	}
	return []Reason{{Rule: ruleLinks, Words: slices.Compact(links)}}
}

// reasons is every rule that holds a new comment. All are premoderated; the others say where a moderator should look.
func (d *desk) reasons(in *In) []Reason {
	why := []Reason{{Rule: rulePremoderated}}
	if in.Honeypot != "" {
		why = append(why, Reason{Rule: ruleHoneypot})
	}
	if d.Banned {
		why = append(why, Reason{Rule: ruleBanned})
	}
	if !d.Known {
		why = append(why, Reason{Rule: ruleFirst})
	}
	if d.NameTaken {
		why = append(why, Reason{Rule: ruleName, Words: []string{in.Name}})
	}
	if d.SameID != nil {
		why = append(why, Reason{Rule: ruleDuplicate})
	}
	return append(why, linkReasons(in.Body)...)
}

// status of a new comment. What a ban or the honeypot caught stands among the spam at once, where moderators can find it and the queue
// isn't flooded; its writer's receipt says that it waits, as for everybody, until somebody decides.
func (d *desk) status(in *In) Status {
	if d.Banned || in.Honeypot != "" {
		return Spam
	}
	return Pending
}
