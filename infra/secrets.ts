import type { Database } from './database.ts';
import type { Redis } from './redis.ts';
import type { Settings } from './settings.ts';

export type Secrets = ReturnType<typeof createSecrets>;

interface SecretArguments {
  readonly name: string;
  readonly value: $util.Input<string>;
  readonly recoveryDays: number;
  readonly ignoreChanges?: string[];
}

/** Made up once. From then on they belong to the operator, who rotates them in Secrets Manager. */
const madeUp = { JWT_SECRET: 64, ACTION_TOKEN_SECRET: 64, GAME_SERVICE_API_KEY: 48, ADMIN_API_KEY: 48 };

/** How long a deleted secret can be had back, and holds its name. */
const RECOVERY_DAYS = 30;

/** Variable names to the ARNs of their values. A task definition shows environment variables to whoever may read it. */
export function createSecrets(
  settings: Settings,
  { database, redis }: { database: Database; redis: Redis },
): Readonly<Record<string, $util.Output<string>>> {
  const composed = {
    DATABASE_URL: database.url,
    DATABASE_REPLICA_URL: database.replicaUrl,
    REDIS_URL: redis?.url,
  };
  const recoveryDays = settings.production ? RECOVERY_DAYS : 0;
  const entries = [
    ...Object.entries(composed).flatMap(([name, url]) =>
      url === undefined
        ? []
        : // Made again whenever its store is turned on again, which a held name would refuse.
          [[name, createSecret(settings, { name, value: url, recoveryDays: 0 })] as const],
    ),
    ...Object.entries(madeUp).map(([name, length]) => {
      const { result } = new random.RandomPassword(`Initial${name}`, { length, special: false });
      return [
        name,
        createSecret(settings, { name, value: result, recoveryDays, ignoreChanges: ['secretString'] }),
      ] as const;
    }),
  ];
  return Object.fromEntries(entries);
}

/** The version's ARN, not the secret's, which equals it: tasks then wait until there is a value. */
function createSecret({ stage }: Settings, { name, value, recoveryDays, ignoreChanges }: SecretArguments) {
  const secret = new aws.secretsmanager.Secret(name, {
    name: `laurel/${stage}/${name}`,
    description: `${name} of Laurel`,
    recoveryWindowInDays: recoveryDays,
  });
  const options = ignoreChanges === undefined ? {} : { ignoreChanges };
  return new aws.secretsmanager.SecretVersion(
    `${name}Value`,
    { secretId: secret.id, secretString: value },
    options,
  ).arn;
}
