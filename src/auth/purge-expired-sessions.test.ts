import { expect, it } from 'vitest';

import { modes } from '../../test/harness/modes.ts';
import { registerPlayer } from '../../test/harness/play.ts';
import { startTestService } from '../../test/harness/service.ts';
import { purgeExpiredSessions } from './index.ts';

const insertExpired = {
  name: 'test_insert_expired',
  text: `
    INSERT INTO sessions (id, user_id, expires_at)
    SELECT gen_random_uuid(), $1, now() - make_interval(secs => n) FROM generate_series(1, 1200) AS n`,
};

it.each(modes)('forgets the sessions whose time is over and no others with %s', async (mode) => {
  const service = await startTestService({ mode });
  const player = await registerPlayer(service);
  await service.db.run(insertExpired, [player.userId]);
  const purged = await Promise.all([purgeExpiredSessions(service), purgeExpiredSessions(service)]);
  expect(purged[0] + purged[1]).toBe(1200);
  expect(await purgeExpiredSessions(service)).toBe(0);
  expect(await service.request('/v1/users/me', { token: player.accessToken })).toMatchObject({
    status: 200,
  });
});
