import { beforeAll, describe, expect, inject, it } from 'vitest';

import { errorCodes } from '../src/errors.ts';
import { readDocument } from './contract/document.ts';
import { listOperations } from './contract/operations.ts';
import { startTestService, type TestService } from './harness/service.ts';

describe('the documentation', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService();
  });

  it('is a page whose files the service has itself', async () => {
    const { status, text, headers } = await service.request('/docs');
    expect(status).toBe(200);
    expect(headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    const files = [...text.matchAll(/(?:src|href)="(\/docs\/assets\/[^"]+)"/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect(await service.request(file)).toMatchObject({ status: 200 });
  });

  it('is held in memory once, however many wait for it', async () => {
    const ask = async () =>
      await service.app.fetch(new Request('http://localhost/docs/assets/swagger-ui-bundle.js'));
    const size = Number((await ask()).headers.get('Content-Length'));
    expect(size).toBeGreaterThan(1_000_000);
    const before = process.memoryUsage().arrayBuffers;
    const answers = await Promise.all(Array.from({ length: 100 }, ask));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * size);
    for (const answer of answers) expect((await answer.arrayBuffer()).byteLength).toBe(size);
  });

  it('has no other files', async () => {
    for (const file of ['package.json', '..%2fpackage.json', 'swagger-ui.css.map'])
      expect(await service.request(`/docs/assets/${file}`)).toMatchObject({ status: 404 });
  });

  it('says of every operation that may have a body that too large a one is refused', () => {
    const silent = listOperations(readDocument(inject('runDirectory')))
      .filter(({ method, operation }) => method !== 'get' && !('413' in operation.responses))
      .map(({ operation }) => operation.operationId);
    expect(silent).toEqual([]);
  });

  it('names every error code where problem details link to', async () => {
    const { status, text } = await service.request('/docs/errors');
    expect(status).toBe(200);
    for (const code of errorCodes) expect(text).toContain(`id="${code}"`);
  });
});
