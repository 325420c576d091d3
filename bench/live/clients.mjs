/**
 * Many streams in a process of their own, as lean as sockets can be: one buffer for all, and of each event only its id
 * is read. Told `{ port, path, count }` it connects and answers when all are connected; told `{ whole }`, the id of an
 * event, it answers when the last client got it; told `{ updates }`, a list of when each was committed and by which
 * event it was shown, it answers how long they took to reach the clients. Times are milliseconds since 1970.
 */
import { connect } from 'node:net';

const MAX_CONNECTING = 100;
const ID = Buffer.from('id: ');
const LINE_FEED = 0x0a;

const buffer = Buffer.allocUnsafeSlow(256 * 1024);
/** For each event, how many clients got it, when the last of them did, and how many at which millisecond. */
const arrivals = new Map();
let connected = 0;
let closed = 0;
let awaited;

function arrivalsOf(id) {
  let found = arrivals.get(id);
  if (found === undefined) arrivals.set(id, (found = { received: 0, lastAt: 0, counts: new Map() }));
  return found;
}

function onRead(size) {
  const now = performance.timeOrigin + performance.now();
  const bytes = buffer.subarray(0, size);
  for (let at = bytes.indexOf(ID); at >= 0; at = bytes.indexOf(ID, at + 4)) {
    const end = bytes.indexOf(LINE_FEED, at);
    const id = bytes.latin1Slice(at + 4, end < 0 ? size : end);
    const event = arrivalsOf(id);
    const ms = Math.floor(now);
    event.received += 1;
    event.lastAt = now;
    event.counts.set(ms, (event.counts.get(ms) ?? 0) + 1);
    if (id === awaited) tellWhenWhole();
  }
  return true;
}

function tellWhenWhole() {
  const { received, lastAt } = arrivalsOf(awaited);
  if (received < connected) return;
  awaited = undefined;
  process.send({ lastAt });
}

async function open(port, path) {
  await new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer,
        callback: (size) => {
          resolve();
          return onRead(size);
        },
      },
    });
    socket.on('error', reject).on('close', () => (closed += 1));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n`);
  });
  connected += 1;
}

async function openAll({ port, path, count }) {
  let started = 0;
  const lane = async () => {
    while (started < count) {
      started += 1;
      await open(port, path);
    }
  };
  await Promise.all(Array.from({ length: MAX_CONNECTING }, lane));
  process.send({ connected });
}

/** A histogram by milliseconds over all clients and updates. */
function tell(updates) {
  const latencies = {};
  let missing = 0;
  for (const { committedAt, id } of updates) {
    const { received, counts } = arrivalsOf(id);
    for (const [at, count] of counts) {
      const ms = Math.max(0, Math.round(at - committedAt));
      latencies[ms] = (latencies[ms] ?? 0) + count;
    }
    missing += connected - received;
  }
  process.send({ latencies, missing, closed });
}

process.on('message', (message) => {
  if (message.updates !== undefined) return tell(message.updates);
  if (message.whole === undefined) return void openAll(message);
  awaited = message.whole;
  tellWhenWhole();
});
process.on('disconnect', () => process.exit());
