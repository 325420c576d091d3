/// <reference path="./.sst/platform/config.d.ts" />

/** `sst deploy --stage production` makes all of it; docs/operations.md says what that is and what it costs. */
export default $config({
  async app(input) {
    const { readSettings } = await import('./infra/settings.ts');
    const { production, region } = readSettings(input.stage, process.env);
    return {
      name: 'laurel',
      home: 'aws',
      removal: production ? 'retain' : 'remove',
      protect: production,
      providers: { aws: { version: '7.20.0', region }, random: { version: '4.16.6' } },
    };
  },
  async run() {
    const { createInfrastructure } = await import('./infra/index.ts');
    return await createInfrastructure();
  },
});
