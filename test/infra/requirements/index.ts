import { dataRequirements } from './data.ts';
import { reachRequirements } from './reach.ts';
import { taskRequirements } from './tasks.ts';
import { trafficRequirements } from './traffic.ts';
import { watchRequirements } from './watch.ts';

/** What has to be true of every stage. */
export const requirements = {
  ...trafficRequirements,
  ...reachRequirements,
  ...dataRequirements,
  ...taskRequirements,
  ...watchRequirements,
};
export type RequirementName = keyof typeof requirements;
export const requirementNames = Object.keys(requirements) as RequirementName[];
