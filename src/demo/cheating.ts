import { type Cheat, cheats } from './cheats.ts';
import { createHeldTokens, holdMs } from './expired-tokens.ts';
import type { GameContext } from './game-context.ts';
import { occupy, pickIdle } from './pick-idle.ts';
import type { Player } from './player.ts';
import { completeAction } from './spend-action.ts';
import { cheat, cheatWithStolenToken, playHonestly, tryCheat } from './turns.ts';

/** Makes the function that plays a cheat's dishonest turns: each way to cheat in its turn, expired tokens when due. */
export function createCheating(ctx: GameContext, endsAtMs: number): (player: Player) => Promise<void> {
  const held = createHeldTokens(Date.now);
  let turn = 0;
  let tokensExpireInTime = true;

  async function holdToken(player: Player): Promise<void> {
    const action = await completeAction(ctx, player, 10);
    if (action === undefined) return;
    tokensExpireInTime = Date.now() + holdMs(action) < endsAtMs;
    if (tokensExpireInTime) held.hold(player.userId, action);
  }

  return async (player) => {
    const due = held.takeDue(player.userId);
    if (due !== undefined) return await tryCheat(ctx, player, { ...due, kind: 'expired' });
    const kind: Cheat = cheats[turn % cheats.length] ?? 'forged';
    turn += 1;
    if (kind === 'expired' && tokensExpireInTime) return await holdToken(player);
    if (kind === 'expired') return await playHonestly(ctx, player);
    if (kind !== 'stolen') return await cheat(ctx, player, kind);
    const victim = pickIdle(ctx.players, Date.now());
    if (victim === undefined) return await playHonestly(ctx, player);
    return await occupy(victim, async () => await cheatWithStolenToken(ctx, player, victim));
  };
}
