import { createCheating } from './cheating.ts';
import { followSignals } from './follow-signals.ts';
import type { GameContext } from './game-context.ts';
import { pause } from './pause.ts';
import { occupy, pickIdle } from './pick-idle.ts';
import { registerPlayer } from './player.ts';
import { playHonestly } from './turns.ts';

export interface GamePlan {
  readonly players: number;
  readonly updatesPerSecond: number;
  readonly cheaterShare: number;
  readonly endsAtMs: number;
}

const JOINING_AT_ONCE = 4;
/** How often a cheat's turn is dishonest. */
const CHEAT_SHARE = 0.6;
const LONGEST_LAG_MS = 1000;

/** Plays until `ctx.stop`, then waits for what is in flight. Throws the first failure of a turn. */
export async function playGame(ctx: GameContext, plan: GamePlan): Promise<void> {
  const ending = followSignals(ctx.stop);
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const run = (work: Promise<void>) => {
    const job = work
      .catch((error: unknown) => {
        failures.push(error);
        ending.abort();
      })
      .finally(() => running.delete(job));
    running.add(job);
  };
  for (let lane = 0; lane < JOINING_AT_ONCE; lane += 1) run(join(ctx, plan, { lane, end: ending.signal }));
  const takeTurn = createTurnTaking(ctx, plan);
  await atHumanPace(plan.updatesPerSecond, ending.signal, () => run(takeTurn()));
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}

/** Registers every n-th player, the cheats first. */
async function join(
  { client, players }: GameContext,
  plan: GamePlan,
  { lane, end }: { lane: number; end: AbortSignal },
): Promise<void> {
  const cheaters = Math.ceil(plan.players * plan.cheaterShare);
  for (let number = lane; number < plan.players && !end.aborted; number += JOINING_AT_ONCE) {
    const player = await registerPlayer(client, { cheats: number < cheaters, giveUp: end });
    if (player !== undefined) players.push(player);
  }
}

/** Acts at random times until `end`, as independent people do: the gaps are those of a Poisson process. */
async function atHumanPace(perSecond: number, end: AbortSignal, act: () => void): Promise<void> {
  let nextAtMs = Date.now();
  while (!end.aborted) {
    const gapMs = (-Math.log(1 - Math.random()) * 1000) / perSecond;
    nextAtMs = Math.max(nextAtMs, Date.now() - LONGEST_LAG_MS) + gapMs;
    await pause(nextAtMs - Date.now(), end);
    if (!end.aborted) act();
  }
}

/** Returns the function that lets somebody who is idle have a turn, if anybody is. */
function createTurnTaking(ctx: GameContext, plan: GamePlan): () => Promise<void> {
  const cheat = createCheating(ctx, plan.endsAtMs);
  return async () => {
    const player = pickIdle(ctx.players, Date.now());
    if (player === undefined) return;
    const dishonest = player.cheats && Math.random() < CHEAT_SHARE;
    await occupy(player, async () => await (dishonest ? cheat(player) : playHonestly(ctx, player)));
  };
}
