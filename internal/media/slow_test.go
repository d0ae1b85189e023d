package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"

	"stet/internal/media"
)

// scans makes a JPEG of 2,048 x 2,048 whose n scans each refine nothing in every block: a few bytes for milliseconds of work.
func scans(n int) []byte {
	var b bytes.Buffer
	segment := func(marker byte, data ...byte) {
		b.Write([]byte{0xff, marker})
		b.Write(binary.BigEndian.AppendUint16(nil, uint16(len(data)+2)))
		b.Write(data)
	}
	b.Write([]byte{0xff, 0xd8})
	segment(0xc2, 8, 8, 0, 8, 0, 1, 1, 0x11, 0)                   // progressive, one component
	segment(0xc4, append([]byte{0x10, 1, 15: 0, 16: 0}, 0xe0)...) // one code, of one bit: a run of blocks that end here
	run := make([]byte, 8)                                        // four runs of 16,384 blocks each
	for range n {
		segment(0xda, 1, 1, 0, 1, 63, 0x10)
		b.Write(run)
	}
	b.Write([]byte{0xff, 0xd9})
	return b.Bytes()
}

// TestPictureThatTakesHours gives up on a picture once its time has ended, long before it is read to its end.
func TestPictureThatTakesHours(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	file := scans(20_000)
	source := &ends{Reader: bytes.NewReader(file), after: 10_000, end: cancel}
	_, err := media.Decode(ctx, source)
	if left := source.Len(); err == nil || left < len(file)-11_000 {
		t.Errorf("a picture of 20,000 scans was read on to %d of %d bytes after its time: %v", len(file)-left, len(file), err)
	}
}

// ends calls end once so many bytes were read of it.
type ends struct {
	*bytes.Reader
	after int
	end   func()
}

func (e *ends) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if e.after -= n; e.after <= 0 {
		e.end()
	}
	return n, err
}
