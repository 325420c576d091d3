import { isIPv4, isIPv6 } from 'node:net';

import type { Context } from 'hono';

import type { AppEnv } from './factory.ts';

const IPV4_PREFIX = '::ffff:';

/**
 * The address a request counts against. Each trusted proxy appends the peer it saw to X-Forwarded-For, so the
 * client is the n-th entry from the right and everything left of it is the client's own claim. With 0 hops the
 * header is ignored. An IPv6 client counts by its /64, which is what one subscriber is given.
 */
export function clientAddress(c: Context<AppEnv>, trustedProxyHops: number): string {
  const peer = c.env?.incoming?.socket.remoteAddress ?? 'unknown';
  return toCountedAddress(forwardedAddress(c.req.header('X-Forwarded-For'), trustedProxyHops) ?? peer);
}

function forwardedAddress(header: string | undefined, hops: number): string | undefined {
  if (hops === 0 || header === undefined) return undefined;
  const entries = header.split(',').map((entry) => entry.trim());
  return entries.at(-Math.min(hops, entries.length)) || undefined;
}

/** `::ffff:192.0.2.1` is IPv4 in disguise; `2001:db8:1:2:3::9` becomes `2001:db8:1:2::/64`. */
export function toCountedAddress(address: string): string {
  if (!isIPv6(address)) return address;
  // As Node tells the address of every IPv4 client when it listens to both.
  if (isIPv4(address.slice(IPV4_PREFIX.length)) && address.startsWith(IPV4_PREFIX)) {
    return address.slice(IPV4_PREFIX.length);
  }
  const groups = toGroups(address);
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') return groups.slice(6).map(toDotted).join('.');
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** The eight groups, in hex without leading zeros. A URL's host is in the one canonical form (URL Standard, 3.5). */
function toGroups(address: string): string[] {
  const { hostname } = new URL(`http://[${address.split('%')[0]}]`);
  const [left = [], right = []] = hostname
    .slice(1, -1)
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right];
}

function toDotted(group: string): string {
  const value = Number.parseInt(group, 16);
  return `${value >> 8}.${value & 0xff}`;
}
