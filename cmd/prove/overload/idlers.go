package overload

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"rekey/cmd/prove/rig"
)

// idlers are connections that begin a request and never end it. Whoever is cut
// off comes again.
type idlers struct {
	stop context.CancelFunc
	all  sync.WaitGroup
}

func newIdlers(ctx context.Context, url string, n int) *idlers {
	ctx, stop := context.WithCancel(ctx)
	i := &idlers{stop: stop}
	for range n {
		i.all.Go(func() {
			for ctx.Err() == nil {
				idle(ctx, strings.TrimPrefix(url, "http://"))
				_ = rig.Rest(ctx, time.Second)
			}
		})
	}
	return i
}

// end closes every connection.
func (i *idlers) end() {
	i.stop()
	i.all.Wait()
}

// idle keeps one connection until it is cut off.
func idle(ctx context.Context, address string) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "POST /v1/changePassword HTTP/1.1\r\nHost: rekey.ex")
	_, _ = io.Copy(io.Discard, conn)
}
