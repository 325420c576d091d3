import { beforeAll, describe, it } from 'vitest';

import type { Settings } from '../../infra/settings.ts';
import { evaluate, type Program } from './program.ts';
import { type RequirementName, requirementNames, requirements } from './requirements/index.ts';
import { settingsOf, variantNames, variants } from './variants.ts';

describe.each(variantNames)('%s', (name) => {
  let program: Program;
  beforeAll(async () => {
    program = await evaluate(variants[name].stage, variants[name]);
  });

  it.each(requirementNames)('%s', (requirement) => {
    expectMet(requirement, { program, settings: settingsOf(name) });
  });
});

function expectMet(
  name: RequirementName,
  { program, settings }: { program: Program; settings: Settings },
): void {
  requirements[name](program, settings);
}
