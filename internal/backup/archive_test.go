package backup

import (
	"archive/tar"
	"bytes"
	"testing"
)

// A dump's head is put in front of it once its size is known: it must be one block, whatever the size.
func TestTheHeadOfADumpIsOneBlock(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, 1, 8 << 30, 8<<30 - 1, 1 << 45} {
		head, err := header(dumpName, size)
		if err != nil || len(head) != block {
			t.Fatalf("%d bytes: a head of %d, %v", size, len(head), err)
		}
		h, err := tar.NewReader(bytes.NewReader(head)).Next()
		if err != nil || h.Name != dumpName || h.Size != size {
			t.Errorf("%d bytes: read %+v, %v", size, h, err)
		}
	}
}
