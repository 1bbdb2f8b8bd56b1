package unleash

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rekey/adapters"
)

// maxBody bounds a body, packed and unpacked.
const maxBody = 100 << 10

// readJSON returns the JSON value that the client wrote, and nil for an empty
// body. Its faults come in the vendor's order: charset, encoding, length,
// JSON.
func readJSON(r *http.Request) (jsontext.Value, error) {
	media, err := mediaOf(r.Header)
	if err != nil || !media.readable {
		return nil, err
	}
	decode, ok := charsets[media.charset]
	if !ok {
		return nil, unsupported("charset", strings.ToUpper(media.charset))
	}
	encoding := strings.ToLower(r.Header.Get("Content-Encoding"))
	unpack, ok := encodings[encoding]
	if !ok {
		return nil, unsupported("content encoding", encoding)
	}
	body, err := adapters.ReadBody(r, maxBody)
	if err != nil || len(body) == 0 {
		return nil, err
	}
	if body, err = unpack(body); err != nil {
		return nil, err
	}
	text, err := decode(body)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	return adapters.ParseJSON(text)
}

// unsupported words what the vendor's parser does not take. It is a message
// alone, as all of the parser's are.
func unsupported(what, name string) error {
	return &fault{class: adapters.BadMedia, Fault: adapters.Fault{
		Status: http.StatusUnsupportedMediaType, Message: fmt.Sprintf("unsupported %s \"%s\"", what, name),
	}}
}

// encodings unpack what a Content-Encoding packed. br would need a library,
// and no client was seen to send it.
var encodings = map[string]func([]byte) ([]byte, error){
	"":         func(body []byte) ([]byte, error) { return body, nil },
	"identity": func(body []byte) ([]byte, error) { return body, nil },
	"gzip":     unpacker(gzip.NewReader),
	"deflate":  unpacker(zlib.NewReader),
}

func unpacker[R io.Reader](open func(io.Reader) (R, error)) func([]byte) ([]byte, error) {
	return func(body []byte) ([]byte, error) {
		from, err := open(bytes.NewReader(body))
		if err != nil {
			return nil, &fault{class: adapters.Malformed, Fault: adapters.Fault{
				Status: http.StatusBadRequest, Message: "incorrect header check",
			}}
		}
		return adapters.ReadAll(from, maxBody)
	}
}
