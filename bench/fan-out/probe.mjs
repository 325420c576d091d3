/**
 * Loaded into the measured service before its own code, with --expose-gc and an IPC channel. Whenever the parent asks, it
 * tells how long the event loop was held since it was asked before, and what memory the process has after a collection.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

process.on('message', () => {
  const loop = { maxMs: delay.max / 1e6, p99Ms: delay.percentile(99) / 1e6 };
  globalThis.gc();
  process.send({ loop, rss: process.memoryUsage.rss(), cpu: process.cpuUsage() });
  // The collection is no work of the service.
  setTimeout(() => delay.reset(), 50);
});
// The channel shall not keep a service alive that was told to stop.
process.channel.unref();
