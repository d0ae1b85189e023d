package media

import (
	"context"
	"image"
	"io"
)

// Decode reads a JPEG.
func Decode(ctx context.Context, f io.ReadSeeker) (image.Image, error) {
	return decode(ctx, formats["image/jpeg"], f)
}
