import type { Network } from './network.ts';
import { DATABASE_PORT } from './ports.ts';
import type { SecurityGroups } from './security-groups.ts';
import type { Settings } from './settings.ts';

export type Database = ReturnType<typeof createDatabase>;

const NAME = 'laurel';

/** PostgreSQL on RDS, the truth: encrypted, reached by TLS only, and in production hard to lose. */
export function createDatabase(settings: Settings, network: Network, groups: SecurityGroups) {
  const password = new random.RandomPassword('DatabasePassword', { length: 48, special: false });
  const shared = sharedArguments(settings, groups);
  const primary = new aws.rds.Instance('Database', {
    ...shared,
    ...backups(settings),
    engine: 'postgres',
    engineVersion: '17',
    allocatedStorage: settings.database.storageGb,
    dbName: NAME,
    username: NAME,
    password: password.result,
    port: DATABASE_PORT,
    dbSubnetGroupName: new aws.rds.SubnetGroup('DatabaseSubnets', { subnetIds: network.vpc.privateSubnets })
      .name,
    multiAz: settings.database.multiAz,
  });
  const replica = settings.database.replica
    ? new aws.rds.Instance(
        'DatabaseReplica',
        {
          ...shared,
          replicateSourceDb: primary.identifier,
          // It has nothing of its own: turned off, it goes, and is not paid for any more.
          deletionProtection: false,
          skipFinalSnapshot: true,
        },
        { retainOnDelete: false },
      )
    : undefined;
  const urlOf = ({ address }: typeof primary) =>
    $interpolate`postgres://${NAME}:${password.result}@${address}:${DATABASE_PORT}/${NAME}?sslmode=verify-full`;
  return { primary, replica, url: urlOf(primary), replicaUrl: replica && urlOf(replica) };
}

/** A replica that is promoted is the same database. */
function sharedArguments({ database, production }: Settings, groups: SecurityGroups) {
  return {
    instanceClass: database.instance,
    maxAllocatedStorage: database.maxStorageGb,
    storageType: 'gp3',
    storageEncrypted: true,
    parameterGroupName: createParameters(database.maxConnections).name,
    vpcSecurityGroupIds: [groups.database.id],
    publiclyAccessible: false,
    autoMinorVersionUpgrade: true,
    // A deployment that reports success has changed what it was asked to, and not put it off to the next window.
    applyImmediately: true,
    deletionProtection: production,
  };
}

/** Times are UTC: the index is built anew at 4. */
function backups({ database, production, stage }: Settings) {
  return {
    backupRetentionPeriod: database.backupDays,
    backupWindow: '06:00-07:00',
    maintenanceWindow: 'tue:07:30-tue:08:30',
    copyTagsToSnapshot: true,
    skipFinalSnapshot: !production,
    finalSnapshotIdentifier: production ? `laurel-${stage}-final` : undefined,
  };
}

function createParameters(maxConnections: number) {
  return new aws.rds.ParameterGroup('DatabaseParameters', {
    family: 'postgres17',
    parameters: [
      { name: 'rds.force_ssl', value: '1' },
      { name: 'max_connections', value: String(maxConnections), applyMethod: 'pending-reboot' },
    ],
  });
}
