package licensespring

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// maxSkew is how far the Date header may lie from the server's clock. The
// vendor documents 15 minutes for the past; the future is our choice.
const maxSkew = 15 * time.Minute

// dateLayout is an IMF-fixdate (RFC 9110, section 5.6.7). It also reads a day
// without its leading zero, as the vendor's PHP client writes it.
const dateLayout = "Mon, 2 Jan 2006 15:04:05 GMT"

// signature is what a request's headers say of its sender.
type signature struct {
	apiKey string
	date   string // exactly as received: the vendor signs these bytes
	mac    []byte
}

// Sign returns the Date and Authorization headers of a request sent at now.
func Sign(apiKey, sharedKey string, now time.Time) (date, authorization string) {
	date = now.UTC().Format(http.TimeFormat)
	mac := base64.StdEncoding.EncodeToString(sum(sharedKey, date))
	return date, `algorithm="hmac-sha256",headers="date",signature="` + mac + `",apikey="` + apiKey + `"`
}

// by reports whether the signature was made with sharedKey, in constant time.
func (s signature) by(sharedKey string) bool { return hmac.Equal(s.mac, sum(sharedKey, s.date)) }

// sum is the documented signature, before Base64. The key's characters are the
// key: it looks like Base64, and is not decoded.
func sum(sharedKey, date string) []byte {
	mac := hmac.New(sha256.New, []byte(sharedKey))
	mac.Write([]byte("licenseSpring\ndate: " + date))
	return mac.Sum(nil)
}

// readDate returns the Date header as it was received. It fails unless that
// and the Authorization header are there once.
func readDate(h http.Header) (string, error) {
	dates, authorizations := h.Values("Date"), h.Values("Authorization")
	if strings.Join(dates, "") == "" || strings.Join(authorizations, "") == "" {
		return "", missingHeaders
	}
	if len(dates) > 1 || len(authorizations) > 1 {
		return "", invalidHeaders
	}
	return dates[0], nil
}

// timely reports whether the date is one, and within the skew.
func timely(date string, now time.Time) bool {
	at, err := time.Parse(dateLayout, date)
	return err == nil && now.Sub(at).Abs() <= maxSkew
}

// readSignature reads the Authorization header and judges all that needs no
// key. Both headers are there once.
func readSignature(h http.Header, date string, now time.Time) (signature, error) {
	params, ok := parseAuthorization(h.Get("Authorization"))
	if !ok {
		return signature{}, invalidHeaders
	}
	if absent := params.absent("algorithm", "headers", "signature", "apikey"); len(absent) > 0 {
		return signature{}, missingAuthorization.listing(absent)
	}
	mac, err := base64.StdEncoding.Strict().DecodeString(params["signature"])
	switch {
	case !strings.EqualFold(params["algorithm"], "hmac-sha256"):
		return signature{}, hmacRequired
	case !strings.EqualFold(params["headers"], "date"):
		return signature{}, invalidHeaders
	case !timely(date, now):
		return signature{}, dateDiff
	case err != nil:
		return signature{}, signatureMismatch
	}
	return signature{apiKey: params["apikey"], date: date, mac: mac}, nil
}

// parameters of an Authorization header, by their names in lower case.
type parameters map[string]string

// parseAuthorization reads name="value" pairs between commas, in any order and
// with any case of the names: the vendor's clients write apikey and apiKey,
// with and without a space after the comma. A comma inside quotes does not
// separate. A name that stands twice makes the header malformed.
func parseAuthorization(header string) (parameters, bool) {
	params := parameters{}
	for rest := header; ; {
		name, after, ok := strings.Cut(rest, "=")
		name = strings.ToLower(strings.Trim(name, " \t"))
		after, quoted := strings.CutPrefix(strings.TrimLeft(after, " \t"), `"`)
		value, after, closed := strings.Cut(after, `"`)
		if _, twice := params[name]; !ok || !quoted || !closed || twice || name == "" || strings.ContainsAny(name, " \t\",") {
			return nil, false
		}
		params[name] = value
		if after = strings.TrimLeft(after, " \t"); after == "" {
			return params, true
		}
		if rest, ok = strings.CutPrefix(after, ","); !ok {
			return nil, false
		}
	}
}

// absent returns the names that have no value.
func (p parameters) absent(names ...string) []string {
	var absent []string
	for _, name := range names {
		if p[name] == "" {
			absent = append(absent, name)
		}
	}
	return absent
}
