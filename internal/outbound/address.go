package outbound

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// address reads an address as one that may be asked: http or https, a host that is named in the ordinary way, the ordinary port, nobody's
// name or password. What the host's name leads to, control decides.
func (c *Client) address(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: malformed", ErrRefused)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%w: scheme %q", ErrRefused, u.Scheme)
	case u.User != nil:
		return nil, fmt.Errorf("%w: it holds a user", ErrRefused)
	case u.Hostname() == "" || u.Opaque != "":
		return nil, fmt.Errorf("%w: no host", ErrRefused)
	case oddNumber(u.Hostname()):
		return nil, fmt.Errorf("%w: a number for a host", ErrRefused)
	case !c.ordinary(u.Port()):
		return nil, fmt.Errorf("%w: port %s", ErrRefused, u.Port())
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// ordinary reports whether a port is the web's own, or a test's.
func (c *Client) ordinary(port string) bool {
	if port == "" || port == "80" || port == "443" {
		return true
	}
	for _, at := range c.also {
		if strconv.Itoa(int(at.Port())) == port {
			return true
		}
	}
	return false
}

// oddNumber tells hosts that some resolvers read as an address though they aren't written as one: 2130706433, 0x7f.1, 127.1, 0177.0.0.1, 127.0.0.1 with a dot after it.
func oddNumber(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	host = strings.TrimSuffix(host, ".")
	last := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	digits := strings.TrimPrefix(last, "0x")
	isHex := digits != last && strings.Trim(digits, "0123456789abcdef") == ""
	return isHex || strings.Trim(last, "0123456789") == ""
}

// hostOf names an address in an error, without what may be secret in it.
func hostOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "a malformed address"
	}
	return u.Host
}

// reserved are the parts of the address space that aren't the public internet's, after IANA's registers of special purposes, and one
// public address that a cloud answers from within.
var reserved = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	// Of IPv6 that is within global; 6to4 and Teredo embed an IPv4 address and have no honest use left.
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

var (
	global = netip.MustParsePrefix("2000::/3")
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// IsPublic reports whether ip is an address of the public internet: no loopback, private, link-local, shared, multicast, documentation or
// unspecified one, and none that embeds such a one.
func IsPublic(ip netip.Addr) bool {
	if !ip.IsValid() || ip.Zone() != "" {
		return false
	}
	ip = ip.Unmap()
	if nat64.Contains(ip) {
		// On a network without IPv4 every IPv4 server has such an address: it is judged by what it embeds.
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	if ip.Is6() && !global.Contains(ip) {
		return false
	}
	for _, p := range reserved {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}
