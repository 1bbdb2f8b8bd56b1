package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rekey/core"
)

// readPassword asks for a password twice on a terminal, without echo, and
// otherwise reads the first line of standard input.
func readPassword(command *cobra.Command, prompt string) (core.Password, error) {
	terminal, ok := command.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		line, err := bufio.NewReader(command.InOrStdin()).ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line == "" && (err == nil || errors.Is(err, io.EOF)) {
			return core.Password{}, problemf("no password on standard input; write it on the first line, or use --no-password")
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return core.Password{}, err
		}
		return core.NewPassword(line), nil
	}
	first, err := ask(command, terminal, prompt)
	if err != nil {
		return core.Password{}, err
	}
	second, err := ask(command, terminal, prompt+" again")
	if err != nil {
		return core.Password{}, err
	}
	if !first.Equal(second) {
		return core.Password{}, problemf("the two passwords differ; nothing was done")
	}
	return first, nil
}

func ask(command *cobra.Command, terminal *os.File, prompt string) (core.Password, error) {
	_, _ = io.WriteString(command.ErrOrStderr(), prompt+": ")
	text, err := term.ReadPassword(int(terminal.Fd()))
	say(command.ErrOrStderr(), "")
	return core.NewPassword(string(text)), err
}
