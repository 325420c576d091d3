import type { Lifetime } from '../harness/lifetime.ts';
import type { Row } from '../harness/report.ts';
import { startBenchService, untilIndexed } from '../harness/service.ts';
import { ratiosOf, spreadOf } from '../harness/statistics.ts';
import { type Board, writeTo } from './board.ts';

const PROCESSES = 3;

/** Updates a second through 1, 2 and 3 processes that share the stores, with the same number of connections in all. */
export async function measureProcesses(
  lifetime: Lifetime,
  board: Board,
  size: { rounds: number; seconds: number },
): Promise<Row[]> {
  const services = [board.indexed];
  while (services.length < PROCESSES) services.push(await startBenchService(lifetime, board.indexedEnv));
  for (const service of services) await untilIndexed(service);
  const rates = services.map((): number[] => []);
  for (let round = 0; round < size.rounds; round += 1) {
    for (const [index, all] of rates.entries()) {
      const results = await writeTo(board, services.slice(0, index + 1), size);
      all.push(results.reduce((sum, { perSecond }) => sum + perSecond, 0));
    }
  }
  return rates.map((all, index) => ({
    what: `score updates, ${board.players} players, processes: ${index + 1}`,
    unit: '/s',
    value: spreadOf(all),
    ...(index > 0 && { ratio: { to: 'one', value: spreadOf(ratiosOf(all, rates[0] ?? [])) } }),
  }));
}
