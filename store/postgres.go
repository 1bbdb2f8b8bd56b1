package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
)

const (
	connectTimeout  = 5 * time.Second  // to each host, unless the DSN says otherwise
	connLifetime    = 30 * time.Minute // so that a pool finds its way back after a failover
	connMaxIdleTime = 5 * time.Minute
)

func connectPostgres(ctx context.Context, o Options) (*DB, error) {
	config, err := pgx.ParseConfig(o.DSN)
	if err != nil {
		return nil, badDSN("it is no URL that PostgreSQL understands") // err may quote the password
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	n := o.MaxConns
	if n <= 0 {
		n = defaultMaxConns
	}
	config.DialFunc, config.OnNotice = dialer().DialContext, heed
	pool := o.open(connector{stdlib.GetConnector(*config)})
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	pool.SetConnMaxLifetime(connLifetime)
	pool.SetConnMaxIdleTime(connMaxIdleTime)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	g, err := open(postgres.New(postgres.Config{Conn: pipes{pool, o.Sending}}))
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return &DB{write: g, read: g}, nil
}
