// Package comment holds what readers say under an article: how a comment comes in and why it is held, the receipt its writer keeps,
// the moderators' queue and every decision with its way back, and the threads that readers see.
//
// It must never show a held comment, an e-mail or an address to a reader: readers' pages read live_comments and nothing else. It never
// tells a banned person or a machine that it was found out, never sends a notification when a comment merely comes in, and locks no row
// that publishing an article locks.
package comment

import (
	"context"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Status is where a comment stands.
type Status string

// A pending comment waits for a decision. An approved one is what readers see, unless its writer deleted it. Rejected and spam ones are
// kept for moderators.
const (
	Pending  Status = "pending"
	Approved Status = "approved"
	Rejected Status = "rejected"
	Spam     Status = "spam"
)

// editable is how long after posting its writer may change a comment.
const editable = 10 * time.Minute

// Store is the side of those who write comments and of those who decide on them.
type Store struct {
	pool        *pgxpool.Pool
	secret, old []byte
	kept        *kept

	// Now replaces the database's clock in tests and where the demo tells its story; nil otherwise.
	Now func() time.Time

	// AlsoErase and AlsoCopy are how another room has its share in what is kept under an e-mail, in any case of its letters. AlsoErase blanks
	// it within the transaction that erases the person, after the comments and the person are locked; AlsoCopy gives it, oldest first, and is
	// also how somebody is found who never commented. Nil where no other room keeps anything.
	AlsoErase func(ctx context.Context, tx pgx.Tx, email string) error
	AlsoCopy  func(ctx context.Context, email string) ([]CopiedError, error)
}

// New makes a Store over the newsroom's pool. Receipts are keyed by secret; old is the secret before it while it is being replaced, else
// nil. The site's settings are read in the statement that reads the article, so that closing all comments acts on the very next one.
func New(pool *pgxpool.Pool, secret, old []byte) *Store {
	return &Store{pool: pool, secret: secret, old: old, kept: &kept{}}
}

// stored is the address as it is kept and compared: an IPv6 one cut to its /64, nil where there is none.
func stored(a netip.Addr) *netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.IsValid() {
		return nil
	}
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			a = p.Addr()
		}
	}
	return &a
}
