package comment

import "time"

// WaitingTime is how long the decisions of the last fourteen days took in one category, among the newest decisions of the site.
type WaitingTime struct {
	Samples int
	Median  time.Duration
	P90     time.Duration
}

// promised is how many decisions have to stand behind a promise.
const promised = 20

// Known reports whether there were enough decisions to promise anything.
func (w WaitingTime) Known() bool { return w.Samples >= promised }

// waitingTimeOf is the waiting time in the category of the article of comment $2. It walks back from the newest decision and no further than
// it costs a few milliseconds, however many two busy weeks bring.
const waitingTimeOf = `
	SELECT count(*), coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY w.took), '0'), coalesce(percentile_cont(0.9) WITHIN GROUP (ORDER BY w.took), '0')
	FROM (
		SELECT d.at - t.at AS took
		FROM (
			SELECT at, act, undone_at, comment_id, was_pending
			FROM decisions
			WHERE at > coalesce($1::timestamptz, clock_timestamp()) - interval '14 days'
			ORDER BY at DESC, id DESC
			LIMIT 2000
		) d
		JOIN comment_texts t ON t.id = d.was_pending
		JOIN comments c ON c.id = d.comment_id
		JOIN articles a ON a.id = c.article_id
		WHERE d.act <> 'hold' AND d.undone_at IS NULL
			AND a.live_category IS NOT DISTINCT FROM (SELECT o.live_category FROM comments k JOIN articles o ON o.id = k.article_id WHERE k.id = $2)
		ORDER BY d.at DESC
		LIMIT 500
	) w`
