package importer

import (
	"context"
	"net/netip"

	"github.com/jackc/pgx/v5"

	"stet/internal/comment"
)

// maxComment is the length of a comment in characters; a longer one is left out rather than cut.
const maxComment = 10_000

// comments brings in the item's comments, each behind the one it answers.
func (r *run) comments(ctx context.Context, tx pgx.Tx, e *entry, articleID int64) error {
	here := map[int64]int64{} // by id in the export
	left := map[string]int{}
	for _, i := range threaded(e.it.Comments) {
		c := &e.it.Comments[i]
		fate, why := c.Fate()
		if fate != CommentLeftOut && len([]rune(c.Content)) > maxComment {
			fate, why = CommentLeftOut, "a comment longer than can be taken"
		}
		e.tally = append(e.tally, [2]string{"comments", string(fate)})
		if fate == CommentLeftOut {
			left[why]++
			continue
		}
		parent := here[c.Parent]
		if c.Parent != 0 && parent == 0 {
			e.say(lookAt, "its comment "+decimal(c.ID)+" answers one that isn't in the export, and stands by itself")
		}
		in := r.comment(e.it, c)
		in.ArticleID, in.ParentID, in.Status = articleID, parent, commentStatus[fate]
		id, err := r.Comments.ImportTx(ctx, tx, in)
		if err != nil {
			return err
		}
		if c.ID != 0 {
			here[c.ID] = id
		}
	}
	for why, n := range left {
		e.say(leftOut, decimal(int64(n))+" of its comments: "+why)
	}
	return nil
}

var commentStatus = map[CommentFate]comment.Status{
	CommentApproved: comment.Approved, CommentPending: comment.Pending, CommentSpam: comment.Spam, CommentRejected: comment.Rejected,
}

// comment is who said what and when. A date it doesn't have is its article's.
func (r *run) comment(it *Item, c *Comment) comment.Imported {
	in := comment.Imported{Name: c.Author, Email: c.Email, Body: c.Content}
	if in.Name = withoutMail(in.Name); in.Name == "" {
		in.Name = "Anonymous"
	}
	if at, ok := When(c.GMT, c.Local, r.zone); ok {
		in.PostedAt = at
	} else if at, ok := it.When(r.zone); ok {
		in.PostedAt = at
	}
	if in.PostedAt.After(r.now) {
		in.PostedAt = r.now
	}
	if a, err := netip.ParseAddr(c.Address); err == nil {
		in.Address = a
	}
	return in
}

// threaded orders comments so that each stands behind the one it answers, otherwise as they came. One that answers itself in the
// end, or what isn't there, stands where it came.
func threaded(in []Comment) []int {
	at := make(map[int64]int, len(in))
	for i, c := range in {
		if _, twice := at[c.ID]; !twice && c.ID != 0 {
			at[c.ID] = i
		}
	}
	out := make([]int, 0, len(in))
	placed := make([]bool, len(in))
	for i := range in {
		var chain []int
		for j, ok := i, true; ok && !placed[j]; j, ok = at[in[j].Parent] {
			placed[j] = true
			chain = append(chain, j)
		}
		for k := len(chain) - 1; k >= 0; k-- {
			out = append(out, chain[k])
		}
	}
	return out
}
