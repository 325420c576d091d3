/**
 * Many streams in a process of their own, as lean as sockets can be: one buffer for all, and of each event only its id
 * is read. Told `{ port, count }` it connects and answers when all are connected; told `{ updates }`, a list of when
 * each was committed and by which event it was shown, it answers how long they took to reach the clients.
 */
import { connect } from 'node:net';

const MAX_CONNECTING = 100;
const ID = Buffer.from('id: ');
const LINE_FEED = 0x0a;

const buffer = Buffer.allocUnsafeSlow(256 * 1024);
/** For each event, at which millisecond how many clients got it. */
const arrivals = new Map();
let connected = 0;
let closed = 0;

function onRead(size) {
  const now = Math.floor(performance.timeOrigin + performance.now());
  const bytes = buffer.subarray(0, size);
  for (let at = bytes.indexOf(ID); at >= 0; at = bytes.indexOf(ID, at + 4)) {
    const end = bytes.indexOf(LINE_FEED, at);
    const id = Number(bytes.latin1Slice(at + 4, end < 0 ? size : end));
    const counts = arrivals.get(id) ?? new Map();
    arrivals.set(id, counts);
    counts.set(now, (counts.get(now) ?? 0) + 1);
  }
  return true;
}

async function open(port) {
  await new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer,
        callback: (size) => {
          if (resolve !== undefined) resolve();
          return onRead(size);
        },
      },
    });
    socket.on('error', reject).on('close', () => (closed += 1));
    socket.write(
      'GET /v1/leaderboards/global/stream HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n',
    );
  });
  connected += 1;
}

async function openAll({ port, count }) {
  let started = 0;
  const lane = async () => {
    while (started < count) {
      started += 1;
      await open(port);
    }
  };
  await Promise.all(Array.from({ length: MAX_CONNECTING }, lane));
  process.send({ connected });
}

/** A histogram by milliseconds over all clients and updates, and one of the last client of each update. */
function tell(updates) {
  const latencies = {};
  const last = {};
  let missing = 0;
  const add = (histogram, ms, count) => (histogram[ms] = (histogram[ms] ?? 0) + count);
  for (const { committedAt, version } of updates) {
    const counts = arrivals.get(version) ?? new Map();
    let received = 0;
    let latest = 0;
    for (const [at, count] of counts) {
      const ms = Math.max(0, Math.round(at - committedAt));
      add(latencies, ms, count);
      received += count;
      latest = Math.max(latest, ms);
    }
    missing += connected - received;
    add(last, latest, 1);
  }
  process.send({ latencies, last, missing, closed });
}

process.on('message', (message) => {
  if (message.updates === undefined) void openAll(message);
  else tell(message.updates);
});
process.on('disconnect', () => process.exit());
