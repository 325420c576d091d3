import { type Cheat, forgeToken, garbleToken } from './cheats.ts';
import type { RegisteredAction, Verdict } from './client.ts';
import type { GameContext } from './game-context.ts';
import type { Player } from './player.ts';
import { completeAction, spendAction, submitScore } from './spend-action.ts';
import type { Answer } from './transport.ts';
import { isUnanswered } from './until-answered.ts';

/** What the things that a player can complete are worth at most: a coin, a race, a level, a boss. */
const maxScores = [10, 25, 50, 100] as const;
const RETRY_SHARE = 0.1;

/** A player completes an action and spends it; some clients send the same again, as after a lost answer. */
export async function playHonestly(ctx: GameContext, player: Player): Promise<void> {
  const action = await completeSomething(ctx, player);
  if (action === undefined) return;
  const delta = randomDelta(action);
  const verdict = await spendAction(ctx, player, action, delta);
  if (verdict === undefined || Math.random() >= RETRY_SHARE) return;
  const retry = await submitScore(ctx, player, action.action_token, delta);
  recordRetry(ctx, retry, verdict);
}

/** A retry may come too late or stay unanswered; either way the update counts once. */
function recordRetry({ books }: GameContext, retry: Answer<Verdict>, verdict: Verdict): void {
  if (isUnanswered(retry)) return;
  if (retry.kind === 'refused') {
    if (retry.code !== 'action_token_expired') books.object(`an honest retry was refused: ${retry.code}`);
    return;
  }
  const isFirstVerdict = retry.replayed && retry.body.total_score === verdict.total_score;
  if (isFirstVerdict) books.replay();
  if (!isFirstVerdict) books.object('an honest retry was not answered with its first verdict');
}

/** Completes an action with a token that is worth cheating with, and cheats with it. */
export async function cheat(
  ctx: GameContext,
  player: Player,
  kind: Exclude<Cheat, 'expired' | 'stolen'>,
): Promise<void> {
  const action = await completeSomething(ctx, player);
  if (action === undefined) return;
  const { action_token: token, max_score: maxScore } = action;
  const delta = randomDelta(action);
  switch (kind) {
    case 'forged':
      return await tryCheat(ctx, player, { kind, token: forgeToken(token), delta: maxScore * 10 });
    case 'malformed':
      return await tryCheat(ctx, player, { kind, token: garbleToken(token, delta), delta });
    case 'inflated':
      return await tryCheat(ctx, player, { kind, token, delta: maxScore + delta });
    case 'replayed': {
      const verdict = await spendAction(ctx, player, action, delta);
      if (verdict !== undefined)
        await tryCheat(ctx, player, { kind, token, delta: anotherDelta(delta, maxScore) });
    }
  }
}

/** A player sends the token of another one, who spends it afterwards: the theft must not have used it up. */
export async function cheatWithStolenToken(ctx: GameContext, thief: Player, victim: Player): Promise<void> {
  const action = await completeSomething(ctx, victim);
  if (action === undefined) return;
  const delta = randomDelta(action);
  await tryCheat(ctx, thief, { kind: 'stolen', token: action.action_token, delta });
  await spendAction(ctx, victim, action, delta);
}

/** Sends what must be refused, and writes down how it was. */
export async function tryCheat(
  ctx: GameContext,
  player: Player,
  { kind, token, delta }: { kind: Cheat; token: string; delta: number },
): Promise<void> {
  const answer = await submitScore(ctx, player, token, delta);
  if (isUnanswered(answer)) return;
  ctx.books.cheat(kind, answer.kind === 'done' ? undefined : answer.code);
}

async function completeSomething(ctx: GameContext, player: Player): Promise<RegisteredAction | undefined> {
  const maxScore = maxScores[Math.floor(Math.random() * maxScores.length)] ?? 10;
  return (await completeAction(ctx, player, maxScore))?.body;
}

function randomDelta({ max_score: maxScore }: RegisteredAction): number {
  return 1 + Math.floor(Math.random() * maxScore);
}

/** Not above `maxScore`, which would be refused for that. */
function anotherDelta(delta: number, maxScore: number): number {
  return delta === maxScore ? delta - 1 : delta + 1;
}
