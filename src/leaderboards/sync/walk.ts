import pLimit from 'p-limit';

const PAGE_SIZE = 5000;
/** What one script may take. */
const CHUNK_SIZE = 64;
/** Redis runs one script at a time: more would only keep everybody else's commands waiting. */
const CHUNKS_AT_ONCE = 4;

/** Handles page after page of rows; `find` gets the last row of the page before. Only one page is held at a time. */
export async function walkPages<Row>(
  find: (after: Row | undefined, limit: number) => Promise<readonly Row[]>,
  handle: (rows: readonly Row[]) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let after: Row | undefined;
  let rows: readonly Row[];
  do {
    signal?.throwIfAborted();
    rows = await find(after, PAGE_SIZE);
    await handle(rows);
    after = rows.at(-1);
  } while (rows.length === PAGE_SIZE);
}

/** Sends rows in calls of up to 64, some at once. Once a call rejects, no more are begun, and so does this. */
export async function sendInChunks<Row>(
  rows: readonly Row[],
  send: (chunk: readonly Row[]) => Promise<void>,
): Promise<void> {
  const limit = pLimit({ concurrency: CHUNKS_AT_ONCE, rejectOnClear: true });
  const count = Math.ceil(rows.length / CHUNK_SIZE);
  const chunks = Array.from({ length: count }, (_, index) =>
    rows.slice(index * CHUNK_SIZE, (index + 1) * CHUNK_SIZE),
  );
  try {
    await Promise.all(chunks.map((chunk) => limit(send, chunk)));
  } finally {
    limit.clearQueue();
  }
}
