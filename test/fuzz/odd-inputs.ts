import type { Draft } from './drafts.ts';

const deep = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

/** Values that some reader somewhere takes for another, or chokes on. */
// prettier-ignore
export const oddValues: readonly unknown[] = [
  null, true, false, 0, -0, -1, 0.1, 1e308, 5e-324, 2 ** 53, -(2 ** 53), 1e21, '', ' ', '0', '1', 'null', 'NaN', '1e3',
  [], [[]], {}, { length: 1 }, { toString: 1 }, { $gt: '' }, '\u0000', 'a\u0000b', '\u001b[31m', '\ud800', '\udfff\ud800',
  '\u202e', '\ufeff', 'ﬀ', 'İ', '😀'.repeat(40), 'a'.repeat(5000), "'; DROP TABLE users; --", '%s%n', '../../etc/passwd',
  '00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', 'me', 'global', '-', '١٢٣',
  { __proto__: null, constructor: { prototype: {} } }, Array.from({ length: 500 }, () => 0),
];
/** Characters that PostgreSQL, UTF-8, logs or people stumble over. */
export const oddCharacters = [
  '\u0000',
  '\u0000\u0000',
  '\u001b',
  '\u007f',
  '\ud800',
  '\u202e',
  '\ufeff',
  ' ',
  "'",
  '\\',
  'İ',
  '😀',
];

// prettier-ignore
export const oddNames = ['__proto__', 'constructor', 'toString', '', 'extra', 'a.b', '\u0000', 'x'.repeat(3000), 'role'];

// prettier-ignore
export const oddBodies: readonly (string | Buffer)[] = [
  '', ' ', 'null', 'true', '0', '""', '[]', '{}', '[{}]', '{', '}', '{"a":', '{"a":1,}', "{'a':1}", '{"a":NaN}', '{"a":Infinity}',
  '{"a":1e999}', '{"a":-1e999}', '{"username":"a","username":"b"}', '\ufeff{}', '{"__proto__":{"a":1}}', '{"a":"\u0000"}',
  '{"a":"\\ud800"}', '{"\\ud800":1}', '/**/{}', '{}{}', 'a=b&c=d', '<a/>', deep(4000, '[', ']'), deep(1500, '{"a":', '}'),
  Buffer.from([0xff, 0xfe, 0x7b, 0x7d]), Buffer.from('{"username":"\xff\xfe"}', 'latin1'), Buffer.alloc(100),
  Buffer.from('{}', 'utf16le'), `{"a":"${'a'.repeat(16_377)}"}`, ];

/** Above the limit of 16 KiB, in one packet and in many. */
export const oversizedBodies = [`{"a":"${'a'.repeat(17_000)}"}`, 'a'.repeat(300_000)];

// prettier-ignore
export const oddPaths = [
  '%', '%00', '%ff', '%2F', '%2e%2e', '..', '.', '%252e', '%u0041', '%E0%A4%A', '%ED%A0%80', '%C0%AF', '//', '/', ';a=b', '+', '*',
  '{leaderboard_id}', ':leaderboard_id', 'me', 'ME', 'a'.repeat(64), 'a'.repeat(65), 'a'.repeat(6000), '~', '%20', '%0d%0aX:1', '|', '"', '`',
  '\u00e9', '[', '^', '@', '__proto__', 'global%00', 'global/', '/global', 'swagger-ui.css', '..%2f..%2fpackage.json',
];
// prettier-ignore
export const oddQueries = [
  'limit=', 'limit=0', 'limit=-1', 'limit=101', 'limit=1.5', 'limit=1e2', 'limit=NaN', 'limit=0x10', 'limit=%31', 'limit=１',
  'limit=99999999999999999999', 'limit=1&limit=2', 'limit[]=1', 'limit[a]=1', 'offset=9007199254740991', 'offset=9007199254740992',
  'cursor=0', 'cursor=999999999999999', 'cursor=-1', 'cursor=a', 'around=51', 'around=%00', '__proto__=1', '__proto__[a]=1', 'constructor=1', '&&&', '=', '?',
  '%', '%ff=%ff', '#a', 'a'.repeat(8000), 'limit=10&utm=1',
].map((query) => Buffer.from(query).toString('latin1'));

// prettier-ignore
export const oddHeaders: readonly Draft['headers'][] = [
  ...['', 'text/plain', 'application/jsonp', 'application/json; charset=utf-16', 'APPLICATION/JSON', 'application/json;', 'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded', 'application/json, text/plain', '\u00ff/json'].map((type) => ({ 'Content-Type': type })),
  ...['', 'Bearer', 'Bearer ', 'Basic YTpi', 'bearer a', 'Bearer a b', 'Bearer a.b.c', 'Bearer ..', `Bearer ${'a'.repeat(9000)}`, 'Bearer \u00ff\u0080',
    'Bearer eyJhbGciOiJub25lIn0.e30.', 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.x', 'Bearer bnVsbA.e30.x', 'Bearer {{refresh_token:0}}', 'Bearer {{action_token:0}}',
    'Bearer {{api_key:0}}', 'Bearer {{access_token:1}}', 'Bearer {{access_token:0}}x'].map((value) => ({ Authorization: value })),
  ...['*', 'W/"a"', '"', '', '"a", "b"', '\u00ff', 'a'.repeat(5000)].map((value) => ({ 'If-None-Match': value })),
  ...['', 'a'.repeat(300), '\u00ff', '{}', '../..', 'a b'].map((value) => ({ 'X-Request-Id': value })),
  ...['', 'a', '::1', '1.2.3.4, 5.6.7.8', ','.repeat(500), '\u00ff'].map((value) => ({ 'X-Forwarded-For': value })),
  ...['null', 'https://a.example', 'x', '\u00ff'].map((value) => ({ Origin: value, 'Access-Control-Request-Method': 'PUT' })),
  { 'Content-Encoding': 'gzip' }, { 'Transfer-Encoding': 'chunked' }, { Expect: '100-continue' }, { Range: 'bytes=0-1' },
  { Accept: 'text/html' }, { Accept: '' }, { 'Accept-Encoding': 'gzip, br' }, { Connection: 'close' }, { Connection: 'Upgrade', Upgrade: 'websocket' },
  { 'User-Agent': '\u00ff\u0080'.repeat(300) }, { 'User-Agent': '' }, { Cookie: 'a=b; '.repeat(500) }, { 'X-HTTP-Method-Override': 'DELETE' },
  { 'Last-Event-ID': '-1' }, { Host: 'A.example' }, { Host: '[::1]:1' }, { Host: 'a.example:99' }, { __proto__x: 'a' }, { 'If-None-Match': ['"a"', '"b"'] }, { 'Content-Type': ['application/json', 'text/plain'] },
];

// prettier-ignore
export const oddMethods = ['PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'M-SEARCH', 'PURGE', 'GET', 'POST', 'PUT', 'DELETE'];
