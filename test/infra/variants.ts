import { readSettings, type Settings } from '../../infra/settings.ts';

/** The stages and choices that the requirements are checked for. */
export const variants = {
  production: {
    stage: 'production',
    env: {
      LAUREL_DOMAIN: 'scores.example.com',
      LAUREL_REPLICA: 'on',
      LAUREL_ALARM_EMAIL: 'on-call@example.com',
      LAUREL_REPOSITORY_URL: 'https://git.example.com/laurel',
      LAUREL_SERVICE_RATE_LIMIT_READS_PER_MINUTE: '1200',
      LAUREL_SERVICE_BROADCAST_INTERVAL_MS: '250',
    },
  },
  'production without Redis': { stage: 'production', env: { LAUREL_REDIS: 'off', LAUREL_REPLICA: 'off' } },
  dev: { stage: 'dev', env: {} },
} as const satisfies Record<string, { stage: string; env: Readonly<Record<string, string>> }>;

export type VariantName = keyof typeof variants;
export const variantNames = Object.keys(variants) as VariantName[];

export function settingsOf(name: VariantName): Settings {
  return readSettings(variants[name].stage, variants[name].env);
}
