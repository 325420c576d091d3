import { expect, it } from 'vitest';

import { type Edit, evaluate } from './program.ts';
import { type RequirementName, requirementNames, requirements } from './requirements/index.ts';
import { settingsOf } from './variants.ts';

interface Mistake {
  readonly mistake: string;
  readonly edit: Edit;
  readonly breaks: RequirementName;
}

const mistakes: Mistake[] = [
  {
    mistake: 'an idle timeout above that of the service',
    edit: {
      file: 'infra/load-balancer.ts',
      from: 'IDLE_TIMEOUT_SECONDS = 120',
      to: 'IDLE_TIMEOUT_SECONDS = 4000',
    },
    breaks: 'the load balancer gives idle connections up before the service does, after 125 s',
  },
  {
    mistake: "a database in the network's default security group",
    edit: { file: 'infra/database.ts', from: 'vpcSecurityGroupIds: [groups.database.id],', to: '' },
    breaks: 'only tasks reach PostgreSQL and Redis',
  },
  {
    mistake: 'a password in the environment of a task',
    edit: {
      file: 'infra/service.ts',
      from: 'environment: environmentOf(settings),',
      to: "environment: { ...environmentOf(settings), LOG_LEVEL: 'made-up-DatabasePassword' },",
    },
    breaks: 'no secret is in the task definition or the image, only where it is',
  },
  {
    mistake: 'tasks that serve before they migrated',
    edit: {
      file: 'infra/containers.ts',
      from: "dependsOn: [{ containerName: MIGRATION, condition: 'SUCCESS' }],",
      to: '',
    },
    breaks: 'a task migrates, and serves only after that succeeded',
  },
  {
    mistake: 'a graph of a metric that nobody tells',
    edit: {
      file: 'infra/dashboard-rows.ts',
      from: "laurel('ScoresCapped', 'Sum')",
      to: "laurel('ScoresLost', 'Sum')",
    },
    breaks: 'the dashboard shows every metric of the service, and no other',
  },
];

/** Together, because each evaluation takes seconds. */
it('each mistake is caught by the requirement that it breaks, and by no other', async () => {
  const program = await evaluate('dev', { edits: mistakes.map(({ edit }) => edit) });
  const broken = requirementNames.filter(
    (name) => !isMet(() => requirements[name](program, settingsOf('dev'))),
  );
  expect(broken.toSorted()).toEqual(mistakes.map(({ breaks }) => breaks).toSorted());
});

function isMet(requirement: () => void): boolean {
  try {
    requirement();
    return true;
  } catch {
    return false;
  }
}
