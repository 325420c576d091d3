import { once } from 'node:events';

import type { LoadPlan } from './plan.ts';
import { readRequests } from './request-file.ts';
import { sendRequests } from './send-requests.ts';

const [plan] = (await once(process, 'message')) as [LoadPlan];
const result = await sendRequests(plan, readRequests(plan.requestFile));
process.send?.(result, () => process.disconnect());
