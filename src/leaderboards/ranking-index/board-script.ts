import { createHash } from 'node:crypto';

import { loadScript, type Script } from '../../redis/index.ts';

/** Of members and the values beside them. A board written in another format is not ready, and is built anew. */
export const FORMAT = '1';

/** More would keep Redis from everybody else for too long: 64 updates take about a millisecond. */
export const MAX_UPDATES = 64;

const shared = loadScript(new URL('board.lua', import.meta.url));

/** Loads a script of this folder with board.lua in front. */
export function loadBoardScript(file: `${string}.lua`): Script {
  const script = loadScript(new URL(file, import.meta.url));
  const text = `${shared.text}\n${script.text}`;
  return { name: script.name, text, sha1: createHash('sha1').update(text).digest('hex') };
}
