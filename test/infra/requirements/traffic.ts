import { expect } from 'vitest';

import { allOf, oneOf } from '../program.ts';
import { LISTENER, LISTENER_RULE, LOAD_BALANCER, TARGET_GROUP } from '../resources.ts';
import type { Requirements } from './requirement.ts';

const notFound = { type: 'fixed-response', fixedResponse: { statusCode: '404' } };

export const trafficRequirements = {
  'the load balancer gives idle connections up before the service does, after 125 s': (program) => {
    expect(oneOf(program, LOAD_BALANCER).properties).toMatchObject({
      internal: false,
      idleTimeout: 120,
      xffHeaderProcessingMode: 'append',
      dropInvalidHeaderFields: true,
    });
  },
  'with a domain it speaks HTTPS, and HTTP leads there': (program, { domain }) => {
    const listeners = allOf(program, LISTENER).map(({ properties }) => properties);
    expect(listeners.map(({ port }) => port)).toEqual(domain === undefined ? [80] : [80, 443]);
    if (domain === undefined) return;
    expect(listeners[0]).toMatchObject({
      defaultActions: [
        { type: 'redirect', redirect: { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' } },
      ],
    });
    expect(listeners[1]).toMatchObject({ protocol: 'HTTPS', sslPolicy: expect.stringContaining('TLS13') });
    expect(listeners[1]).toHaveProperty('certificateArn', expect.stringContaining('arn:'));
  },
  'metrics and readiness are not found from outside, whatever else matches': (program) => {
    const rules = allOf(program, LISTENER_RULE).map(({ properties }) => properties);
    const first = rules.toSorted((a, b) => Number(a['priority']) - Number(b['priority']))[0];
    expect(first).toMatchObject({
      conditions: [{ pathPattern: { values: ['/metrics', '/health/ready'] } }],
      actions: [notFound],
    });
    expect(new Set(rules.map(({ listenerArn }) => listenerArn)).size).toBe(1);
  },
  'everything else goes to the tasks, and their health is that of the process': (program, { service }) => {
    expect(allOf(program, LISTENER_RULE).map(({ properties }) => properties)).toContainEqual(
      expect.objectContaining({
        conditions: [{ pathPattern: { values: ['/*'] } }],
        actions: [
          {
            type: 'forward',
            targetGroupArn: expect.stringContaining(oneOf(program, TARGET_GROUP).name) as string,
          },
        ],
      }),
    );
    expect(oneOf(program, TARGET_GROUP).properties).toMatchObject({
      port: 3000,
      targetType: 'ip',
      deregistrationDelay: service.drainSeconds,
      healthCheck: { path: '/health/live', matcher: '200' },
    });
  },
} satisfies Requirements;
