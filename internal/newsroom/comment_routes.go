package newsroom

import "stet/internal/comment"

// commentRoutes are the moderators' part of the table.
func (a areas) commentRoutes() []Route {
	const one = "/newsroom/comments/{id}"
	rows := []Route{
		{get, "/newsroom/comments", moderates, nil, a.comments.list},
		{post, "/newsroom/comments/bulk", moderates, nil, a.comments.bulk},
		{get, "/newsroom/comments/one", moderates, nil, a.comments.one},
		{post, "/newsroom/comments/claim", moderates, nil, a.comments.claim},
		{post, "/newsroom/comments/release", moderates, nil, a.comments.release},
		{get, "/newsroom/comments/log", moderates, nil, a.comments.decisionLog},
		{get, one, moderates, nil, a.comments.history},
		{post, one + "/second", moderates, nil, a.comments.opine},
		{post, one + "/reply", moderates, nil, a.comments.reply},
		{post, one + "/pin", moderates, nil, a.comments.pin(true)},
		{post, one + "/unpin", moderates, nil, a.comments.pin(false)},
		{get, one + "/ban", moderates, nil, a.comments.askBan},
		{post, one + "/ban", moderates, nil, a.comments.ban},
		{get, "/newsroom/bans", moderates, nil, a.comments.bans},
		{post, "/newsroom/bans/{id}/lift", moderates, nil, a.comments.lift(false)},
		{post, "/newsroom/bans/{id}/undo", moderates, nil, a.comments.lift(true)},
		{get, "/newsroom/comments/emergency", moderates, nil, a.comments.askEmergency},
		{post, "/newsroom/comments/emergency/premoderated", moderates, nil, a.comments.emergency("premoderated")},
		{post, "/newsroom/comments/emergency/closed", moderates, nil, a.comments.emergency("closed")},
		{post, "/newsroom/comments/emergency/off", moderates, nil, a.comments.emergency("off")},
		{post, "/newsroom/storms/{id}/end", moderates, nil, a.comments.endStorm},
		{post, "/newsroom/commenters/{id}/hold", moderates, nil, a.comments.hold(true)},
		{post, "/newsroom/commenters/{id}/unhold", moderates, nil, a.comments.hold(false)},
		{post, "/newsroom/opinions/{id}/undo", moderates, nil, a.comments.unopine},
		{get, "/newsroom/commenters/{id}", moderates, nil, a.comments.commenter},
		{post, "/newsroom/commenters/{id}/copy", administers, nil, a.comments.copyPerson},
		{post, "/newsroom/commenters/{id}/erase", administers, nil, a.comments.erasePerson},
	}
	for _, act := range []comment.Act{comment.Approve, comment.Reject, comment.MarkSpam, comment.Hold, comment.Undo} {
		rows = append(rows, Route{post, one + "/" + string(act), moderates, nil, a.comments.decide(act)})
	}
	return rows
}
