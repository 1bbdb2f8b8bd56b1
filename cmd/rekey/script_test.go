package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rekey/adapters/mail/mailtest"
	"rekey/cmd/receiver/inbox"
)

func TestMain(m *testing.M) {
	mailtest.Main()
	testscript.Main(m, map[string]func(){"rekey": main, "receiver": receiver})
}

// TestScripts runs what an operator types. A script has three free addresses,
// $CLIENTS, $OPERATIONS and $HOOKS, the receiver of webhooks, and `eventually
// PROGRAM`, which runs a program until it succeeds. `vendors` makes what [vendors]
// does and sets $UNLEASH. `tamper FILE SQL` alters one row of a SQLite file.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("they start some hundred programs, which takes too long under the race detector")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("CLIENTS", freeAddress(t))
			env.Setenv("OPERATIONS", freeAddress(t))
			env.Setenv("HOOKS", freeAddress(t))
			env.Setenv("GORACE", "atexit_sleep_ms=0") // or every program sleeps for 1 s at its end
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"eventually": untilItSucceeds, "vendors": vendorsCommand(t), "page": pageCommand(t), "sample": sampleCommand(t), "database": databaseCommand(t),
			"setfrom": setFrom, "tamper": tamper,
		},
		Condition: hasPostgres,
	})
}

// receiver is cmd/receiver.
func receiver() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := inbox.Command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "receiver: "+err.Error())
		os.Exit(1)
	}
}

func untilItSucceeds(ts *testscript.TestScript, _ bool, command []string) {
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := ts.Exec(command[0], command[1:]...)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("still failing: %v: %v", command, err)
		}
	}
}

func tamper(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0])+"?_pragma=busy_timeout(5000)")
	ts.Check(err)
	defer func() { _ = db.Close() }()
	result, err := db.ExecContext(context.Background(), args[1])
	ts.Check(err)
	if n, _ := result.RowsAffected(); n != 1 {
		ts.Fatalf("%d rows are altered, want 1", n)
	}
}

// freeAddress returns an address that nobody listens on. Its port is none of those that
// the system gives away by itself, or it could do so before the address is used.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)))
		if err == nil {
			defer func() { _ = listener.Close() }()
			return listener.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}
