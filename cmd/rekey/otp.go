package main

import (
	"net/url"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/spf13/cobra"

	"rekey/core"
)

func newAccountOTP() *cobra.Command {
	command := &cobra.Command{Use: "otp", Short: "Enroll and remove an account's one-time codes", Args: cobra.NoArgs, RunE: help}
	command.AddCommand(newOTPEnroll(), newOTPRemove())
	return command
}

func newOTPEnroll() *cobra.Command {
	var issuer string
	command := &cobra.Command{
		Use:   "enroll ACCOUNT",
		Short: "Enroll a one-time-password app, and show its QR code",
		Long: `Enroll a one-time-password app (TOTP) for the account, in place of any it had.
The QR code for the app is shown on standard error, and the otpauth:// address
that it holds is printed on standard output. They can't be shown again, and
whoever sees them can make the account's codes.

The secret is kept encrypted under the active key of the section sealing.`,
		Example: `  rekey account otp enroll -t acme ada --issuer 'Acme Support'`,
		Args:    cobra.ExactArgs(1),
	}
	command.Flags().StringVar(&issuer, "issuer", "", "the `name` that the app shows; the tenant's unless set")
	return directoryCommand(command, func(i *installation, tenant core.TenantID, args []string) error {
		if !i.cfg.Sealing.Configured() {
			return problemf("sealing.keys: add a key that secrets are encrypted under; config/example.yaml has a sample")
		}
		if issuer == "" {
			issuer = string(tenant)
		}
		secret, account, err := i.passwords.EnrolFactor(command.Context(), tenant, named(args[0]), operator(), byOperator)
		if err != nil {
			return err
		}
		uri := otpauth(issuer, account, secret)
		code, err := qrCode(uri)
		if err != nil { // the account is enrolled: the address will do
			code = "no QR code: " + err.Error() + "\n"
		}
		say(command.ErrOrStderr(), "%s", code)
		say(command.OutOrStdout(), "%s", uri)
		return nil
	})
}

func newOTPRemove() *cobra.Command {
	command := &cobra.Command{
		Use:   "remove ACCOUNT",
		Short: "Remove the account's one-time-password app",
		Args:  cobra.ExactArgs(1),
	}
	return directoryCommand(command, func(i *installation, tenant core.TenantID, args []string) error {
		a, err := i.passwords.RemoveFactor(command.Context(), tenant, named(args[0]), operator(), byOperator)
		if core.CodeOf(err) == core.Invalid {
			return problemf("the account has no one-time-password app; nothing was done")
		}
		if err != nil {
			return err
		}
		if err := i.show(command, a); err != nil {
			return err
		}
		return nil
	})
}

// otpauth returns the address that authenticator apps read
// (github.com/google/google-authenticator/wiki/Key-Uri-Format). A colon parts
// the issuer from the account, so neither name may keep its own.
func otpauth(issuer string, a core.Account, secret core.Secret) string {
	name := a.Email
	if name == "" {
		name = a.Username
	}
	// Some apps show the '+' that stands for a space in a query.
	escape := func(text string) string {
		return strings.ReplaceAll(url.QueryEscape(strings.ReplaceAll(text, ":", " ")), "+", "%20")
	}
	return "otpauth://totp/" + escape(issuer) + ":" + escape(name) + "?secret=" + secret.Reveal() +
		"&issuer=" + escape(issuer) + "&algorithm=SHA1&digits=6&period=30"
}

// quiet is the margin around a code, in modules (ISO/IEC 18004, section 9.1).
const quiet = 4

// qrCode draws the text for a terminal, two modules above each other in a
// character. A screen needs the least error correction only.
func qrCode(text string) (string, error) {
	code, err := qr.Encode(text, qr.L, qr.Unicode)
	if err != nil {
		return "", err
	}
	size := code.Bounds().Dx()
	light := func(x, y int) bool {
		if x < 0 || y < 0 || x >= size || y >= size {
			return true
		}
		r, _, _, _ := code.At(x, y).RGBA()
		return r != 0
	}
	var out strings.Builder
	for y := -quiet; y < size+quiet; y += 2 {
		out.WriteString("\x1b[97;40m") // bright white on black, whatever the terminal's colours are
		for x := -quiet; x < size+quiet; x++ {
			out.WriteString(halfBlocks[light(x, y)][light(x, y+1)])
		}
		out.WriteString("\x1b[0m\n")
	}
	return out.String(), nil
}

// halfBlocks draw two modules, the upper and the lower, by whether each is light.
var halfBlocks = map[bool]map[bool]string{
	true:  {true: "█", false: "▀"},
	false: {true: "▄", false: " "},
}
