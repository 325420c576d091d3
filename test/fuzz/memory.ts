import fc from 'fast-check';

/** How many players, and how many values of a name, are kept; newer ones replace older ones. */
const KEPT = 4;

/** The names that answers use for what requests may send, and the name under which requests do. */
const remembered: Readonly<Record<string, string>> = {
  user_id: 'user_id',
  username: 'username',
  access_token: 'access_token',
  refresh_token: 'refresh_token',
  action_id: 'action_id',
  action_token: 'action_token',
  leaderboard_id: 'leaderboard_id',
  next_cursor: 'cursor',
  api_key_id: 'api_key_id',
  api_key: 'api_key',
};
const names: ReadonlySet<string> = new Set(Object.values(remembered));

/** Which of the remembered players and values a request is about. */
export const anySlot = fc.nat(KEPT - 1);

/** A text that `fill` replaces by a remembered value: mostly of the request's own slot, at times of another one. */
export function anyRemembered(name: string): fc.Arbitrary<string> | undefined {
  if (!names.has(name)) return undefined;
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(`{{${name}}}`) },
    anySlot.map((slot) => `{{${name}:${slot}}}`),
  );
}

type Answer = Readonly<Record<string, unknown>>;

/** What the service has answered so far, so that later requests meet what earlier ones made. */
export class Memory {
  /** By user id, with all that belongs to one player. */
  readonly #players = new Map<string, Map<string, string>>();
  readonly #values = new Map<string, string[]>([['leaderboard_id', ['global']]]);

  learn(answer: Answer): void {
    const user = answer['user'] as Answer | undefined;
    const found = Object.entries({ ...user, ...answer }).flatMap(([key, value]) => {
      const name = remembered[key];
      return name !== undefined && typeof value === 'string' ? [[name, value] as const] : [];
    });
    const player = this.#findPlayer(new Map(found));
    for (const [name, value] of found) {
      player?.set(name, value);
      const others = (this.#values.get(name) ?? []).filter((other) => other !== value);
      this.#values.set(name, [value, ...others].slice(0, KEPT));
    }
  }

  /** Puts remembered values in the places that `anyRemembered` left. */
  fill(text: string, slot: number): string {
    return text.replaceAll(
      /\{\{(\w+)(?::(\d+))?\}\}/g,
      (place, name: string, other?: string) =>
        this.#recall(name, other === undefined ? slot : Number(other)) ?? place,
    );
  }

  /** Only who has a token takes a place. */
  #findPlayer(found: ReadonlyMap<string, string>): Map<string, string> | undefined {
    const userId = found.get('user_id') ?? '';
    if (!this.#players.has(userId) && found.has('access_token')) {
      this.#players.set(userId, new Map());
      const [oldest = ''] = this.#players.keys();
      if (this.#players.size > KEPT) this.#players.delete(oldest);
    }
    return this.#players.get(userId);
  }

  #recall(name: string, slot: number): string | undefined {
    const player = [...this.#players.values()][slot % Math.max(this.#players.size, 1)];
    const values = this.#values.get(name) ?? [];
    return player?.get(name) ?? values[slot % Math.max(values.length, 1)];
  }
}
