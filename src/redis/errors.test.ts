import { expect, test } from 'vitest';

import { RedisRefused, RedisUnavailable, toRefusal } from './errors.ts';

test.each(['OOM', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'NOAUTH', 'WRONGTYPE', 'ERR', 'NOSCRIPT'])(
  '%s is a refusal',
  (code) => {
    expect(toRefusal(`${code} for some reason`)).toEqual(new RedisRefused(code, `${code} for some reason`));
    expect(toRefusal(code)).toHaveProperty('code', code);
  },
);

test.each(['LOADING Redis is loading the dataset in memory', 'BUSY Redis is busy running a script'])(
  '%s is absence',
  (reply) => {
    expect(toRefusal(reply)).toEqual(new RedisUnavailable(reply));
  },
);

test.each(['', 'Unauthorized', 'Bad Gateway', 'x OOM'])('"%s" is nothing that Redis says', (text) => {
  expect(toRefusal(text)).toBeUndefined();
});
