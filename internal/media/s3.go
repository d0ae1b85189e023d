package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"stet/internal/fault"
)

// S3Options say where a bucket is and who asks.
type S3Options struct {
	Bucket, Prefix string // Prefix stands before every name, as a folder; empty: none
	Endpoint       string // host, or host:port
	Secure         bool
	Region         string // empty: asked of the server
	Key, Secret    string
}

// S3 is Blobs in a bucket, under the names that Dir gives files: a directory and a bucket can be copied into one another as they are.
type S3 struct {
	o      S3Options
	client minio.Core
}

var _ Blobs = (*S3)(nil)

// Limits of the traffic with a bucket.
const (
	s3Part    = 5 << 20          // what is held in memory of a file on its way in; the least that S3 takes as a part
	s3Tries   = 3                // of one request
	s3Silence = 15 * time.Second // how long an answer, or the next bytes of one, may stay away
	s3Upload  = 20 * time.Minute
	s3Hosts   = 32 // connections kept
)

// OpenS3 uses a bucket. It connects to nothing: Check does.
func OpenS3(o S3Options) (*S3, error) {
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: s3Silence,
		MaxIdleConns:          s3Hosts, MaxIdleConnsPerHost: s3Hosts, IdleConnTimeout: time.Minute,
		DisableCompression: true, // what is asked for is wanted as it is stored
	}
	client, err := minio.NewCore(o.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(o.Key, o.Secret, ""), Secure: o.Secure, Region: o.Region,
		Transport: transport, MaxRetries: s3Tries})
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", o.Bucket, err)
	}
	return &S3{o: o, client: *client}, nil
}

// ErrBucket is what Check says of a bucket that waiting won't bring: it isn't there, or these keys don't open it.
var ErrBucket = errors.New("no such bucket for these keys")

// Check asks whether the bucket can be used. ErrBucket says no; any other error says that it couldn't be asked.
func (b *S3) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s3Silence)
	defer cancel()
	there, err := b.client.BucketExists(ctx, b.o.Bucket)
	answer := minio.ToErrorResponse(err)
	switch {
	case err == nil && there:
		return nil
	case err == nil, answer.StatusCode == http.StatusForbidden, answer.StatusCode == http.StatusNotFound, answer.Code == minio.InvalidBucketName:
		return fmt.Errorf("bucket %s at %s: %w: see STET_MEDIA, STET_S3_KEY and STET_S3_SECRET", b.o.Bucket, b.o.Endpoint, ErrBucket)
	}
	return fmt.Errorf("bucket %s at %s: %w", b.o.Bucket, b.o.Endpoint, err)
}

// object is the name of a file in the bucket. What would lead out of its key's folder names nothing.
func (b *S3) object(key, name string) (string, error) {
	for _, part := range []string{key, name} {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, `/\`) {
			return "", fs.ErrNotExist
		}
	}
	return path.Join(b.o.Prefix, folder(key), name), nil
}

// incoming notes that what is to be stored broke off. The library takes io.ErrUnexpectedEOF, with which a broken upload ends, for the end of
// the file.
type incoming struct {
	r   io.Reader
	err error
}

var errBroken = errors.New("what was to be stored broke off")

func (s *incoming) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // io.Reader promises io.EOF itself
		s.err = err
		return n, errBroken
	}
	return n, err
}

// Put implements Blobs. A small file goes in one request, a large one in parts of which one is held in memory.
func (b *S3) Put(ctx context.Context, key, name string, r io.Reader) error {
	err := b.put(ctx, key, name, r)
	if err != nil {
		return fmt.Errorf("put %s/%s: %w", key, name, err)
	}
	return nil
}

func (b *S3) put(ctx context.Context, key, name string, r io.Reader) error {
	object, err := b.object(key, name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s3Upload)
	defer cancel()
	src := &incoming{r: r}
	var head bytes.Buffer
	n, err := io.CopyN(&head, src, s3Part)
	switch {
	case errors.Is(err, io.EOF):
		// Of nothing the signed end of a stream would come too: some servers have answered by then and take it for the next request.
		_, err = b.client.Client.PutObject(ctx, b.o.Bucket, object, &head, n, minio.PutObjectOptions{ContentType: types[path.Ext(name)], DisableContentSha256: n == 0})
	case err == nil:
		_, err = b.client.Client.PutObject(ctx, b.o.Bucket, object, io.MultiReader(&head, src), -1,
			minio.PutObjectOptions{ContentType: types[path.Ext(name)], PartSize: s3Part})
	}
	if src.err != nil {
		return src.err
	}
	return away(err)
}

// away marks what says nothing of the request but that the bucket can't take it now.
func away(err error) error {
	if err == nil {
		return nil
	}
	answer := minio.ToErrorResponse(err)
	if answer.StatusCode == 0 || answer.StatusCode >= http.StatusInternalServerError || answer.StatusCode == http.StatusTooManyRequests {
		return errors.Join(fault.Unavailable, err)
	}
	return err
}

// Open implements Blobs. The file is on its way at once; another place in it is asked for anew.
func (b *S3) Open(ctx context.Context, key, name string) (io.ReadSeekCloser, error) {
	object, err := b.object(key, name)
	if err != nil {
		return nil, err
	}
	f := &s3File{ctx: ctx, b: b, object: object}
	if err := f.get(0); err != nil {
		return nil, err
	}
	return f, nil
}

// s3File is a file of a bucket, read from where it is wanted.
type s3File struct {
	ctx    context.Context // of who opened it: an io.Reader has none of its own
	b      *S3
	object string
	size   int64
	etag   string
	at     int64 // where the next Read begins
	body   io.ReadCloser
	from   int64 // where the next byte of body stands
	cancel context.CancelFunc
	silent *time.Timer // ends a request of which nothing comes
}

// get asks for the file from an offset on; the same file as before, where it was asked for before.
func (f *s3File) get(from int64) error {
	var o minio.GetObjectOptions
	if from > 0 {
		if err := errors.Join(o.SetRange(from, 0), o.SetMatchETag(f.etag)); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(f.ctx)
	body, info, _, err := f.b.client.GetObject(ctx, f.b.o.Bucket, f.object, o)
	if err != nil {
		cancel()
		if answer := minio.ToErrorResponse(err); answer.StatusCode == http.StatusNotFound && answer.Code != minio.NoSuchBucket {
			return errors.Join(fs.ErrNotExist, err)
		}
		return away(err)
	}
	if f.etag == "" {
		f.etag, f.size = info.ETag, info.Size
	}
	f.body, f.from, f.cancel = body, from, cancel
	f.silent = time.AfterFunc(s3Silence, cancel)
	f.silent.Stop()
	return nil
}

// Read implements io.Reader.
func (f *s3File) Read(p []byte) (int, error) {
	if f.at >= f.size {
		return 0, io.EOF
	}
	if f.body != nil && f.from != f.at {
		f.drop()
	}
	if f.body == nil {
		if err := f.get(f.at); err != nil {
			return 0, err
		}
	}
	f.silent.Reset(s3Silence)
	n, err := f.body.Read(p)
	f.silent.Stop()
	f.from += int64(n)
	f.at = f.from
	if errors.Is(err, io.EOF) && f.at < f.size {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Seek implements io.Seeker and asks nobody.
func (f *s3File) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek before the start: %w", fs.ErrInvalid)
	}
	f.at = offset
	return offset, nil
}

// drop ends the request under way.
func (f *s3File) drop() {
	f.silent.Stop()
	f.cancel()
	f.body.Close()
	f.body = nil
}

// Close implements io.Closer.
func (f *s3File) Close() error {
	if f.body != nil {
		f.drop()
	}
	return nil
}

// Remove implements Blobs.
func (b *S3) Remove(ctx context.Context, key string) error {
	if err := b.strip(ctx, key, ""); err != nil {
		return fmt.Errorf("remove %s: %w", key, err)
	}
	return nil
}

// Strip implements Blobs.
func (b *S3) Strip(ctx context.Context, key, kept string) error {
	if err := b.strip(ctx, key, kept); err != nil {
		return fmt.Errorf("strip %s: %w", key, err)
	}
	return nil
}

func (b *S3) strip(ctx context.Context, key, kept string) error {
	object, err := b.object(key, "x")
	if err != nil {
		return err
	}
	return b.list(ctx, path.Dir(object)+"/", func(o minio.ObjectInfo) error {
		if path.Base(o.Key) == kept {
			return nil
		}
		// One by one: not every server has the request that deletes many.
		return away(b.client.Client.RemoveObject(ctx, b.o.Bucket, o.Key, minio.RemoveObjectOptions{}))
	})
}

// list calls do for every object whose name begins with prefix.
func (b *S3) list(ctx context.Context, prefix string, do func(minio.ObjectInfo) error) error {
	ctx, cancel := context.WithCancel(ctx) // or what is not read to its end would wait for ever
	defer cancel()
	for o := range b.client.ListObjectsIter(ctx, b.o.Bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return away(o.Err)
		}
		if err := do(o); err != nil {
			return err
		}
	}
	return nil
}

// Walk implements Blobs.
func (b *S3) Walk(ctx context.Context, do func(Blob) error) error {
	prefix := b.o.Prefix
	if prefix != "" {
		prefix += "/"
	}
	err := b.list(ctx, prefix, func(o minio.ObjectInfo) error {
		if blob, ok := BlobAt(strings.TrimPrefix(o.Key, prefix), o.Size); ok {
			return do(blob)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("walk bucket %s: %w", b.o.Bucket, err)
	}
	return nil
}
