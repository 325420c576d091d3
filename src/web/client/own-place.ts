import { type Answered, askAgainMs } from '../board/ask-again.ts';
import type { Entry } from '../board/snapshot.ts';

/** Where the player of the page stands; `entry` is undefined for one who has no score here. */
interface OwnPlace {
  readonly entry: Entry | undefined;
}

export interface OwnPlaceWatch {
  /** Asks as soon as it may, and from then on now and then: a place beyond the page changes without an event. */
  follow(): void;
  rest(): void;
}

/** Without news from the board. */
const IDLE_MS = 20_000;

/** Asks for a player's place, one request at a time, no oftener than the service likes; `show` gets every answer. */
export function watchOwnPlace(url: string, show: (place: OwnPlace) => void): OwnPlaceWatch {
  const nothing: Answered = { status: undefined, header: () => null };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let notBefore = performance.now() + askAgainMs({ ...nothing, status: 200 }, Math.random());
  let isFollowed = false;
  let isAsking = false;
  let hasMoved = false;

  function askIn(delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), Math.max(delayMs, notBefore - performance.now()));
  }

  async function ask(): Promise<void> {
    isAsking = true;
    hasMoved = false;
    const response = await fetch(url).catch(() => undefined);
    const place = await readPlace(response).catch(() => undefined);
    const answered = response && {
      status: response.status,
      header: (name: string) => response.headers.get(name),
    };
    notBefore = performance.now() + askAgainMs(answered ?? nothing, Math.random());
    isAsking = false;
    if (!isFollowed) return;
    if (place !== undefined) show(place);
    askIn(hasMoved ? 0 : IDLE_MS);
  }

  return {
    follow: () => {
      isFollowed = true;
      hasMoved = true;
      if (!isAsking) askIn(0);
    },
    rest: () => {
      isFollowed = false;
      clearTimeout(timer);
    },
  };
}

/** Undefined when the answer says nothing about the player. */
async function readPlace(response: Response | undefined): Promise<OwnPlace | undefined> {
  if (response?.status === 404) return { entry: undefined };
  if (response?.ok !== true) return undefined;
  return (await response.json()) as OwnPlace;
}
