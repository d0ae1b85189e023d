package report

import (
	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
)

// Reader is the readers' side. Its pool may see live_credits and no report.
type Reader struct{ pool postgres.ReadPool }

// NewReader makes a Reader over what readers' pages are read from.
func NewReader(pool postgres.ReadPool) *Reader { return &Reader{pool: pool} }

// Credit is who reported what a notice corrects. CommentID is the comment in which they did, 0 where they used the form.
type Credit struct {
	Name      string
	CommentID int64
}

// Notice names one notice of one article.
type Notice struct {
	ArticleID int64
	Number    int
}

// LiveCredits reads the credits of those articles' notices, each notice's in the order in which the reports came in.
func (r *Reader) LiveCredits(out *map[Notice][]Credit, articleIDs ...int64) postgres.Read {
	if len(articleIDs) == 0 {
		return postgres.Read{}
	}
	return postgres.Read{From: r.pool, What: "credits of corrections", Args: []any{articleIDs}, SQL: `
		SELECT article_id, number, name, coalesce(comment_id, 0)
		FROM live_credits
		-- as an array of its own, lest it be planned anew for each number of ids
		WHERE article_id = ANY (ARRAY(SELECT unnest($1::bigint[])))
		ORDER BY article_id, number, id`,
		Take: func(rows pgx.Rows) error {
			*out = map[Notice][]Credit{}
			var n Notice
			var c Credit
			_, err := pgx.ForEachRow(rows, []any{&n.ArticleID, &n.Number, &c.Name, &c.CommentID}, func() error {
				(*out)[n] = append((*out)[n], c)
				return nil
			})
			return err
		}}
}
