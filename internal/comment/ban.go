package comment

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// BanIn says whom to ban: who wrote the comment, by their mailbox. Network also bans the network it came from (an IPv4 /24, an IPv6 /64),
// Domain also the domain of the e-mail with those below it. Until nil is for good. HideAll also rejects all their comments, one decision
// each.
type BanIn struct {
	CommentID int64
	Until     *time.Time
	Reason    string
	Network   bool
	Domain    bool
	HideAll   bool
}

// freeMail are domains at which anybody has a mailbox: banning one would ban a good part of all readers.
var freeMail = []string{
	"126.com", "163.com", "aol.com", "bluewin.ch", "daum.net", "fastmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de",
	"gmx.net", "googlemail.com", "hanmail.net", "hotmail.com", "hotmail.de", "hotmail.fr", "icloud.com", "laposte.net", "libero.it", "live.com", "mac.com",
	"mail.com", "mail.ru", "mailbox.org", "me.com", "msn.com", "naver.com", "orange.fr", "outlook.com", "outlook.de", "posteo.de", "proton.me", "protonmail.com",
	"qq.com", "seznam.cz", "t-online.de", "tuta.com", "tutanota.com", "web.de", "wp.pl", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.fr", "yandex.ru",
	"ymail.com", "zoho.com",
}

// Ban keeps people from commenting: what they send goes to the spam unseen, and what they sent they can't change, delete or appeal for any
// more. A second ban of the same person replaces the first, until it is undone. It returns the ban's id.
//
// Faults: Forbidden; NotFound; *fault.Invalid on reason, on until where it is over, on network where no address is kept any more, on domain
// where everybody has a mailbox there, and on the form as a whole where the comment is nobody's (written in the newsroom, or deleted).
func (s *Store) Ban(ctx context.Context, actor staff.Actor, in BanIn) (id int64, err error) {
	if !CanModerate(actor) {
		return 0, fault.Forbidden
	}
	in.Reason = markup.Line(in.Reason)
	var c fault.Check
	c.That(utf8.RuneCountInString(in.Reason) <= maxReason, "reason", "comment.reason.long")
	c.That(!markup.BadLine(in.Reason), "reason", "field.characters")
	if err := c.Err(); err != nil {
		return 0, err
	}
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		id, err = s.ban(ctx, tx, actor, in)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("ban who wrote comment %d: %w", in.CommentID, err)
	}
	return id, nil
}

// target is whom a ban is for.
type target struct {
	PersonID *int64
	Mailbox  *string
	Network  *netip.Prefix
	Now      time.Time
}

func (s *Store) ban(ctx context.Context, tx pgx.Tx, actor staff.Actor, in BanIn) (int64, error) {
	t, err := s.target(ctx, tx, in)
	if err != nil {
		return 0, err
	}
	// Comments before people and bans, the order in which all acts lock them.
	hidden := []int64{}
	if in.HideAll {
		if hidden, err = s.hideAll(ctx, tx, actor, *t.Mailbox, in.Reason); err != nil {
			return 0, err
		}
	}
	var domain *string
	if in.Domain {
		domain = &domains(*t.Mailbox)[0]
	}
	var network *netip.Prefix
	if in.Network {
		network = t.Network
	}
	var id int64
	err = tx.QueryRow(ctx, `
		WITH lifted AS (
			UPDATE bans
			SET lifted_at = $6, lifted_by = nullif($7::bigint, 0)
			WHERE commenter_id = $1 AND lifted_at IS NULL
			RETURNING id
		)
		INSERT INTO bans (commenter_id, mailbox, network, domain, until, reason, by, at, comment_id, hidden, replaced)
		SELECT $1, $2, $3, $4, coalesce($5::timestamptz, 'infinity'), $8, nullif($7::bigint, 0), $6, $9,
			$10::bigint[], coalesce((SELECT array_agg(l.id) FROM lifted l), '{}')
		RETURNING id`, t.PersonID, t.Mailbox, network, domain, in.Until, t.Now, actor.ID, in.Reason, in.CommentID, hidden).Scan(&id)
	if err != nil {
		return 0, err
	}
	return id, audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.ban", Object: object(in.CommentID), Detail: map[string]any{
		"ban": id, "commenter": *t.PersonID, "until": in.Until, "network": in.Network, "domain": in.Domain, "hidden": len(hidden)}})
}

// target finds who wrote the comment, if they can be banned as in says.
func (s *Store) target(ctx context.Context, tx pgx.Tx, in BanIn) (target, error) {
	var t target
	err := tx.QueryRow(ctx, `
		SELECT m.id, m.mailbox, r.network, coalesce($2::timestamptz, clock_timestamp())
		FROM comments c
		LEFT JOIN commenters m ON m.id = c.commenter_id
		LEFT JOIN comment_addresses r ON r.comment_id = c.id
		WHERE c.id = $1`, in.CommentID, postgres.At(s.Now)).Scan(&t.PersonID, &t.Mailbox, &t.Network, &t.Now)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return t, fault.NotFound
	case err != nil:
		return t, err
	case t.PersonID == nil:
		return t, fault.Field("", "comment.commenter.none")
	}
	var c fault.Check
	c.That(in.Until == nil || in.Until.After(t.Now), "until", "comment.ban.until")
	c.That(!in.Network || t.Network != nil, "network", "comment.ban.network")
	c.That(!in.Domain || !isFreeMail(*t.Mailbox), "domain", "comment.ban.domain")
	return t, c.Err()
}

func isFreeMail(email string) bool {
	return slices.ContainsFunc(domains(email), func(d string) bool { return slices.Contains(freeMail, d) })
}

// hideAll rejects what readers see, or may come to see, of all who share a mailbox, and returns the decisions.
func (s *Store) hideAll(ctx context.Context, tx pgx.Tx, actor staff.Actor, mailbox, reason string) ([]int64, error) {
	rows, err := tx.Query(ctx, `
		SELECT c.id
		FROM comments c
		JOIN commenters m ON m.id = c.commenter_id
		WHERE m.mailbox = $1 AND c.status IN ('pending', 'approved') AND c.erased_at IS NULL
		ORDER BY c.id`, mailbox)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, err
	}
	o := order{act: Reject, reason: reason, hide: true}
	for _, id := range ids {
		o.picks = append(o.picks, Pick{ID: id})
	}
	done, _, err := s.carryOut(ctx, tx, actor, o)
	if err != nil {
		return nil, err
	}
	rows, err = tx.Query(ctx, `SELECT max(id) FROM decisions WHERE comment_id = ANY ($1) GROUP BY comment_id ORDER BY 1`, done)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// banned is the condition under which a ban stands at n.now for one of mailboxes, one of domains or an address: three looks at an index,
// where one OR would read every ban there is.
func banned(mailboxes, domains, address string) string {
	stands := `b.lifted_at IS NULL AND b.until > n.now)`
	return `(EXISTS (SELECT FROM bans b WHERE b.mailbox = ANY (` + mailboxes + `) AND ` + stands + `
			OR EXISTS (SELECT FROM bans b WHERE b.domain = ANY (` + domains + `) AND ` + stands + `
			OR EXISTS (SELECT FROM bans b WHERE b.network >>= ` + address + ` AND ` + stands + `)`
}

// isBanned reports whether a ban stands for an e-mail or an address, either of which may be missing.
func (s *Store) isBanned(ctx context.Context, q postgres.Querier, email string, address *netip.Addr) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT `+banned(`$1::text[]`, `$2::text[]`, `$3::inet`)+`
		FROM (SELECT coalesce($4::timestamptz, clock_timestamp()) AS now) n`, s.banKeys(email), domains(email), address, postgres.At(s.Now)).Scan(&yes)
	return yes, err
}

// banKeys are what may stand in bans.mailbox for an e-mail: the mailbox itself, or what is left of it when its data was erased.
func (s *Store) banKeys(email string) []string {
	if email == "" {
		return []string{}
	}
	box := mailbox(email)
	keys := []string{box, banHash(s.secret, box)}
	if len(s.old) > 0 {
		keys = append(keys, banHash(s.old, box))
	}
	return keys
}

// banHash is what a ban keeps of a mailbox whose data was erased.
func banHash(secret []byte, mailbox string) string {
	return "h:" + hex.EncodeToString(keyed(secret, "ban", []byte(mailbox)))
}

// network is the one an address, as it is stored, belongs to.
func network(a *netip.Addr) *netip.Prefix {
	if a == nil {
		return nil
	}
	bits := 64
	if a.Is4() {
		bits = 24
	}
	p := netip.PrefixFrom(*a, bits).Masked()
	return &p
}

// domains are the domain of an e-mail and those above it, lower case.
func domains(email string) []string {
	_, domain, _ := strings.Cut(mailbox(email), "@")
	out := []string{}
	for domain != "" {
		out = append(out, domain)
		_, domain, _ = strings.Cut(domain, ".")
	}
	return out
}
