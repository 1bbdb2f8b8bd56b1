package inbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"
)

// Command returns the program.
func Command() *cobra.Command {
	var address string
	var files []string
	var keep time.Duration
	command := &cobra.Command{
		Use:   "receiver",
		Short: "Receive rekey's webhooks, and print each event once",
		Long: `Receive rekey's webhooks at any path, verify them, and print each event once, as a
line of JSON with its webhook-id. The secrets are read from files, each whsec_ and
base64 as in webhooks.endpoints.NAME.secrets; with several, one of them must fit.`,
		Example: `  echo whsec_$(openssl rand -base64 32) > secret
  receiver --addr 127.0.0.1:9000 --secret-file secret`,
		Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
	}
	flags := command.Flags()
	flags.StringVar(&address, "addr", "127.0.0.1:9000", "listen on this `host:port`")
	flags.StringSliceVar(&files, "secret-file", nil, "read a secret from this `file`; may be repeated")
	flags.DurationVar(&keep, "keep", 48*time.Hour, "know the ids of events for so `long`")
	_ = command.MarkFlagRequired("secret-file")
	command.RunE = func(command *cobra.Command, _ []string) error {
		var secrets []string
		for _, file := range files {
			content, err := os.ReadFile(file) //nolint:gosec // whoever runs the program names it
			if err != nil {
				return err
			}
			secrets = append(secrets, string(content))
		}
		inbox, err := New(secrets, keep, time.Now, printer(command))
		if err != nil {
			return err
		}
		return serve(command, address, inbox)
	}
	return command
}

// printer returns what prints events, one at a time.
func printer(command *cobra.Command) func(string, Event) error {
	var mu sync.Mutex
	lines := json.NewEncoder(command.OutOrStdout())
	return func(id string, e Event) error {
		mu.Lock()
		defer mu.Unlock()
		return lines.Encode(struct {
			ID string `json:"webhook_id"`
			Event
		}{id, e})
	}
}

// patience bounds a request, and the end.
const patience = 10 * time.Second

// serve serves until the command's context ends.
func serve(command *cobra.Command, address string, h http.Handler) error {
	ctx := command.Context()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadTimeout: patience, WriteTimeout: patience, MaxHeaderBytes: 16 << 10}
	_, _ = fmt.Fprintf(command.ErrOrStderr(), "receiving at http://%s\n", listener.Addr())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	if err := server.Close(); err != nil {
		return err
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
