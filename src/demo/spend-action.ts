import { randomUUID } from 'node:crypto';

import type { RegisteredAction, Verdict } from './client.ts';
import { DemoError } from './demo-error.ts';
import type { GameContext } from './game-context.ts';
import { keepSignedIn, type Player, signInAgain } from './player.ts';
import type { Answer, Done } from './transport.ts';
import { isUnanswered, untilAnswered } from './until-answered.ts';

/** How many tokens an update may see expire before that counts as a refusal. */
const MAX_TOKENS = 5;

/** As the game's server does when a player completed something. Undefined when the game ended before the answer. */
export async function completeAction(
  ctx: GameContext,
  player: Player,
  maxScore: number,
): Promise<Done<RegisteredAction> | undefined> {
  const request = { user_id: player.userId, action_id: randomUUID(), max_score: maxScore };
  const answer = await registerAction(ctx, request, ctx.stop);
  if (answer.kind === 'done') return answer;
  if (isUnanswered(answer)) return undefined;
  assertPlayable(answer.code);
  ctx.books.object(`an action could not be registered: ${answer.code}`);
  return undefined;
}

/** Submits a score until it is answered, signing in again when the session has ended. */
export async function submitScore(
  ctx: GameContext,
  player: Player,
  token: string,
  delta: number,
): Promise<Answer<Verdict>> {
  const submit = async () =>
    await untilAnswered(
      async () =>
        await ctx.client.submitScore(player.session.accessToken, { action_token: token, score_delta: delta }),
      ctx.giveUp,
    );
  await keepSignedIn(ctx.client, player, ctx.giveUp);
  const answer = await submit();
  if (answer.kind !== 'refused' || answer.code !== 'unauthenticated') return answer;
  await signInAgain(ctx.client, player, ctx.giveUp);
  return await submit();
}

/**
 * Spends an action once, whatever becomes of the answers, and writes it into the books: accepted, refused, or left
 * open. The same token is sent again until an answer comes. When the token expired meanwhile, registering the action
 * again tells: one that was spent is refused, any other gets a fresh token.
 */
export async function spendAction(
  ctx: GameContext,
  player: Player,
  action: RegisteredAction,
  delta: number,
): Promise<Verdict | undefined> {
  const { action_id: actionId } = action;
  ctx.books.send({ actionId, userId: player.userId, delta });
  let answer = await submitScore(ctx, player, action.action_token, delta);
  for (let tokens = 1; tokens < MAX_TOKENS && isExpired(answer); tokens += 1) {
    const again = await registerAction(ctx, action, ctx.giveUp);
    if (again.kind === 'refused' && again.code === 'action_already_consumed') ctx.books.accept(actionId);
    if (again.kind !== 'done') return undefined;
    answer = await submitScore(ctx, player, again.body.action_token, delta);
  }
  if (answer.kind === 'done') ctx.books.accept(actionId);
  if (answer.kind === 'refused' && !isUnanswered(answer)) ctx.books.refuse(actionId, answer.code);
  return answer.kind === 'done' ? answer.body : undefined;
}

function isExpired(answer: Answer<unknown>): boolean {
  return answer.kind === 'refused' && answer.code === 'action_token_expired';
}

async function registerAction(
  { client, gameServiceKey, board }: GameContext,
  { user_id, action_id, max_score }: Pick<RegisteredAction, 'user_id' | 'action_id' | 'max_score'>,
  giveUp: AbortSignal,
): Promise<Answer<RegisteredAction>> {
  const request = { user_id, max_score, action_id, leaderboard_id: board };
  return await untilAnswered(async () => await client.registerAction(gameServiceKey, request), giveUp);
}

/** Throws a DemoError for a refusal that every player would meet. */
function assertPlayable(code: string): void {
  if (code === 'leaderboard_not_found') throw new DemoError('The board has gone.');
  if (code !== 'unauthenticated' && code !== 'forbidden') return;
  throw new DemoError(
    'The service does not accept the game service key: set GAME_SERVICE_API_KEY to one of its keys.',
  );
}
