package main

import (
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/spf13/cobra"

	"rekey/config"
)

func newHealth() *cobra.Command {
	command := &cobra.Command{
		Use:   "health",
		Short: "Ask a running server whether it is ready",
		Long: `Ask the server that runs on this machine with the same configuration whether it
is ready, and exit with 1 if it is not: the health check of a container that has
no shell.`,
		Args: cobra.NoArgs,
	}
	return configured(command, func(cfg config.Config, _ []string) error {
		host, port, err := net.SplitHostPort(cfg.Operations.Address)
		if err != nil {
			return problemf("operations.address is empty; set it to serve health checks")
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "localhost"
		}
		url := "http://" + net.JoinHostPort(host, port) + "/readyz"
		request, err := http.NewRequestWithContext(command.Context(), http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		client := http.Client{Timeout: 2 * probePatience}
		answer, err := client.Do(request)
		if err != nil {
			return problemf("no server answers at %s: %v", url, err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1024))
		_, _ = fmt.Fprintf(command.OutOrStdout(), "%s", text)
		if answer.StatusCode != http.StatusOK {
			return problemf("not ready")
		}
		return nil
	})
}
