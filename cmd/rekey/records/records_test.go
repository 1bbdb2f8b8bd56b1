package records_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rekey/cmd/rekey/records"
	"rekey/core"
)

var dialects = []string{"licensespring", "unleash", "zap"}

func mapping(t testing.TB, texts ...string) *records.Mapping {
	t.Helper()
	m, err := records.NewMapping(texts, "", "", dialects)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// all reads everything.
func all(t testing.TB, r records.Reader) (list []records.Record, end error) {
	t.Helper()
	for {
		record, err := r.Next(context.Background())
		if err != nil {
			return list, err
		}
		list = append(list, record)
	}
}

func csvOf(t testing.TB, text string, m *records.Mapping) records.Reader {
	t.Helper()
	r, err := records.NewCSV(strings.NewReader(text), m, dialects)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const everything = "zap=_id.$oid,username=login,email=contact.mail,name=name,hash=pw,disabled=!active,created_at=at,password_changed_at=changed,unleash.role=role,tenant=org"

var ada = core.Account{
	Username: "ada", Email: "ada@x", Name: "Ada", Verifier: "h", ExternalIDs: map[string]string{"zap": "507f"}, Disabled: true,
	Attributes: map[string]string{"unleash.role": "editor"}, CreatedAt: time.Date(2020, 1, 2, 3, 4, 5, 678e6, time.UTC),
	PasswordChangedAt: time.Date(2021, 1, 2, 3, 4, 5, 0, time.UTC),
}

func TestEveryFormOfARecordMeansTheSame(t *testing.T) {
	lines := func(text string) records.Reader {
		return records.NewLines(strings.NewReader(text), mapping(t, everything))
	}
	array := func(text string) records.Reader {
		return records.NewArray(strings.NewReader(text), mapping(t, everything))
	}
	const rest = `"login":"ada","contact":{"mail":"ada@x"},"name":"Ada","pw":"h","role":"editor","org":"acme","other":[1,{"x":null}]`
	for name, r := range map[string]records.Reader{
		"mongoexport":     lines(`{"_id":{"$oid":"507f"},` + rest + `,"active":false,"at":{"$date":"2020-01-02T03:04:05.678Z"},"changed":{"$date":{"$numberLong":"1609556645000"}}}`),
		"numbers":         lines(`{"_id":"507f",` + rest + `,"active":0,"at":1577934245678,"changed":1609556645}`),
		"plain id":        lines("\ufeff" + `{"_id":{"$oid":"507f"},` + rest + `,"active":"no","at":"2020-01-02 03:04:05.678","changed":"2021-01-02T04:04:05+01:00"}`),
		"jsonArray":       array("\n[ {\"_id\":{\"$oid\":\"507f\"}," + rest + `,"active":false,"at":"2020-01-02 03:04:05.678+00","changed":1609556645}` + "\n\n]\n"),
		"CSV":             csvOf(t, "_id.$oid,login,contact.mail,name,pw,active,at,changed,role,org\n507f,ada,ada@x,Ada,h,f,1577934245678,2021-01-02 03:04:05,editor,acme\n", mapping(t, everything)),
		"CSV with quotes": csvOf(t, "\ufeff_id.$oid,login,contact.mail,name,pw,active,at,changed,role,org\r\n\"ObjectId(507f)\",\"ada\",ada@x,Ada,h,f,1577934245678,2021-01-02 03:04:05,editor,acme\r\n", mapping(t, everything)),
	} {
		list, err := all(t, r)
		if !errors.Is(err, io.EOF) || len(list) != 1 || list[0].Fault != nil || list[0].Tenant != "acme" {
			t.Errorf("%s: got %+v, %v", name, list, err)
			continue
		}
		if diff := cmp.Diff(ada, list[0].Account, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestANullIsNothing(t *testing.T) {
	list, _ := all(t, records.NewLines(strings.NewReader(`{"login":"ada","name":null,"pw":"","contact":null,"active":null}`), mapping(t, everything)))
	if diff := cmp.Diff(core.Account{Username: "ada"}, list[0].Account, cmpopts.EquateEmpty()); diff != "" || list[0].Fault != nil {
		t.Errorf("%v (-want +got):\n%s", list[0].Fault, diff)
	}
}

func TestWhatCannotBeReadIsOneRecordAndTellsNoValue(t *testing.T) {
	m := func() *records.Mapping { return mapping(t, "username=login,hash=pw,disabled=off,created_at=at") }
	for name, r := range map[string]records.Reader{
		"JSON": records.NewLines(strings.NewReader(strings.Join([]string{
			`{"login":"a"}`, `{"pw":"secret`, `{"login":"b","pw":"secret","pw":"secret"}`, `["secret"]`, `"secret"`, `null`,
			`{"login":"c","pw":["secret"]}`, `{"login":"d","pw":{"secret":"secret","x":1}}`, `{"login":"e","off":"secret"}`,
			`{"login":"f","at":"secret"}`, "{\"login\":\"g\",\"pw\":\"secret\xff\"}", `{"login":"h"} {"pw":"secret"}`,
			`{"login":"` + strings.Repeat("secret", 1<<18) + `"}`, `{"login":"z"}`,
		}, "\n")), m()),
		"CSV": csvOf(t, "login,pw,off,at\na,,,\nb,secret\nc,\"sec\"ret,,\nd,secret,secret,\ne,secret,,secret\nz,,,\n", m()),
		"own": records.NewLines(strings.NewReader("{\"username\":\"a\"}\n{\"username\":\"b\",\"password\":\"secret\"}\n{\"username\":{\"secret\":1}}\n{\"created_at\":\"secret\"}\n{\"username\":\"z\"}"), nil),
	} {
		list, err := all(t, r)
		if !errors.Is(err, io.EOF) || len(list) < 4 {
			t.Errorf("%s: %d records, then %v", name, len(list), err)
			continue
		}
		for i, record := range list {
			good := i == 0 || i == len(list)-1
			if good != (record.Fault == nil) || record.Number < 1 || strings.Contains(fmt.Sprint(record.Fault), "secret") {
				t.Errorf("%s %d: %v", name, record.Number, record.Fault)
			}
		}
		if last := list[len(list)-1]; last.Account.Username != "z" {
			t.Errorf("%s: the last is %+v", name, last)
		}
	}
}

func TestAnArrayThatBreaksOffIsAnError(t *testing.T) {
	for _, text := range []string{``, `{"login":"a"}`, `[{"login":"a"},{"login":"secret"`, `[{"login":"a"},{"login":"secret" x}]`} {
		list, err := all(t, records.NewArray(strings.NewReader(text), mapping(t, "username=login")))
		var fault *records.Fault
		if !errors.As(err, &fault) || strings.Contains(err.Error(), "secret") || len(list) > 1 {
			t.Errorf("%s: got %d records, %v", text, len(list), err)
		}
	}
}

func TestAMappingThatMeansNothingIsRefused(t *testing.T) {
	for _, c := range [][3]string{
		{"email"}, {"email="}, {"=email"}, {"password=pw"}, {"id=uid"}, {"email=!mail"}, {"Role.x=y"}, {"", "nothing"}, {"id=uid", "", "nothing"},
	} {
		if _, err := records.NewMapping([]string{c[0]}, c[1], c[2], dialects); err == nil {
			t.Errorf("NewMapping%q is taken", c)
		}
	}
	for _, c := range [][3]string{{"id=_id.$oid"}, {"id=_id."}, {"id=uid", "", "unleash"}, {"", "zap"}, {"email=mail", "unleash"}, {"a.b=c"}} {
		if _, err := records.NewMapping([]string{c[0]}, c[1], c[2], dialects); err != nil {
			t.Errorf("NewMapping%q: %v", c, err)
		}
	}
}

func TestWhatNoRecordHasIsTold(t *testing.T) {
	r := records.NewLines(strings.NewReader(`{"login":"a","x":{"y":1}}`), mapping(t, "username=login,name=x.z,email=mail,hash=x.y"))
	if _, err := all(t, r); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Missing()); got != "[x.z mail]" {
		t.Errorf("missing: %s", got)
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	a := ada
	a.ID, a.Tenant, a.Email, a.Name = "id-1", "acme", `"a,b"@Löwe`, "Ada \u2028 👩‍💻"
	a.HistorySalt, a.History = []byte{0, 1, 255}, []core.HistoryEntry{{Hash: "h2", SetAt: ada.PasswordChangedAt}, {Hash: "h1", SetAt: ada.CreatedAt}}
	a.Factor, a.TokensValidAfter = &core.Enrolment{Sealed: "k1.x", LastStep: 1 << 60}, time.Date(2026, 1, 2, 3, 4, 5, 123_456_000, time.UTC)
	bare := core.Account{ID: "id-2", Tenant: "globex", Username: "bob", CreatedAt: ada.CreatedAt}
	var lines, table bytes.Buffer
	asCSV, err := records.NewCSVWriter(&table)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []records.Writer{records.NewWriter(&lines), asCSV} {
		if err := errors.Join(w.Write(a), w.Write(bare), w.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	short := a
	short.HistorySalt, short.History, short.Factor = nil, nil, nil
	for name, c := range map[string]struct {
		r    records.Reader
		want core.Account
	}{"lines": {records.NewLines(&lines, nil), a}, "CSV": {csvOf(t, table.String(), nil), short}} {
		list, err := all(t, c.r)
		if !errors.Is(err, io.EOF) || len(list) != 2 {
			t.Fatalf("%s: %d records, %v", name, len(list), err)
		}
		for i, want := range []core.Account{c.want, bare} {
			got := list[i].Account
			got.Tenant = list[i].Tenant
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || list[i].Fault != nil {
				t.Errorf("%s: %v (-want +got):\n%s", name, list[i].Fault, diff)
			}
		}
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte(`{"_id":{"$oid":"507f"},"email":"a@x","at":{"$date":{"$numberLong":"1"}}}`))
	f.Add([]byte("[{\"email\":1},{}]"))
	f.Add([]byte("email,_id,at,off\n\"a\nb\",ObjectId(1),2020-01-01,t\n"))
	f.Add([]byte(`{"id":"1","username":"a","history":[{"hash":"h","set_at":"2020-01-01T00:00:00Z"}],"factor":{"sealed":"s","last_step":1}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		m := func() *records.Mapping {
			return mapping(t, "zap=_id.$oid,email=email,hash=pw,created_at=at,disabled=!off")
		}
		readers := []records.Reader{
			records.NewLines(bytes.NewReader(file), m()), records.NewLines(bytes.NewReader(file), nil), records.NewArray(bytes.NewReader(file), m()),
		}
		for _, given := range []*records.Mapping{nil, m()} {
			if r, err := records.NewCSV(bytes.NewReader(file), given, dialects); err == nil {
				readers = append(readers, r)
			}
		}
		for _, r := range readers {
			list, err := all(t, r)
			if err == nil || len(list) > len(file)+1 {
				t.Errorf("%d records of %d bytes, then %v", len(list), len(file), err)
			}
			for _, record := range list {
				record.Account.Tenant = record.Tenant
				var out bytes.Buffer
				if record.Fault == nil && records.NewWriter(&out).Write(record.Account) == nil {
					back, _ := all(t, records.NewLines(&out, nil))
					if len(back) != 1 || back[0].Fault != nil || back[0].Account.Verifier != record.Account.Verifier {
						t.Errorf("%+v is read back as %+v", record, back)
					}
				}
			}
		}
	})
}
