package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// Client is how Postgres's own programs are told where a database is: an address without the password, and an environment that has it, as
// everybody on a machine sees the arguments of a program.
type Client struct {
	Address     string
	Environment []string
}

// ErrAddress says that an address is of a form that only this program understands.
var ErrAddress = errors.New("the database's address must be a URL, postgres://user:password@host/database")

// ForClient turns the address of a database into what Postgres's own programs take. Parameters that only our pool knows are left out.
func ForClient(address string) (Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return Client{}, ErrAddress // without err, which shows the password
	}
	c := Client{Environment: os.Environ()}
	q := u.Query()
	for name := range q {
		if strings.HasPrefix(name, "pool_") || strings.Contains(name, "_cache_") || name == "default_query_exec_mode" || name == "min_read_buffer_size" {
			q.Del(name)
		}
	}
	if password := q.Get("password"); password != "" {
		c.Environment = append(c.Environment, "PGPASSWORD="+password)
		q.Del("password")
	}
	if password, set := u.User.Password(); set {
		c.Environment = append(c.Environment, "PGPASSWORD="+password)
		u.User = url.User(u.User.Username())
	}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // libpq takes a plus for one
	c.Address = u.String()
	return c, nil
}

// String leaves the environment out.
func (c Client) String() string { return fmt.Sprintf("database at %s", c.Address) }
