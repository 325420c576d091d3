/**
 * Loaded into the soaked service before its own code, with --expose-gc and an IPC channel: tells what memory it holds
 * whenever the parent asks. Only what survives a full collection can be a leak.
 */
process.on('message', () => {
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send({ rss, held: heapUsed + external });
});
// The channel shall not keep a service alive that was told to stop.
process.channel.unref();
