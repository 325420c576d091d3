/**
 * The thread of tcp-proxy.ts: forwards to `workerData`, tells its port, and obeys "swallow" and "restore".
 */
/* oxlint-disable unicorn/require-post-message-target-origin -- a thread is no window */
import { connect, createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { host, port } = workerData;
const clients = new Set();
const targets = new Set();
let mute = false;

// Half-open, so that a client that ends a mute connection gets no end back.
const server = createServer({ allowHalfOpen: true }, (client) => {
  clients.add(client);
  client.on('error', () => {}).once('close', () => clients.delete(client));
  if (mute) return void client.resume();
  const target = connect(port, host);
  targets.add(target);
  target.on('error', () => {}).once('close', () => targets.delete(target));
  join(client, target);
});

/** Without pipe(), whose listeners cannot be taken off one by one; the test's traffic needs no back-pressure. */
function join(client, target) {
  client.on('data', (chunk) => target.write(chunk)).on('end', () => target.end());
  target.on('data', (chunk) => client.write(chunk)).on('close', () => client.destroy());
}

const orders = {
  swallow: () => {
    mute = true;
    for (const client of clients) client.removeAllListeners('data').removeAllListeners('end').resume();
    for (const target of targets) target.removeAllListeners('close').destroy();
    targets.clear();
  },
  restore: () => {
    mute = false;
  },
};

server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
parentPort.on('message', (order) => {
  orders[order]();
  parentPort.postMessage(order);
});
