/**
 * Many streams in a process of their own, as lean as sockets can be: one buffer for all, and of each event only its id
 * is read, and its data once. Told `{ port, path, count }` it connects and answers when all are connected; told
 * `{ whole }`, the id of an event, it answers when the last client got it or a later one; told `{ updates }`, each with
 * when it was committed and the total that some player had by it, it answers how long every client waited for the first
 * event that showed it. Times are milliseconds since 1970.
 */
import { connect } from 'node:net';

const MAX_CONNECTING = 100;
const ID = Buffer.from('id: ');
const DATA = Buffer.from('data: ');
const LINE_FEED = 0x0a;

const buffer = Buffer.alloc(64 * 1024);
const { timeOrigin } = performance;
/** By id, with their place in the order in which they were sent, and the data once some client got all of it. */
const events = new Map();
/** Of each client, the places of the events that it got, and when it got them. */
const clients = [];
let closed = 0;
let awaited;
const NONE = { id: Buffer.from('none'), event: undefined };
/** What most clients get next as well. */
let newest = NONE;

/** Laurel's ids are numbers that rise; nchan sends one event after the other. */
function eventOf(id) {
  let event = events.get(id);
  if (event === undefined) {
    event = { place: /^\d+$/.test(id) ? Number(id) : events.size, data: undefined };
    events.set(id, event);
  }
  return event;
}

function onRead(client, size) {
  const now = timeOrigin + performance.now();
  // What is behind `size` is of another read.
  for (let at = buffer.indexOf(ID); at >= 0 && at + ID.length < size; at = buffer.indexOf(ID, at + 4)) {
    const event = eventAt(at + 4, size);
    event.data ??= dataAfter(buffer.subarray(0, size), at);
    client.places.push(event.place);
    client.times.push(now);
    if (awaited === undefined) continue;
    if (!client.isCounted && event.place >= awaited.place) {
      client.isCounted = true;
      awaited.left -= 1;
    }
    if (awaited.left === 0) tellWhole(now);
  }
  return true;
}

/** Makes no string of the id that the client before got. */
function eventAt(begin, size) {
  const { id } = newest;
  const isSame =
    buffer[begin + id.length] === LINE_FEED &&
    buffer.compare(id, 0, id.length, begin, begin + id.length) === 0;
  if (isSame && begin + id.length < size) return newest.event;
  const end = buffer.indexOf(LINE_FEED, begin);
  const text = buffer.latin1Slice(begin, end < 0 || end > size ? size : end);
  newest = { id: Buffer.from(text, 'latin1'), event: eventOf(text) };
  return newest.event;
}

/** Undefined when the end of the line is not there. */
function dataAfter(bytes, at) {
  const begin = bytes.indexOf(DATA, at);
  const end = begin < 0 ? -1 : bytes.indexOf(LINE_FEED, begin);
  return end < 0 ? undefined : bytes.utf8Slice(begin + DATA.length, end);
}

function awaitWhole(id) {
  const { place } = eventOf(id);
  let [left, lastAt] = [0, 0];
  for (const client of clients) {
    const index = client.places.findLastIndex((one) => one < place) + 1;
    client.isCounted = index < client.places.length;
    if (client.isCounted) lastAt = Math.max(lastAt, client.times[index]);
    else left += 1;
  }
  awaited = { place, left };
  if (left === 0) tellWhole(lastAt);
}

function tellWhole(lastAt) {
  awaited = undefined;
  process.send({ lastAt });
}

async function open(port, path) {
  const client = { places: [], times: [], isCounted: false };
  await new Promise((resolve, reject) => {
    let isAnswered = false;
    const callback = (size) => {
      if (!isAnswered) resolve();
      isAnswered = true;
      return onRead(client, size);
    };
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback } });
    socket.on('error', reject).on('close', () => (closed += 1));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n`);
  });
  clients.push(client);
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
  process.send({ connected: clients.length });
}

/** A histogram by milliseconds over all clients and updates. */
function tell(updates) {
  const pages = [...events.values()].toSorted((one, other) => one.place - other.place).map(toPage);
  const latencies = {};
  let unshown = 0;
  for (const update of updates) {
    const first = pages.find(({ totals }) => totals.get(update.userId) >= update.total);
    if (first === undefined) unshown += 1;
    else addLatencies(latencies, first.place, update.committedAt);
  }
  const received = clients.reduce((sum, { places }) => sum + places.length, 0);
  process.send({ latencies, unshown, received, closed });
}

function addLatencies(latencies, first, committedAt) {
  for (const { places, times } of clients) {
    const index = places.findIndex((place) => place >= first);
    if (index < 0) throw new Error('a client never got the last event');
    const ms = Math.max(0, Math.round(times[index] - committedAt));
    latencies[ms] = (latencies[ms] ?? 0) + 1;
  }
}

/** What has been told is forgotten, so that the next search is as short. */
function forget() {
  const [last] = [...events].toSorted(([, one], [, other]) => other.place - one.place);
  events.clear();
  if (last !== undefined) events.set(...last);
  newest = NONE;
  for (const client of clients) {
    client.places.splice(0, client.places.length - 1);
    client.times.splice(0, client.times.length - 1);
  }
}

/** One of which no client got the data in one piece shows nothing: what it would show counts for the one after it. */
function toPage({ place, data = '{}' }) {
  const { entries = [] } = JSON.parse(data);
  return { place, totals: new Map(entries.map((entry) => [entry.user_id, entry.total_score])) };
}

process.on('message', (message) => {
  if (message.updates !== undefined) {
    tell(message.updates);
    forget();
  } else if (message.whole !== undefined) awaitWhole(message.whole);
  else void openAll(message);
});
process.on('disconnect', () => process.exit());
