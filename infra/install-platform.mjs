/**
 * Lays down SST's platform, which the types and the tests of the infrastructure need, as .sst/platform. It comes from
 * the package and the package registry alone: no AWS, no credentials. Does nothing when it is there for this version
 * and these providers.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const stamp = '.sst/installed-for';
const { version } = JSON.parse(readFileSync('node_modules/sst/package.json', 'utf8'));
const [providers = ''] = /providers: .*/.exec(readFileSync('sst.config.ts', 'utf8')) ?? [];
const wanted = `sst ${version}, ${providers}`;

if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) process.exit();
const { status, stdout, stderr } = spawnSync('npx', ['sst', 'install', '--stage', 'check'], {
  encoding: 'utf8',
  env: {
    ...process.env,
    // It would look for Pulumi and Bun, which only a deployment needs.
    SST_SKIP_DEPENDENCY_CHECK: '1',
    SST_NO_BUN: '1',
    SST_TELEMETRY_DISABLED: '1',
  },
});
if (status !== 0) {
  process.stderr.write(`sst install failed:\n${stdout}${stderr}`);
  process.exit(1);
}
writeFileSync(stamp, wanted);
