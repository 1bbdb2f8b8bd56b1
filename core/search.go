package core

import (
	"context"
	"strings"
)

// Search names accounts by how one of their keys begins.
type Search struct {
	Kind   string // [KeyLogin], or the dialect whose external ids are meant
	Prefix string // folded, with KeyLogin
}

// LastRune ends every range of texts with one beginning: none that a key may
// hold comes after it.
const LastRune = "\U0010FFFF"

// By returns the first of the account's keys that the search finds, by which it
// is found once, and "" if it is not found.
func (q Search) By(a Account) (first string) {
	for _, key := range a.Keys() {
		found := key.Kind == q.Kind && strings.HasPrefix(key.Value, q.Prefix)
		if found && (first == "" || key.Value < first) {
			first = key.Value
		}
	}
	return first
}

// Search returns up to limit accounts of the tenant that the search finds,
// without history, in the order of the keys that they are found by and
// beginning after the key after. With [KeyLogin] it finds the beginnings of
// usernames and e-mail addresses in any case. Invalid if no key can begin so.
func (s *Service) Search(ctx context.Context, tenant TenantID, q Search, after string, limit int) ([]Account, error) {
	login := q.Kind == KeyLogin
	if login {
		q.Prefix = Fold(q.Prefix)
	}
	if !plausible(q.Prefix) || !login && !validExternal(Key{q.Kind, q.Prefix}) {
		return nil, &Error{Code: Invalid, Fields: []string{"prefix"}}
	}
	return s.Store.Search(ctx, tenant, q, after, limit)
}

// MostKinds bounds the kinds of keys that are looked through for one text.
const MostKinds = 100

// Meant returns the accounts of the tenant that the text names exactly: one by
// its id or by a login, and one by the external ids of each kind. They come
// without history, in the order of their ids. Invalid if no key is such a text.
func (s *Service) Meant(ctx context.Context, tenant TenantID, text string) ([]Account, error) {
	if text == "" || !plausible(text) {
		return nil, &Error{Code: Invalid, Fields: []string{"any"}}
	}
	return s.Store.Meant(ctx, tenant, text)
}
