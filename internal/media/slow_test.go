package media_test

import (
	"bytes"
	"encoding/binary"
	"testing"
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

// TestPictureThatTakesHours is refused once its processor time is spent.
func TestPictureThatTakesHours(t *testing.T) {
	t.Parallel()
	store, _, _ := library(t)
	_, err := store.Prepare(t.Context(), upload("a.jpg", scans(20_000)))
	refusedFor(t, err, "media.file.slow")
}
