import { expect, it } from 'vitest';

import { insertPlayers } from '../../test/harness/players.ts';
import { startTestService } from '../../test/harness/service.ts';

it('answers 401 as soon as the account was deleted, though its session is remembered', async () => {
  const service = await startTestService();
  const [player] = await insertPlayers(service.db, 1);
  const getProfile = async () => await service.request('/v1/users/me', { token: player?.accessToken });
  expect(await getProfile()).toMatchObject({ status: 200, body: { user_id: player?.userId } });
  await service.db.run({ name: 'test_delete', text: 'DELETE FROM users WHERE id = $1' }, [player?.userId]);
  expect(await getProfile()).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
});
