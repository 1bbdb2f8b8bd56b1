package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"rekey/store"
)

func lookAtDatabase(ctx context.Context, p *patient) []finding {
	if p.unborn() {
		return one(warning, "the SQLite file does not exist", "see that store.dsn names the right one; the first start makes it")
	}
	if p.err != nil {
		return one(trouble, "cannot be asked: "+advice(p.err), "see that it runs, that store.dsn is right and that its password is; without it every change is answered 503")
	}
	if p.facts.Standby {
		return one(trouble, p.facts.Product+" is a standby, which takes no writes", "name all servers in store.dsn with target_session_attrs=read-write")
	}
	if len(p.facts.Pending) > 0 {
		return ok("%s answers", p.facts.Product) // what is written to may not be there yet
	}
	if err := p.db.Writable(ctx); err != nil {
		return one(trouble, p.facts.Product+" answers, and cannot be written: "+advice(err), "see its disk, its rights, and whether it is read-only")
	}
	return ok("%s answers and takes writes", p.facts.Product)
}

// lookAtDurability tells what an acknowledged change is worth.
func lookAtDurability(_ context.Context, p *patient) []finding {
	if path, isFile := store.FileOf(p.cfg.Store.DSN.Reveal()); isFile {
		if kind := networkFileSystem(filepath.Dir(path)); kind != "" {
			return one(trouble, "the SQLite file lies on "+kind+": locks do not hold there, and the database can be ruined", "move it to a local disk, or use PostgreSQL")
		}
		return ok("every commit is forced to a local disk")
	}
	if p.err != nil {
		return p.skipped()
	}
	var found []finding
	for name, what := range map[string]string{
		"fsync": "a crash of the machine can ruin the database", "full_page_writes": "a crash of the machine can ruin pages",
		"synchronous_commit": "a crash loses changes that were acknowledged",
	} {
		if p.facts.Settings[name] == "off" {
			found = append(found, one(trouble, name+" is off: "+what, "set "+name+" = on in postgresql.conf, for this database and this role")...)
		}
	}
	if len(found) == 0 {
		return ok("synchronous_commit is %s, fsync and full_page_writes are on", p.facts.Settings["synchronous_commit"])
	}
	return found
}

// lookAtConnections holds what replicas may open to what the server has.
func lookAtConnections(_ context.Context, p *patient) []finding {
	if p.err != nil {
		return p.skipped()
	}
	if p.facts.Settings == nil {
		return ok("SQLite has one connection that writes, and needs no more")
	}
	most, _ := strconv.Atoi(p.facts.Settings["max_connections"])
	reserved, _ := strconv.Atoi(p.facts.Settings["superuser_reserved_connections"])
	want, free := p.replicas*p.cfg.Store.MaxConnections, most-reserved
	if p.replicas == 0 { // nobody said
		return judgeUse(p.facts.Used, free)
	}
	told := fmt.Sprintf("%d replicas x %d connections = %d, of %d that PostgreSQL gives, of which %d are in use", p.replicas, p.cfg.Store.MaxConnections, want, free, p.facts.Used)
	switch {
	case want > free:
		return one(trouble, told+": under load some will be refused", "lower store.max_connections, raise max_connections in PostgreSQL, or put a pooler between")
	case want*5 > free*4:
		return one(warning, told+": little is left for others and for a rolling restart", "leave a fifth free")
	}
	return ok("%s", told)
}

// judgeUse holds the connections that are open to what the server has.
func judgeUse(used, free int) []finding {
	told := fmt.Sprintf("%d of %d connections that PostgreSQL gives are in use", used, free)
	if used*5 > free*4 {
		return one(warning, told+": little is left for others and for a rolling restart", "lower store.max_connections, raise max_connections in PostgreSQL, or put a pooler between")
	}
	return ok("%s; `rekey doctor --replicas` tells what all of them may open", told)
}

func lookAtMigrations(_ context.Context, p *patient) []finding {
	switch _, isFile := store.FileOf(p.cfg.Store.DSN.Reveal()); {
	case p.err != nil:
		return p.skipped()
	case len(p.facts.Pending) == 0:
		return ok("the schema is as new as this program")
	case isFile:
		return one(warning, "not applied: "+strings.Join(p.facts.Pending, ", "), "back up the file; the next start applies them")
	}
	return one(trouble, "not applied: "+strings.Join(p.facts.Pending, ", ")+"; this program refuses to start", "run `rekey migrate`; the version before runs on the newer schema")
}

const (
	diskProblem = 100 << 20
	diskWarning = 1 << 30
)

func lookAtDisk(_ context.Context, p *patient) []finding {
	path, isFile := store.FileOf(p.cfg.Store.DSN.Reveal())
	if !isFile {
		return ok("PostgreSQL's own to watch")
	}
	free, known := freeSpace(filepath.Dir(path))
	told := fmt.Sprintf("%d MiB free where the SQLite file lies", free>>20)
	switch {
	case !known:
		return one(warning, "how much room is left cannot be told here", "watch it by other means")
	case free < diskProblem:
		return one(trouble, told+": soon every change is answered 503", "make room, or move the file")
	case free < diskWarning:
		return one(warning, told, "make room before it runs out; see retention for what may be dropped")
	}
	return ok("%s", told)
}

// lookAtPepper looks for hashes that nobody can verify. It reads every account.
func lookAtPepper(ctx context.Context, p *patient) []finding {
	if p.err != nil {
		return p.skipped()
	}
	if len(p.facts.Pending) > 0 {
		return ok("there are no hashes to count before the migrations")
	}
	counts, err := p.db.Hashes(ctx)
	if err != nil {
		return one(warning, "hashes could not be counted in time", "run `rekey hash list`, or give a longer --timeout")
	}
	if lost := (&installation{cfg: p.cfg}).lostKeys(counts); len(lost) > 0 {
		return one(trouble, "there are hashes under pepper keys that are not configured: "+strings.Join(lost, ", ")+"; whose they are can neither sign in nor change their passwords",
			"put the keys back into passwords.pepper.keys, from their copy")
	}
	return ok("every hash is under a key that is configured, or under none")
}
