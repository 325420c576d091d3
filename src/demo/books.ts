import { type Cheat, cheatCodes, cheatTitles } from './cheats.ts';

/** A score update that a player means to have counted once. */
interface Update {
  readonly actionId: string;
  readonly userId: string;
  readonly delta: number;
}

/** What the board must say about a player. */
export interface Account {
  readonly accepted: number;
  /** Deltas whose answers never came: each counts or does not. */
  readonly unknown: readonly number[];
}

export interface Totals {
  readonly updates: number;
  readonly points: number;
  /** Honest retries that were answered with their first verdict. */
  readonly replays: number;
  /** Sent and not answered yet; after the game, unknown. */
  readonly open: number;
  readonly refused: number;
  /** By error code, the most frequent first. */
  readonly refusals: readonly (readonly [code: string, count: number])[];
}

export interface Books {
  send(update: Update): void;
  accept(actionId: string): void;
  refuse(actionId: string, code: string): void;
  replay(): void;
  /** `code` is undefined when the cheat was accepted. */
  cheat(kind: Cheat, code: string | undefined): void;
  /** Something that the contract does not allow. */
  object(text: string): void;
  account(userId: string): Account;
  totals(): Totals;
  objections(): readonly (readonly [text: string, count: number])[];
}

/** The game's own record of what was accepted, refused, or never answered; it never asks the service. */
export function createBooks(): Books {
  const open = new Map<string, Update>();
  const sums = new Map<string, number>();
  const refusals = createTally();
  const objections = createTally();
  const totals = { updates: 0, points: 0, replays: 0 };
  return {
    send: (update) => void open.set(update.actionId, update),
    accept: (actionId) => {
      const { userId, delta } = close(open, actionId);
      sums.set(userId, (sums.get(userId) ?? 0) + delta);
      totals.updates += 1;
      totals.points += delta;
    },
    refuse: (actionId, code) => {
      close(open, actionId);
      refusals.add(code);
      objections.add(`an honest update was refused: ${code}`);
    },
    replay: () => {
      totals.replays += 1;
    },
    cheat: (kind, code) => {
      if (code === undefined) return objections.add(`accepted: ${cheatTitles[kind]}`);
      refusals.add(code);
      if (isWrongRefusal(kind, code)) {
        objections.add(`${cheatTitles[kind]}: refused with ${code} instead of ${cheatCodes[kind]}`);
      }
    },
    object: (text) => objections.add(text),
    account: (userId) => ({
      accepted: sums.get(userId) ?? 0,
      unknown: [...open.values()].filter((update) => update.userId === userId).map(({ delta }) => delta),
    }),
    totals: () => ({ ...totals, open: open.size, refused: refusals.sum(), refusals: refusals.list() }),
    objections: () => objections.list(),
  };
}

function close(open: Map<string, Update>, actionId: string): Update {
  const update = open.get(actionId);
  if (update === undefined) throw new Error(`no open update has the action ${actionId}`);
  open.delete(actionId);
  return update;
}

/** While an answer is waited for, a good token expires: that is looked at before player, score and use. */
function isWrongRefusal(kind: Cheat, code: string): boolean {
  const mayExpire = kind === 'stolen' || kind === 'inflated' || kind === 'replayed';
  return code !== cheatCodes[kind] && !(mayExpire && code === 'action_token_expired');
}

/** Counts how often each text comes; lists the most frequent first. */
function createTally() {
  const counts = new Map<string, number>();
  return {
    add: (text: string) => void counts.set(text, (counts.get(text) ?? 0) + 1),
    sum: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    list: () => [...counts].sort(([, a], [, b]) => b - a),
  };
}
