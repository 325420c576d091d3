import { expect } from 'vitest';

import { mostConnections } from '../../../infra/settings.ts';
import { allOf, oneOf } from '../program.ts';
import { ALARM, containersOf, DATABASE, REDIS } from '../resources.ts';
import type { Requirements } from './requirement.ts';

export const dataRequirements = {
  'PostgreSQL is encrypted, at rest and on its way': (program) => {
    for (const { properties } of allOf(program, DATABASE)) {
      expect(properties).toMatchObject({ storageEncrypted: true, publiclyAccessible: false });
      expect(properties).toHaveProperty('parameterGroupName', 'DatabaseParameters');
    }
    expect(oneOf(program, 'aws:rds/parameterGroup:ParameterGroup').properties['parameters']).toContainEqual({
      name: 'rds.force_ssl',
      value: '1',
    });
  },
  'a deployment changes PostgreSQL and Redis at once, not in the next window': (program) => {
    for (const { properties } of [...allOf(program, DATABASE), ...allOf(program, REDIS)])
      expect(properties).toHaveProperty('applyImmediately', true);
  },
  'in production PostgreSQL survives a zone, a deletion and a mistake': (
    program,
    { production, database },
  ) => {
    const primary = oneOf(program, DATABASE, 'Database');
    expect(primary.properties).toMatchObject({
      engine: 'postgres',
      multiAz: production,
      deletionProtection: production,
      skipFinalSnapshot: !production,
      backupRetentionPeriod: database.backupDays,
    });
    expect(primary.properties['finalSnapshotIdentifier']).toBe(
      production ? 'laurel-production-final' : undefined,
    );
    expect(primary.retained).toBe(production);
    expect(database.backupDays).toBeGreaterThanOrEqual(production ? 7 : 1);
    expect(program.app).toMatchObject({ protect: production, removal: production ? 'retain' : 'remove' });
  },
  'a replica is there when asked for, goes when it is not, and the service is told of it': (
    program,
    { database },
  ) => {
    const replicas = allOf(program, DATABASE).filter(({ name }) => name !== 'Database');
    expect(replicas.map(({ properties }) => properties['replicateSourceDb'])).toEqual(
      database.replica ? ['database'] : [],
    );
    for (const { retained, properties } of replicas) {
      expect({ retained, isProtected: properties['deletionProtection'] }).toEqual({
        retained: false,
        isProtected: false,
      });
    }
    const names = containersOf(program)[0].secrets.map(({ name }) => name);
    expect(names.includes('DATABASE_REPLICA_URL')).toBe(database.replica);
  },
  'all tasks of two versions have room at PostgreSQL, and alarm nobody': (program, { service, database }) => {
    const { threshold } = oneOf(program, ALARM, 'DatabaseConnections').properties;
    expect(mostConnections(service)).toBeLessThanOrEqual(Number(threshold));
    expect(threshold).toBeLessThanOrEqual(0.8 * database.maxConnections);
    expect(oneOf(program, 'aws:rds/parameterGroup:ParameterGroup').properties['parameters']).toContainEqual({
      name: 'max_connections',
      value: String(database.maxConnections),
      applyMethod: 'pending-reboot',
    });
  },
  'Redis is one shard, by TLS and with a password, and in production has a stand-in': (program, settings) => {
    const [redis, ...others] = allOf(program, REDIS);
    expect(others).toEqual([]);
    if (settings.redis === undefined) return expect(redis).toBeUndefined();
    expect(redis?.properties).toMatchObject({
      engine: 'redis',
      clusterMode: 'disabled',
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      authToken: 'made-up-RedisPassword',
      numCacheClusters: settings.production ? 2 : 1,
      automaticFailoverEnabled: settings.production,
      multiAzEnabled: settings.production,
    });
    expect(oneOf(program, 'aws:elasticache/parameterGroup:ParameterGroup').properties['parameters']).toEqual([
      { name: 'maxmemory-policy', value: 'noeviction' },
    ]);
  },
} satisfies Requirements;
