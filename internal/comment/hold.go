package comment

// entry is how a text comes in: where its comment stands then, every reason that holds it, and what a rule that refused it says. An approved
// one has no reasons.
type entry struct {
	Status  Status
	Reasons []Reason
	Told    string
	Score   Score
}

// enter puts a text to everything that may hold it. All reasons are noted, not the first alone: they say where a moderator should look.
//
// What a ban or the honeypot caught stands among the spam at once, where moderators can find it and the queue isn't flooded; its writer's
// receipt says that it waits, as for everybody, until somebody decides.
func (d *desk) enter(a *asked, set *ruleset, honeypot bool) entry {
	e := entry{Score: d.Score}
	hold := func(rule string, matched bool, words ...string) {
		if matched {
			e.Reasons = append(e.Reasons, Reason{Rule: rule, Words: words})
		}
	}
	policy := d.policy().holds(d.Trusted && !d.Banned)
	hold(policy, policy != "")
	hold(ruleHoneypot, honeypot)
	hold(ruleBanned, d.Banned)
	hold(ruleHeld, d.Held)
	hold(ruleName, d.NameTaken, a.Name)
	// The same under the same name from another address: a receipt sent out again would be somebody else's.
	hold(ruleDuplicate, d.SameID != nil)
	v := judge(d.candidate(a, set), set.rules)
	e.Reasons = append(e.Reasons, v.Reasons...)
	switch {
	case d.Banned || honeypot || v.Act == MarkSpam:
		e.Status = Spam
	case v.Act == Reject:
		e.Status, e.Told = Rejected, v.Told
	case len(e.Reasons) > 0:
		e.Status = Pending
	default:
		e.Status = Approved
	}
	return e
}

func (d *desk) candidate(a *asked, set *ruleset) *candidate {
	return &candidate{ArticleID: a.ArticleID, Lineage: d.Lineage, At: d.Now, Name: a.Name, Body: a.Body, Known: d.Known, Trusted: d.Trusted && !d.Banned,
		Last: d.Last, Copies: d.Copies, Near: d.Near, Found: set.words.find(a.Name + "\n" + a.Body), Score: d.Score}
}
