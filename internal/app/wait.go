package app

import (
	"context"
	"errors"
	"time"

	"stet/internal/config"
	"stet/internal/media"
	"stet/internal/postgres"
)

// Wait returns once the database answers with the schema this program is written for; until then every page answers 503. It tries for ever,
// and gives up only on what waiting won't mend: a bad address or password, a schema that is too old or too new, a bucket that isn't ours.
func (a *App) Wait(ctx context.Context) error {
	bucket := a.checkBlobs(ctx)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := a.check(ctx)
		var schema *postgres.SchemaError
		switch {
		case err == nil:
			if err := a.files(bucket); err != nil {
				return err
			}
			a.ready.Store(true)
			a.standing(ctx)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case postgres.IsHopeless(err), errors.As(err, &schema):
			return err
		}
		a.log.Warn("the database is not there yet", "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// check asks both pools, so that a role that is missing is found at start.
func (a *App) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := postgres.CheckSchema(ctx, a.staff); err != nil {
		return err
	}
	return postgres.CheckSchema(ctx, a.readers)
}

// standing warns where the database's role may do more, or the readers' pages see more, than they should.
func (a *App) standing(ctx context.Context) {
	s, err := postgres.Stand(ctx, a.staff)
	if err != nil {
		// The database may have gone again; that must not end a server that waits for it.
		a.log.Warn("can't tell what the database's role may do", "error", err)
		return
	}
	if !s.Reader {
		a.log.Warn("readers' pages run with the server's own role: a fault in a page could show a draft; grant stet_reader to it")
	}
	if s.Owner {
		a.log.Warn("the server's role owns the schema: a fault in the program could change the public record; sign in as stet_app")
	}
}

// OpenBlobs opens the place where media live.
func OpenBlobs(cfg config.Config) (media.Blobs, error) {
	if b := cfg.Bucket; b != nil {
		return media.OpenS3(media.S3Options{Bucket: b.Name, Prefix: b.Prefix, Endpoint: b.Endpoint, Secure: b.Secure, Region: b.Region, Key: b.Key, Secret: b.Secret})
	}
	return media.OpenDir(cfg.Media)
}

// bucketPatience is how long the start waits for the answer of a bucket once the database is there.
const bucketPatience = 2 * time.Second

// checkBlobs asks whether a bucket can be used and gives the channel for the answer; a directory has been opened already.
func (a *App) checkBlobs(ctx context.Context) <-chan error {
	answer := make(chan error, 1)
	bucket, ok := a.blobs.(*media.S3)
	if !ok {
		answer <- nil
		return answer
	}
	go func() { answer <- bucket.Check(ctx) }()
	return answer
}

// files waits for that answer. A bucket that is away is no reason not to serve pages; one that will never open is.
func (a *App) files(answer <-chan error) error {
	select {
	case err := <-answer:
		if errors.Is(err, media.ErrBucket) {
			return err
		}
		if err != nil {
			a.log.Warn("pictures can't be read or taken now", "error", err)
		}
	case <-time.After(bucketPatience):
		a.log.Warn("the bucket of pictures doesn't answer")
	}
	return nil
}
