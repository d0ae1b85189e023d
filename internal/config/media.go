package config

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// Bucket is a place for media in S3, or in what speaks its language.
type Bucket struct {
	Name, Prefix string // Prefix has no slash at either end; empty: none
	Endpoint     string // host, or host:port
	Secure       bool   // TLS
	Region       string // empty: asked of the server
	Key, Secret  string
}

const mediaForms = "must be file:///a/directory or s3://bucket?endpoint=https://host&region=name"

// media reads where the bytes of media live: a directory, or a bucket with its keys.
func (l *loader) media(data string) (string, *Bucket) {
	value, key, secret := l.get("STET_MEDIA", ""), l.get("STET_S3_KEY", ""), l.get("STET_S3_SECRET", "")
	u, err := url.Parse(value)
	if err == nil && u.Scheme == "s3" {
		return "", l.bucket(u, key, secret)
	}
	if key != "" || secret != "" {
		l.fault("STET_S3_KEY", "and STET_S3_SECRET have a use only where STET_MEDIA names a bucket: s3://…")
	}
	if value == "" {
		return filepath.Join(data, "media"), nil
	}
	dir, isFile := strings.CutPrefix(value, "file://")
	if !isFile || dir == "" {
		l.fault("STET_MEDIA", "is %q and %s", value, mediaForms)
	}
	return dir, nil
}

// bucket reads s3://NAME/PREFIX?endpoint=HOST&region=REGION. Without an endpoint it is Amazon's.
func (l *loader) bucket(u *url.URL, key, secret string) *Bucket {
	q := u.Query()
	b := &Bucket{Name: u.Host, Prefix: strings.Trim(u.Path, "/"), Endpoint: "s3.amazonaws.com", Secure: true, Region: q.Get("region"), Key: key, Secret: secret}
	for name := range q {
		if !slices.Contains([]string{"endpoint", "region"}, name) {
			l.fault("STET_MEDIA", "has a parameter %q and knows endpoint and region", name)
		}
	}
	if b.Name == "" || u.User != nil || strings.Contains(b.Prefix, "..") {
		l.fault("STET_MEDIA", mediaForms)
	}
	if at := q.Get("endpoint"); at != "" {
		b.Endpoint = strings.TrimPrefix(at, "https://")
		if plain, ok := strings.CutPrefix(at, "http://"); ok {
			b.Endpoint, b.Secure = plain, false
		}
		b.Endpoint = strings.TrimSuffix(b.Endpoint, "/")
		if end, err := url.Parse("//" + b.Endpoint); err != nil || end.Host != b.Endpoint || end.Hostname() == "" {
			l.fault("STET_MEDIA", "has an endpoint %q that is none: a host, or https://host:port", at)
		}
	}
	if key == "" || secret == "" {
		l.fault("STET_S3_KEY", "and STET_S3_SECRET must both be set where STET_MEDIA names a bucket")
	}
	return b
}
