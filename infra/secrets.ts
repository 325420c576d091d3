import type { Database } from './database.ts';
import type { Redis } from './redis.ts';
import type { Settings } from './settings.ts';

export type Secrets = ReturnType<typeof createSecrets>;

type Text = $util.Input<string>;

/** Made up once. From then on they belong to the operator, who rotates them in Secrets Manager. */
const madeUp = { JWT_SECRET: 64, ACTION_TOKEN_SECRET: 64, GAME_SERVICE_API_KEY: 48, ADMIN_API_KEY: 48 };

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
  const entries = [
    ...Object.entries(composed).flatMap(([name, url]) =>
      url === undefined ? [] : [[name, createSecret(settings, { name, value: url })] as const],
    ),
    ...Object.entries(madeUp).map(([name, length]) => {
      const { result } = new random.RandomPassword(`Initial${name}`, { length, special: false });
      return [
        name,
        createSecret(settings, { name, value: result, ignoreChanges: ['secretString'] }),
      ] as const;
    }),
  ];
  return Object.fromEntries(entries);
}

/** The version's ARN, not the secret's, which equals it: tasks then wait until there is a value. */
function createSecret(
  { production, stage }: Settings,
  { name, value, ignoreChanges }: { name: string; value: Text; ignoreChanges?: string[] },
) {
  const secret = new aws.secretsmanager.Secret(name, {
    name: `laurel/${stage}/${name}`,
    description: `${name} of Laurel`,
    recoveryWindowInDays: production ? 30 : 0,
  });
  const options = ignoreChanges === undefined ? {} : { ignoreChanges };
  return new aws.secretsmanager.SecretVersion(
    `${name}Value`,
    { secretId: secret.id, secretString: value },
    options,
  ).arn;
}
