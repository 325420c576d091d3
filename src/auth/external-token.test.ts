import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';

import { cleanUp } from '../../test/harness/cleanup.ts';
import { startTestService, type TestService } from '../../test/harness/service.ts';
import { purgeRefusedSubjects } from './purge-refused-subjects.ts';

const issuer = 'https://id.example';
const audience = 'crown';

/** An identity provider's address; answers as told until the file ends. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
}

async function startWith(jwksUrl: string): Promise<TestService> {
  return await startTestService({
    env: { AUTH_JWKS_URL: jwksUrl, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience },
  });
}

interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

async function makeKey(alg: string, kid = alg): Promise<SigningKey> {
  return { alg, kid, ...(await generateKeyPair(alg, { extractable: true })) };
}

interface Change {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly alg?: string;
  readonly kid?: string;
}

/** A token as the provider issues it, but for what is given; undefined takes a claim away. */
async function issue(key: SigningKey, subject: string, { claims, alg, kid }: Change = {}): Promise<string> {
  return await new SignJWT({ ...goodClaims(subject), ...claims })
    .setProtectedHeader({ alg: alg ?? key.alg, kid: kid ?? key.kid })
    .sign(key.privateKey);
}

function goodClaims(subject: string): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  return { sub: subject, iss: issuer, aud: audience, iat: now, exp: now + 300 };
}

const countUsers = { name: 'test_count_users', text: 'SELECT count(*) AS users FROM users' };
const countRacers = {
  name: 'test_count_racers',
  text: "SELECT count(*) AS racers FROM users WHERE external_subject LIKE 'racer %'",
};
const letADayPass = {
  name: 'test_let_a_day_pass',
  text: "UPDATE refused_subjects SET refused_at = refused_at - interval '24 hours'",
};
const promote = { name: 'test_promote', text: "UPDATE users SET role = 'admin' WHERE id = $1" };

describe("an identity provider's access token", () => {
  let service: TestService;
  let key: SigningKey;
  let keys: SigningKey[];
  let fetches = 0;

  beforeAll(async () => {
    key = await makeKey('RS256');
    keys = [key, await makeKey('PS384'), await makeKey('ES256'), await makeKey('EdDSA')];
    const jwks = await Promise.all(
      keys.map(async ({ publicKey, kid, alg }) => ({
        ...(await exportJWK(publicKey)),
        kid,
        alg,
        use: 'sig',
      })),
    );
    const url = await serve((_request, response) => {
      fetches += 1;
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: jwks }));
    });
    service = await startWith(url);
  });

  const profile = async (token: string) => await service.request('/v1/users/me', { token });

  it('makes an account on first sight, and finds it again', async () => {
    const { status, body } = await profile(await issue(key, 'first-sight'));
    expect(status).toBe(200);
    expect(body.username).toBe(`player-${String(body.user_id).slice(-8)}`);
    expect((await profile(await issue(key, 'first-sight'))).body).toEqual(body);
    expect((await profile(await issue(key, 'somebody else'))).body.user_id).not.toBe(body.user_id);
  });

  it('is accepted with every asymmetric kind of key, which are fetched once', async () => {
    for (const each of keys) expect(await profile(await issue(each, 'kinds'))).toMatchObject({ status: 200 });
    expect(fetches).toBe(1);
  });

  it('makes one account when twenty requests are the first', async () => {
    const [before] = await service.db.run<{ users: number }>(countUsers, []);
    const other = await startTestServiceBeside(service);
    const token = await issue(key, 'crowd');
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, n) =>
        (n % 2 === 0 ? service : other).request('/v1/users/me', { token }),
      ),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(await service.db.run(countUsers, [])).toEqual([{ users: (before?.users ?? 0) + 1 }]);
  });

  it('gets another name when somebody has the first two', async () => {
    await takeNamesAway(service);
    const { status, body } = await profile(await issue(key, 'unlucky'));
    expect(status).toBe(200);
    expect(body.username).toBe(`player-${String(body.user_id).slice(-8)}`);
  });

  it('has the role of its account', async () => {
    const token = await issue(key, 'operator');
    const { body } = await profile(token);
    const makeKey = async () =>
      await service.request('/v1/admin/api-keys', { token, body: { name: 'theirs', role: 'admin' } });
    expect(await makeKey()).toMatchObject({ status: 403 });
    await service.db.run(promote, [body.user_id]);
    service.clock.advance(5001);
    expect(await makeKey()).toMatchObject({ status: 201 });
    service.clock.advance(-5001);
  });

  it('does not make a deleted account anew for 24 hours, here or at another process', async () => {
    const other = await startTestServiceBeside(service);
    const token = await issue(key, 'leaver');
    await profile(token);
    const gone = await service.request('/v1/users/me', { method: 'DELETE', token });
    expect(gone).toMatchObject({ status: 204 });
    for (const process of [service, other]) {
      expect(await process.request('/v1/users/me', { token })).toMatchObject({
        status: 401,
        body: { code: 'unauthenticated' },
      });
    }
    await service.db.run(letADayPass, []);
    expect(await purgeRefusedSubjects({ db: service.db })).toBe(1);
    expect(await other.request('/v1/users/me', { token })).toMatchObject({ status: 200 });
  });

  it('never makes an account anew while it is being deleted', async () => {
    const other = await startTestServiceBeside(service);
    for (let round = 0; round < 10; round += 1) {
      const token = await issue(key, `racer ${round}`);
      await profile(token);
      await Promise.all([
        service.request('/v1/users/me', { method: 'DELETE', token }),
        ...Array.from({ length: 5 }, async () => await other.request('/v1/users/me', { token })),
      ]);
    }
    expect(await service.db.run(countRacers, [])).toEqual([{ racers: 0 }]);
  });

  it('has no session and no password here', async () => {
    const token = await issue(key, 'no session');
    const loggedOut = await service.request('/v1/auth/logout', { method: 'POST', token });
    expect(loggedOut).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(loggedOut.body.detail).toMatch(/identity provider/);
    const changed = await service.request('/v1/users/me/password', {
      method: 'PUT',
      token,
      body: { current_password: '', new_password: 'battery staple' },
    });
    expect(changed).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it.each<[string, () => Promise<string>]>([
    ['another issuer', async () => await issue(key, 'kim', { claims: { iss: 'https://evil.example' } })],
    [
      "Laurel's own issuer",
      async () => await issue(key, 'kim', { claims: { iss: 'laurel', aud: 'laurel' } }),
    ],
    ['another audience', async () => await issue(key, 'kim', { claims: { aud: 'another game' } })],
    ['no audience', async () => await issue(key, 'kim', { claims: { aud: undefined } })],
    ['an expiry that is past', async () => await issue(key, 'kim', { claims: { exp: 1_700_000_000 } })],
    ['no expiry', async () => await issue(key, 'kim', { claims: { exp: undefined } })],
    [
      'a time before which it is not valid',
      async () => await issue(key, 'kim', { claims: { nbf: 4_000_000_000 } }),
    ],
    ['no subject', async () => await issue(key, 'kim', { claims: { sub: undefined } })],
    ['an empty subject', async () => await issue(key, '')],
    ['a subject of 256 characters', async () => await issue(key, 'k'.repeat(256))],
    ['a subject with a NUL', async () => await issue(key, 'kim\0')],
    ['a subject with a lone surrogate', async () => await issue(key, 'kim\uD800')],
    ['an unknown key', async () => await issue(await makeKey('RS256', 'unknown'), 'kim')],
    ["somebody else's key under a known name", async () => await issue(await makeKey('RS256'), 'kim')],
    ['the name of a key of another kind', async () => await issue(key, 'kim', { kid: 'ES256' })],
    ['an algorithm that its key is not for', async () => await issue(await makeKey('RS512', 'RS256'), 'kim')],
    ['no signature', async () => await Promise.resolve(new UnsecuredJWT(goodClaims('kim')).encode())],
    ['the public key as a shared secret', async () => await signWithPublicKey(key)],
  ])('is refused with %s', async (_name, make) => {
    expect(await profile(await make())).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });
});

/** Another process on the same store, with the same provider. */
async function startTestServiceBeside({ db, config }: TestService): Promise<TestService> {
  const jwksUrl = config.externalIssuer?.jwksUrl.href ?? '';
  return await startTestService({
    db,
    env: { AUTH_JWKS_URL: jwksUrl, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience },
  });
}

/** Makes the next two accounts collide with a name that exists. */
async function takeNamesAway({ db }: TestService): Promise<void> {
  const statements = [
    "INSERT INTO users (id, username) VALUES (gen_random_uuid(), 'taken')",
    'CREATE SEQUENCE attempts',
    `CREATE FUNCTION take_name_away() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN IF nextval('attempts') <= 2 THEN NEW.username := 'taken'; END IF; RETURN NEW; END $$`,
    'CREATE TRIGGER take_name_away BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION take_name_away()',
  ];
  for (const [n, text] of statements.entries()) await db.run({ name: `test_take_${n}`, text }, []);
}

/** The classic confusion of algorithms: what everybody knows, used as an HMAC key. */
async function signWithPublicKey({ publicKey, kid }: SigningKey): Promise<string> {
  return await new SignJWT(goodClaims('kim'))
    .setProtectedHeader({ alg: 'HS256', kid })
    .sign(new TextEncoder().encode(await exportSPKI(publicKey)));
}

describe('when the keys of the identity provider cannot be had', () => {
  it.each<[string, () => Promise<string>]>([
    ['it is down', async () => await Promise.resolve('http://127.0.0.1:9/jwks')],
    ['it fails', async () => await serve((_request, response) => response.writeHead(500).end())],
    [
      'it redirects',
      async () => await serve((_request, response) => response.writeHead(302, { Location: '/' }).end()),
    ],
    ['it answers no JSON', async () => await serve((_request, response) => response.end('<html>'))],
    ['it answers no key set', async () => await serve((_request, response) => response.end('{"keys":7}'))],
    ['it never answers', async () => await serve(() => {})],
  ])('because %s, callers are told to try again', async (_name, provider) => {
    const service = await startWith(await provider());
    const token = await issue(await makeKey('ES256'), 'kim');
    const { status, body, headers } = await service.request('/v1/users/me', { token });
    expect([status, body.code, headers.get('Retry-After')]).toEqual([503, 'unavailable', '1']);
    const own = await service.request('/v1/admin/api-keys', {
      token: service.keys.operator,
      body: { name: 'still works', role: 'game_service' },
    });
    expect(own.status).toBe(201);
  });
});
