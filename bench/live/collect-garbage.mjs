/** Loaded into the measured service before its own code, with --expose-gc: what a signal leaves is what it holds. */
process.on('SIGUSR2', () => globalThis.gc());
