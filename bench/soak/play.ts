import { randomInt } from 'node:crypto';

import { testSecrets } from '../../test/harness/test-config.ts';
import type { Client } from './client.ts';
import type { Player } from './crowd.ts';

/** The game's server registers an action, and its player spends it. */
export async function play(
  client: Client,
  { userId, accessToken }: Pick<Player, 'userId' | 'accessToken'>,
): Promise<void> {
  const { action_token } = await client.call<{ action_token: string }>('/v1/actions', {
    token: testSecrets.GAME_SERVICE_API_KEY,
    body: { user_id: userId, max_score: 100 },
    expect: 201,
  });
  const body = { action_token, score_delta: randomInt(1, 101) };
  await client.call('/v1/scores', { token: accessToken, body, expect: 200 });
}
