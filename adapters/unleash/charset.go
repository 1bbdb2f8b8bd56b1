package unleash

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"rekey/adapters"
)

// charsets decode a body to UTF-8 and drop its byte order mark.
var charsets = map[string]func([]byte) ([]byte, error){
	"utf-8":    func(body []byte) ([]byte, error) { return bytes.TrimPrefix(body, []byte("\ufeff")), nil },
	"utf-16":   func(body []byte) ([]byte, error) { return decodeUTF16(body, orderOf(body)) },
	"utf-16le": func(body []byte) ([]byte, error) { return decodeUTF16(body, binary.LittleEndian) },
	"utf-16be": func(body []byte) ([]byte, error) { return decodeUTF16(body, binary.BigEndian) },
}

// orderOf tells the order by the first character, which is ASCII or the byte
// order mark in all JSON.
func orderOf(body []byte) binary.ByteOrder {
	if bytes.HasPrefix(body, []byte{0}) || bytes.HasPrefix(body, []byte{0xfe}) {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// decodeUTF16 refuses half of a surrogate pair or of a unit: replacing it
// would change a password.
func decodeUTF16(body []byte, order binary.ByteOrder) ([]byte, error) {
	var text []byte
	for at := 0; at < len(body); at += 2 {
		r, half := rune(utf8.RuneError), true
		if at+2 <= len(body) {
			r = rune(order.Uint16(body[at:]))
			half = utf16.IsSurrogate(r)
		}
		if half && at+4 <= len(body) {
			r = utf16.DecodeRune(r, rune(order.Uint16(body[at+2:])))
			half = r == utf8.RuneError
			at += 2
		}
		if half {
			return nil, &adapters.MalformedJSON{Offset: int64(len(text)), Reason: adapters.JSONEncoding}
		}
		text = utf8.AppendRune(text, r)
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), nil
}
