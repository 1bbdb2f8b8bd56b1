package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// severity is how bad a finding is.
type severity string

// The closed set of severities.
const (
	fine    severity = "ok"
	skipped severity = "skipped" // only by a server that runs
	warning severity = "warning"
	trouble severity = "problem"
)

// finding is what a check saw.
type finding struct {
	Check  string   `json:"check"`
	Status severity `json:"status"`
	Means  string   `json:"means"`        // what was seen, and what follows from it
	Do     string   `json:"do,omitempty"` // about it; empty if it is ok
}

// check is one line of the list. It looks at one thing and gives up when ctx ends.
type check struct {
	name string
	look func(ctx context.Context, p *patient) []finding

	// apart says why a server that runs does not look at it, or is empty.
	apart string
}

// checks lists all there are. A new one is a line here.
func checks() []check {
	return []check{
		{"configuration", lookAtConfiguration, ""},
		{"attempts", lookAtAttempts, ""},
		{"database", lookAtDatabase, ""},
		{"durability", lookAtDurability, ""},
		{"connections", lookAtConnections, ""},
		{"migrations", lookAtMigrations, ""},
		{"disk", lookAtDisk, ""},
		{"clock", lookAtClock, ""},
		{"hash cost", lookAtHashCost, "it takes the processor from who is served, and is measured wrongly beside them"},
		{"workers", lookAtWorkers, ""},
		{"memory", lookAtMemory, ""},
		{"pepper", lookAtPepper, "it reads every account; the log tells at the start of keys that are missing"},
		{"mail", lookAtMail, ""},
		{"webhooks", lookAtWebhooks, ""},
		{"management", lookAtManagement, ""},
		{"audit", lookAtSeals, ""},
		{"issuers", lookAtIssuers, ""},
		{"certificate", lookAtCertificate, ""},
		{"proxies", lookAtProxies, ""},
	}
}

func newDoctor() *cobra.Command {
	p := patient{}
	var asJSON bool
	var each time.Duration
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Examine the installation, and say what to do about each finding",
		Long: `Examine what the configuration names, from this machine: the configuration itself,
the database, its durability, connections and migrations, the disk, the clock, what a
password hash costs here, workers and memory, pepper keys, mail, webhooks, the
management API and its keys, the audit trail's seals, issuers' keys, the certificate and
trusted proxies. Each finding is ok, a warning or a problem, with what it means and what
to do. Nobody is written to, and one thing is written: a beat of the database's pulse,
which shows that it takes writes and means nothing else.

It works when half of what it looks at is down, every check has its time, and it
exits with 1 if there is a problem.`,
		Example: "  rekey doctor -c rekey.yaml --replicas 3\n  rekey doctor -c rekey.yaml --json | jq '.findings[] | select(.status != \"ok\")'",
		Args:    cobra.NoArgs,
	}
	command.Flags().IntVar(&p.replicas, "replicas", 1, "how `many` servers share the database")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	command.Flags().DurationVar(&each, "timeout", 10*time.Second, "the `longest` that a check may take")
	file := configFlag(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		p.read(*file)
		stop := p.connect(command.Context(), each)
		defer stop()
		found := examine(command.Context(), &p, checks(), each)
		if err := printFindings(command.OutOrStdout(), found, asJSON); err != nil {
			return err
		}
		if n := count(found, trouble); n > 0 {
			return problemf("%d of %d findings are problems", n, len(found))
		}
		return nil
	}
	return command
}

// examine runs all checks at once and returns what they found, in their order.
func examine(ctx context.Context, p *patient, all []check, each time.Duration) []finding {
	found := make([][]finding, len(all))
	var looking sync.WaitGroup
	for i, c := range all {
		looking.Go(func() { found[i] = c.within(ctx, p, each) })
	}
	looking.Wait()
	var flat []finding
	for i, c := range all {
		for _, f := range found[i] {
			f.Check = c.name
			flat = append(flat, f)
		}
	}
	return flat
}

// within looks for at most the time. A check that does not hear its context end is
// left behind: the process ends soon.
func (c check) within(ctx context.Context, p *patient, each time.Duration) []finding {
	ctx, cancel := context.WithTimeout(ctx, each)
	defer cancel()
	done := make(chan []finding, 1)
	go func() {
		defer func() {
			if cause := recover(); cause != nil { // its text may hold anything
				done <- one(trouble, fmt.Sprintf("cannot be examined (%T): the configuration may be broken there", cause), "mend what the configuration's findings say, and look again")
			}
		}()
		done <- c.look(ctx, p)
	}()
	select {
	case found := <-done:
		return found
	case <-ctx.Done():
	}
	select { // it may have heard as well
	case found := <-done:
		return found
	case <-time.After(200 * time.Millisecond):
		return one(trouble, fmt.Sprintf("no answer within %s", each), "see what it waits for: a name that does not resolve, a firewall that drops")
	}
}

func one(s severity, means, do string) []finding { return []finding{{Status: s, Means: means, Do: do}} }

func ok(format string, args ...any) []finding { return one(fine, fmt.Sprintf(format, args...), "") }

func count(found []finding, s severity) (n int) {
	for _, f := range found {
		if f.Status == s {
			n++
		}
	}
	return n
}

func printFindings(w io.Writer, found []finding, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(map[string]any{"findings": found, "problems": count(found, trouble), "warnings": count(found, warning)})
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range found {
		say(table, "%s\t%s\t%s", f.Status, f.Check, f.Means)
		if f.Do != "" {
			say(table, "\t\t-> %s", f.Do)
		}
	}
	say(table, "%s", strings.TrimSpace(fmt.Sprintf("%d problems, %d warnings", count(found, trouble), count(found, warning))))
	return table.Flush()
}
