import { expect } from 'vitest';

import { authoritiesFile } from '../../../infra/database-authorities.ts';
import { variableNames } from '../../../src/environment.ts';
import { allOf, oneOf, type Program } from '../program.ts';
import { containersOf, environmentOf, ROLE, SECRET, SECRET_VERSION, SERVICE, TASK } from '../resources.ts';
import type { Requirements } from './requirement.ts';

export const taskRequirements = {
  'a task migrates, and serves only after that succeeded': (program) => {
    const [service, migration] = containersOf(program);
    expect(service).toMatchObject({
      essential: true,
      dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }],
      portMappings: [{ containerPort: 3000, protocol: 'tcp' }],
    });
    expect(migration).toMatchObject({ name: 'migrate', essential: false, command: ['laurel', 'migrate'] });
    expect(migration.image).toBe(service.image);
    expect(migration.secrets).toEqual(service.secrets);
    expect(containersOf(program)).toHaveLength(2);
  },
  'containers have a read-only root, no terminal, no capabilities, and are not entered': (program) => {
    for (const container of containersOf(program)) {
      expect(container).toMatchObject({
        readonlyRootFilesystem: true,
        pseudoTerminal: false,
        linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
      });
    }
    expect(oneOf(program, SERVICE).properties['enableExecuteCommand']).toBe(false);
  },
  'logs go to one group that is kept for a time, and never block the service': (program, settings) => {
    const group = oneOf(program, 'aws:cloudwatch/logGroup:LogGroup').properties;
    expect(group['retentionInDays']).toBe(settings.logRetentionDays);
    for (const { logConfiguration } of containersOf(program)) {
      expect(logConfiguration).toMatchObject({
        logDriver: 'awslogs',
        options: { 'awslogs-group': group['name'], mode: 'non-blocking', 'max-buffer-size': '25m' },
      });
    }
  },
  'no secret is in the task definition or the image, only where it is': (program, settings) => {
    const { buildArgs, secrets } = oneOf(program, 'docker-build:index:Image').properties;
    const readable = JSON.stringify([oneOf(program, TASK).properties, buildArgs, secrets]);
    for (const value of secretValues(program)) expect(readable).not.toContain(value);
    const names = containersOf(program)[0].secrets.map(({ name }) => name);
    expect(names.toSorted()).toEqual([
      'ACTION_TOKEN_SECRET',
      'ADMIN_API_KEY',
      ...(settings.database.replica ? ['DATABASE_REPLICA_URL'] : []),
      'DATABASE_URL',
      'GAME_SERVICE_API_KEY',
      'JWT_SECRET',
      ...(settings.redis === undefined ? [] : ['REDIS_URL']),
    ]);
  },
  'secrets are made once, and what an operator changes stays': (program) => {
    for (const name of ['JWT_SECRET', 'ACTION_TOKEN_SECRET', 'GAME_SERVICE_API_KEY', 'ADMIN_API_KEY']) {
      expect(oneOf(program, SECRET_VERSION, `${name}Value`).ignoreChanges).toEqual(['secretString']);
    }
    expect(oneOf(program, SECRET_VERSION, 'DATABASE_URLValue').properties['secretString']).toBe(
      'postgres://laurel:made-up-DatabasePassword@Database.rds.test:5432/laurel?sslmode=verify-full',
    );
  },
  'only secrets that nobody could compose again are held after they were deleted': (
    program,
    { production },
  ) => {
    const madeUp = new Set(['JWT_SECRET', 'ACTION_TOKEN_SECRET', 'GAME_SERVICE_API_KEY', 'ADMIN_API_KEY']);
    for (const { name, properties } of allOf(program, SECRET)) {
      const held = production && madeUp.has(name);
      expect(properties).toHaveProperty('recoveryWindowInDays', held ? 30 : 0);
    }
  },
  'starting a task may read its own secrets, and the task itself may do nothing': (program) => {
    const inlineOf = (name: string) => oneOf(program, ROLE, name).properties['inlinePolicies'];
    const arns = containersOf(program)[0].secrets.map(({ valueFrom }) => valueFrom);
    const [policy, ...others] = inlineOf('LaurelExecutionRole') as { policy: string }[];
    expect(others).toEqual([]);
    expect(JSON.parse(policy?.policy ?? '')).toEqual({
      Statement: [{ actions: ['secretsmanager:GetSecretValue'], resources: arns }],
    });
    expect(inlineOf('LaurelTaskRole')).toEqual([]);
  },
  'the service gets only variables that it reads, and trusts one proxy': (
    program,
    { region, service, serviceVariables },
  ) => {
    const environment = environmentOf(program);
    expect(Object.keys(environment).filter((name) => !variableNames.includes(name))).toEqual([]);
    expect(environment).toMatchObject({
      ...serviceVariables,
      NODE_ENV: 'production',
      TRUSTED_PROXY_HOPS: '1',
      DATABASE_CA_FILE: `/app/certs/${authoritiesFile(region)}`,
      SHUTDOWN_GRACE_SECONDS: String(service.drainSeconds),
    });
  },
  'a task that is told to stop has time for what it does': (program, { service }) => {
    const stopTimeout = Number(containersOf(program)[0]['stopTimeout']);
    expect(stopTimeout).toBeGreaterThan(2 * service.drainSeconds);
    expect(stopTimeout).toBeLessThanOrEqual(120);
  },
  'a deployment adds before it removes, is rolled back when it fails, and keeps the count of tasks': (
    program,
  ) => {
    const service = oneOf(program, SERVICE);
    expect(service.properties).toMatchObject({
      deploymentCircuitBreaker: { enable: true, rollback: true },
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      healthCheckGracePeriodSeconds: 300,
      waitForSteadyState: true,
    });
    expect(service.ignoreChanges).toEqual(['desiredCount']);
    expect(service.dependsOn.some((name) => name.startsWith('LoadBalancerListenerHTTP'))).toBe(true);
  },
} satisfies Requirements;

/** Everything that was made up, alone or as part of a URL. */
function secretValues(program: Program): string[] {
  const values = allOf(program, SECRET_VERSION).map(({ properties }) => String(properties['secretString']));
  return [...values, 'made-up-'];
}
