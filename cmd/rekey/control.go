package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"rekey/config/load"
)

const (
	// maxControl bounds what either side of the socket reads, in bytes.
	maxControl = 8 << 20
	// controlPatience bounds how long a command waits for the server.
	controlPatience = 30 * time.Second
)

// comparison is a configuration to be held to the one that runs. Its secrets are
// digests under a salt that is used once.
type comparison struct {
	Salt   []byte                `json:"salt"`
	Values map[string]load.Shown `json:"values"`
}

// control serves the commands of the server's own user.
func (s *server) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /reload", func(w http.ResponseWriter, r *http.Request) {
		replyJSON(w, s.renew(r.Context(), "rekey reload"))
	})
	mux.HandleFunc("POST /compare", func(w http.ResponseWriter, r *http.Request) {
		var other comparison
		if err := json.NewDecoder(io.LimitReader(r.Body, maxControl)).Decode(&other); err != nil || len(other.Salt) < 16 {
			tell(w, "no configuration to compare", http.StatusBadRequest)
			return
		}
		g := s.now()
		found := load.Diff(load.Snapshot(&g.source.given, other.Salt), other.Values)
		g.log.Info("the configuration is compared", "generation", g.number, "differences", len(found))
		replyJSON(w, found)
	})
	return safe(mux)
}

func replyJSON(w http.ResponseWriter, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		tell(w, "internal error", http.StatusInternalServerError)
		return
	}
	reply(w, "application/json; charset=utf-8", http.StatusOK, body)
}

// consult sends a command to the server behind one of the sockets, and reads its
// answer.
func consult(ctx context.Context, sockets []string, path string, question, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, controlPatience)
	defer cancel()
	conn, err := dialFirst(ctx, sockets)
	if err != nil {
		return problemf("no running server is found: %v; is it up, and does it run with the same --config? "+
			"Name its socket by --socket, as its log does, or send it SIGHUP", err)
	}
	defer func() { _ = conn.Close() }()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}}
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://rekey"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return problemf("the running server does not answer: %v", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return problemf("the running server answers %s; is it of another version?", response.Status)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxControl)).Decode(answer); err != nil {
		return problemf("the running server's answer is not understood: %v", err)
	}
	return nil
}

// dialFirst connects to the first socket that a server listens on.
func dialFirst(ctx context.Context, sockets []string) (net.Conn, error) {
	problems := []error{}
	for _, path := range sockets {
		err := socketAt(path)
		if err == nil {
			var conn net.Conn
			if conn, err = (&net.Dialer{}).DialContext(ctx, "unix", path); err == nil {
				return conn, nil
			}
		}
		problems = append(problems, err)
	}
	if len(sockets) == 0 {
		return nil, errors.New("operations.socket is empty")
	}
	return nil, errors.Join(problems...)
}
