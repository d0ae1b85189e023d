package media

import (
	"bytes"
	"encoding/binary"
	"io"
)

// orientation is how a camera was held, as the Exif data of a JPEG says: 1 upright, 2 to 8 as the standard numbers them. Whatever
// can't be read is 1: a picture with odd metadata is still a picture.
func orientation(r io.Reader) int {
	var marker [4]byte
	if _, err := io.ReadFull(r, marker[:2]); err != nil || marker[0] != 0xff || marker[1] != 0xd8 {
		return 1
	}
	for {
		if _, err := io.ReadFull(r, marker[:]); err != nil || marker[0] != 0xff || marker[1] == 0xda {
			return 1
		}
		size := int64(binary.BigEndian.Uint16(marker[2:])) - 2
		if size < 0 {
			return 1
		}
		segment := io.LimitReader(r, size)
		if marker[1] == 0xe1 {
			data, err := io.ReadAll(segment)
			if err != nil {
				return 1
			}
			if tiff, ok := bytes.CutPrefix(data, []byte("Exif\x00\x00")); ok {
				return tiffOrientation(tiff)
			}
			continue
		}
		if _, err := io.Copy(io.Discard, segment); err != nil {
			return 1
		}
	}
}

// tiffOrientation reads tag 0x0112 of the first directory.
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	entries := int64(order.Uint16(b[at:]))
	for i := range entries {
		e := at + 2 + 12*i
		if e+12 > int64(len(b)) {
			return 1
		}
		if order.Uint16(b[e:]) != 0x0112 {
			continue
		}
		if v := int(order.Uint16(b[e+8:])); v >= 1 && v <= 8 {
			return v
		}
		return 1
	}
	return 1
}
