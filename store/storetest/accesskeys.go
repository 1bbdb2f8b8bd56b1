package storetest

import (
	"errors"
	"time"

	"rekey/core"
)

func aboutAccessKeys() []check {
	return []check{
		{"an access key is kept whole, and found by its digest", accessKeyWhole},
		{"a name of an access key is given once in a tenant", accessKeyNames},
		{"access keys are listed by name, page by page, within their tenant", accessKeysListed},
		{"an access key is revoked once, by its own tenant", accessKeyRevoked},
		{"the use of an access key is noted, and nothing else", accessKeyUsed},
		{"an access key that cannot be recorded is not kept", accessKeyTransaction},
	}
}

// accessKey returns a key of the tenant with all that one can have.
func accessKey(tenant core.TenantID, name string) core.AccessKey {
	return core.AccessKey{
		Tenant: tenant, Name: name, Digest: core.NewToken(string(tenant) + name).Digest(),
		Scopes:    []core.Scope{core.AccountsRead, core.AuditRead},
		CreatedBy: "root", CreatedAt: at(0), ExpiresAt: at(90), LastUsedAt: at(3), RevokedAt: time.Time{},
	}
}

// putKey stores k and returns it as it is kept.
func (w *world) putKey(k core.AccessKey) core.AccessKey {
	w.Helper()
	w.must(w.CreateAccessKey(w.ctx, k, w.event(k.Tenant, "", core.AccessKeyAdded, at(0))))
	return w.keyOf(k)
}

func (w *world) keyOf(k core.AccessKey) core.AccessKey {
	w.Helper()
	found, err := w.AccessKey(w.ctx, k.Digest)
	w.must(err)
	return found
}

func accessKeyWhole(w *world) {
	given := accessKey(acme, "crm")
	want := given
	want.CreatedAt, want.ExpiresAt, want.LastUsedAt = kept(at(0)), kept(at(90)), kept(at(3))
	same(w, "the key", w.putKey(given), want)
	least := core.AccessKey{Tenant: acme, Name: "least", Digest: core.NewToken("least").Digest(), CreatedAt: at(1)}
	want = least
	want.CreatedAt = kept(at(1))
	same(w, "the least key", w.putKey(least), want)
	if _, err := w.AccessKey(w.ctx, core.NewToken("another").Digest()); !errors.Is(err, core.NotFound) {
		w.Errorf("a key that nobody has: got %v, want not_found", err)
	}
}

func accessKeyNames(w *world) {
	w.putKey(accessKey(acme, "crm"))
	w.putKey(accessKey(birch, "crm"))
	again := accessKey(acme, "crm")
	again.Digest = core.NewToken("again").Digest()
	for _, why := range []string{"a name that lives", "a name that was revoked"} {
		w.unchanged(why, core.Conflict, func() error {
			err := w.CreateAccessKey(w.ctx, again, w.event(acme, "", core.AccessKeyAdded, at(1)))
			wantConflict(w, why, err, "name")
			return err
		})
		if _, err := w.AccessKey(w.ctx, again.Digest); !errors.Is(err, core.NotFound) {
			w.Errorf("%s: the second key was kept: %v", why, err)
		}
		_ = w.RevokeAccessKey(w.ctx, acme, "crm", w.event(acme, "", core.AccessKeyRevoked, at(2)))
	}
}

func accessKeysListed(w *world) {
	for _, name := range []string{"b", "a.1", "c", "a"} {
		w.putKey(accessKey(acme, name))
	}
	other := w.putKey(accessKey(birch, "b"))
	var got []string
	after := ""
	for _, n := range []int{3, 1, 0} {
		page, err := w.AccessKeys(w.ctx, acme, after, 3)
		w.must(err)
		same(w, "keys on a page", len(page), n)
		for _, k := range page {
			same(w, "a listed key", k, w.keyOf(k))
			got, after = append(got, k.Name), k.Name
		}
	}
	same(w, "names", got, []string{"a", "a.1", "b", "c"})
	for tenant, n := range map[core.TenantID]int{birch: 1, none: 0, "acme\x00": 0} {
		page, err := w.AccessKeys(w.ctx, tenant, "", everything)
		w.must(err)
		if same(w, "another tenant's keys", len(page), n); n == 1 {
			same(w, "the other key", page[0], other)
		}
	}
	for _, limit := range []int{0, -1} {
		page, err := w.AccessKeys(w.ctx, acme, "", limit)
		w.must(err)
		same(w, "keys on a page of nothing", len(page), 0)
	}
}

func accessKeyRevoked(w *world) {
	k := w.putKey(accessKey(acme, "crm"))
	for _, tenant := range []core.TenantID{birch, none, "acme\x00", "\xff"} {
		w.unchanged("revoke as "+string(tenant), core.NotFound, func() error {
			return w.RevokeAccessKey(w.ctx, tenant, "crm", w.event(acme, "", core.AccessKeyRevoked, at(5)))
		})
	}
	same(w, "the key that others would revoke", w.keyOf(k), k)
	w.must(w.RevokeAccessKey(w.ctx, acme, "crm", w.event(acme, "", core.AccessKeyRevoked, at(5))))
	k.RevokedAt = kept(at(5))
	same(w, "the revoked key", w.keyOf(k), k)
	w.unchanged("revoke again", core.NotFound, func() error {
		return w.RevokeAccessKey(w.ctx, acme, "crm", w.event(acme, "", core.AccessKeyRevoked, at(6)))
	})
	same(w, "the key that was revoked again", w.keyOf(k), k)
}

func accessKeyUsed(w *world) {
	k, other := w.putKey(accessKey(acme, "crm")), w.putKey(accessKey(acme, "other"))
	w.must(w.UseAccessKey(w.ctx, k.Digest, at(9)))
	w.must(w.UseAccessKey(w.ctx, core.NewToken("nobody's").Digest(), at(9)))
	k.LastUsedAt = kept(at(9))
	same(w, "the key", w.keyOf(k), k)
	same(w, "the other key", w.keyOf(other), other)
}

func accessKeyTransaction(w *world) {
	k := w.putKey(accessKey(acme, "crm"))
	taken := w.state().Events[0]
	fresh := accessKey(acme, "fresh")
	w.unchanged("create", core.Internal, func() error { return w.CreateAccessKey(w.ctx, fresh, taken) })
	w.unchanged("revoke", core.Internal, func() error { return w.RevokeAccessKey(w.ctx, acme, "crm", taken) })
	if _, err := w.AccessKey(w.ctx, fresh.Digest); !errors.Is(err, core.NotFound) {
		w.Errorf("the fresh key: got %v, want not_found", err)
	}
	same(w, "the key", w.keyOf(k), k)
}
