import type { Player } from './player.ts';

const FORM_PERIOD_MS = 20_000;

/** Picks somebody who is not busy, by skill and form of the moment. */
export function pickIdle(players: readonly Player[], nowMs: number): Player | undefined {
  const idle = players.filter(({ busy }) => !busy);
  const weights = idle.map((player) => player.skill * formOf(player, nowMs));
  let left = Math.random() * weights.reduce((sum, weight) => sum + weight, 0);
  return idle.find((_, index) => {
    left -= weights[index] ?? 0;
    return left < 0;
  });
}

/** From 0.1 to 2.1, in waves. */
function formOf({ phase }: Player, nowMs: number): number {
  return 1.1 + Math.sin(phase + (nowMs * 2 * Math.PI) / FORM_PERIOD_MS);
}

/** Keeps a player busy while `act` runs. */
export async function occupy(player: Player, act: () => Promise<void>): Promise<void> {
  player.busy = true;
  try {
    await act();
  } finally {
    player.busy = false;
  }
}
