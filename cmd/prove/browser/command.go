package browser

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rekey/cmd/prove/browser/chromium"
)

// New returns the command of this harness.
func New() *cobra.Command {
	o := Options{Loads: 5}
	command := &cobra.Command{
		Use:   "browser",
		Short: "Use the pages and the console in a real browser",
		Long: `Use the pages and the console of a running rekey dev in a headless Chromium: with and
without scripts, on a phone's and a desk's screen, by keyboard alone, in both themes,
with axe-core, with hostile names and with dead links. Print what each page weighs,
when it is first drawn, how much it moves, what axe-core finds and what is asked of
other origins. Exit with 1 and the details if a promise is broken. It needs Debian's
chromium; axe-core is fetched once from the npm registry, by its digest.`,
		Args: cobra.NoArgs,
	}
	flags := command.Flags()
	flags.StringVar(&o.Only, "only", "", "only what has this `text` in its name")
	flags.IntVar(&o.Loads, "loads", o.Loads, "how `often` each page is loaded; the first render is the median")
	flags.StringVar(&o.Pictures, "screenshots", "", "write a picture of each page on both screens and in both themes to this `folder`")
	_ = command.MarkFlagDirname("screenshots")
	command.RunE = func(*cobra.Command, []string) error { return prove(command.Context(), command.OutOrStdout(), o) }
	return command
}

func prove(ctx context.Context, out io.Writer, o Options) error {
	if o.Pictures != "" {
		if err := os.MkdirAll(o.Pictures, 0o755); err != nil { //nolint:gosec // pictures are to be shown
			return err
		}
	}
	begun := time.Now()
	report, err := Run(ctx, o)
	if err != nil {
		return err
	}
	report.Write(out)
	_, _ = fmt.Fprintf(out, "in %v\n", time.Since(begun).Round(time.Second))
	problems := slices.Concat(report.Problems(), report.Slow())
	for _, problem := range problems {
		_, _ = fmt.Fprintln(out, "  "+problem)
	}
	switch {
	case len(problems) > 0:
		return fmt.Errorf("%d promises were broken", len(problems))
	case len(report.Outcomes) == 0:
		return fmt.Errorf("nothing is called %q", o.Only)
	}
	return nil
}

// Write prints the table of figures.
func (r Report) Write(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "page\tencoded KiB\tdecoded KiB\tby kind, decoded\tanswered\tfirst render\tlayout shift\taxe light\taxe dark\telsewhere")
	pages := slices.Clone(r.Pages)
	slices.SortFunc(pages, func(a, b Page) int { return strings.Compare(a.Name, b.Name) })
	for _, p := range pages {
		figures := "\t\t\t\t\t"
		if p.Weight.Encoded > 0 {
			figures = fmt.Sprintf("%.1f\t%.1f\t%s\t%v\t%v\t%.3f", kib(p.Weight.Encoded), kib(p.Weight.Decoded), kinds(p.ByKind), p.Answered.Round(time.Millisecond), p.FirstRender.Round(time.Millisecond), p.Shift)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\n", p.Name, figures, p.Light, p.Dark, p.Elsewhere)
	}
	_ = table.Flush()
	_, _ = fmt.Fprintf(out, "%d pages and stories, %d with problems\n", len(r.Outcomes), r.broken())
}

func (r Report) broken() (n int) {
	for _, o := range r.Outcomes {
		n += min(1, len(o.Problems))
	}
	return n
}

func kinds(weights map[string]chromium.Weight) string {
	var words []string
	for kind, w := range weights {
		words = append(words, fmt.Sprintf("%s %.1f", strings.ToLower(kind), kib(w.Decoded)))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

func kib(bytes int64) float64 { return float64(bytes) / 1024 }
