import fc from 'fast-check';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';

import { clientAddress, toCountedAddress } from './client-address.ts';
import type { AppEnv } from './factory.ts';

/** What a request from 198.51.100.1 counts against. */
async function addressOf({ forwardedFor, hops }: { forwardedFor?: string; hops: number }): Promise<string> {
  const app = new Hono<AppEnv>().get('/', (c) => c.text(clientAddress(c, hops)));
  const incoming = { socket: { remoteAddress: '198.51.100.1' } };
  const headers = forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor };
  return await (await app.request('/', { headers }, { incoming })).text();
}

describe('clientAddress', () => {
  test.each([
    ['the peer without a header', undefined, 0, '198.51.100.1'],
    ['the peer without a header behind a proxy', undefined, 1, '198.51.100.1'],
    ['the peer when the header is empty', '', 1, '198.51.100.1'],
    ['the peer with no hops, whatever the header claims', '203.0.113.9', 0, '198.51.100.1'],
    ['what the only proxy saw', '203.0.113.9', 1, '203.0.113.9'],
    ['what the only proxy saw, not what the client claims', '192.0.2.66, 203.0.113.9', 1, '203.0.113.9'],
    ['what the outer of two proxies saw', '192.0.2.66, 203.0.113.9, 10.0.0.7', 2, '203.0.113.9'],
    ['the first entry when the header is shorter than expected', '203.0.113.9', 3, '203.0.113.9'],
    ['the /64 of an IPv6 client', '2001:db8:1:2:3:4:5:6', 1, '2001:db8:1:2::/64'],
  ])('is %s', async (_, forwardedFor, hops, expected) => {
    expect(await addressOf({ hops, ...(forwardedFor !== undefined && { forwardedFor }) })).toBe(expected);
  });

  test('cannot be chosen by a client behind a proxy', async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[ -~]{0,60}$/), async (claim) => {
        const forwardedFor = `${claim}, 203.0.113.9`;
        expect(await addressOf({ forwardedFor, hops: 1 })).toBe('203.0.113.9');
      }),
    );
  });

  test('is "unknown" without a connection, as in tests', async () => {
    const app = new Hono<AppEnv>().get('/', (c) => c.text(clientAddress(c, 0)));
    expect(await (await app.request('/')).text()).toBe('unknown');
  });
});

describe('toCountedAddress', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3::9', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4::/64'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['unknown', 'unknown'],
  ])('counts %s as %s', (address, counted) => {
    expect(toCountedAddress(address)).toBe(counted);
  });

  test('gives every address of a /64 the same, and of another /64 a different one', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const groups = (count: number) => fc.array(group, { minLength: count, maxLength: count });
    const network = groups(4).filter((parts) => parts.some((part) => part !== '0'));
    fc.assert(
      fc.property(network, network, groups(4), groups(4), (one, other, host, otherHost) => {
        const counted = toCountedAddress([...one, ...host].join(':'));
        expect(toCountedAddress([...one, ...otherHost].join(':'))).toBe(counted);
        const same = one.join() === other.join();
        expect(toCountedAddress([...other, ...host].join(':')) === counted).toBe(same);
      }),
    );
  });
});
