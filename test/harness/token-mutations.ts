import fc from 'fast-check';

/** Makes another text of an action token; `other` is a real one, `n` and `m` are whatever the change needs. */
type Mutation = (token: string, other: string, n: number, m: number) => string;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Texts that some reader somewhere skips, trims or takes for another. */
const ODD = [
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '\u00a0',
  '\u200b',
  '\ufeff',
  '\ud800',
  '=',
  ':',
  '%3A',
  ',',
  'ı',
];

const mutations: readonly Mutation[] = [
  // Bytes and parts.
  (token, _other, n, m) => replaceAt(token, n, (character) => flip(character, (m % 255) + 1)),
  (token, _other, n, m) =>
    replaceAt(
      replaceAt(token, n, () => pick(token, m)),
      m,
      () => pick(token, n),
    ),
  (token, _other, n) => token.slice(0, n % (token.length + 1)),
  (token, _other, n) => token.slice(n % (token.length + 1)),
  (token, _other, n, m) => insertAt(token, n, token.slice(m % 100, (m % 100) + 1 + (n % 8))),
  (token, other, n, m) => token.slice(0, n % 200) + other.slice(m % 200),
  (token, other, n, m) =>
    token.slice(0, n % 200) + other.slice(n % 200, (n + m) % 200) + token.slice((n + m) % 200),
  // One token's payload and another one's signature; fields changed under the old signature.
  (token, other) => join(base64Of(token), signatureOf(other)),
  (token, other, n) =>
    withFields(token, (fields) => fields.with(n % fields.length, fieldsOf(other)[n % 4] ?? '')),
  (token, _other, n, m) => withFields(token, (fields) => fields.with(2 + (n % 2), String(m + 1))),
  (token, _other, n) => withFields(token, (fields) => [...fields, ['global', 'weekly', ''][n % 3] ?? '']),
  (token) => withFields(token, (fields) => fields.slice(0, -1)),
  // Another text that decodes to the same bytes, or nearly.
  (token) => join(Buffer.from(base64Of(token), 'base64').toString('base64url'), signatureOf(token)),
  (token, _other, n) => join(base64Of(token).replace(/=*$/, '='.repeat(n % 4)), signatureOf(token)),
  (token, _other, n) => join(withSpareBits(base64Of(token), n), signatureOf(token)),
  (token) => join(encode(base64Of(token)), signatureOf(token)),
  (token) => join(base64Of(token), signatureOf(token).toUpperCase()),
  (token, _other, n) => replaceAt(token, n, swapCase),
  // Characters that do not belong there.
  (token, _other, n, m) => insertAt(token, n, String.fromCodePoint(m % 0x11_0000)),
  (token, _other, n, m) => insertAt(token, n, pick(ODD, m)),
  (token, _other, _n, m) => pick(ODD, m) + token,
  (token, _other, _n, m) => token + pick(ODD, m),
  // Full-width forms, which Unicode's compatibility normalization takes for ASCII.
  (token, _other, n) =>
    replaceAt(token, n, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0)),
];

/** Texts that are one to three changes away from a token of `real`, and never one of them. */
export function anyForgery(real: readonly string[]): fc.Arbitrary<string> {
  const known = new Set(real);
  const change = fc.tuple(fc.constantFrom(...mutations), fc.nat(), fc.nat());
  return fc
    .tuple(
      fc.constantFrom(...real),
      fc.constantFrom(...real),
      fc.array(change, { minLength: 1, maxLength: 3 }),
    )
    .map(([token, other, changes]) =>
      changes.reduce((text, [mutate, n, m]) => mutate(text, other, n, m), token),
    )
    .filter((text) => !known.has(text));
}

function base64Of(token: string): string {
  return token.split(':')[0] ?? '';
}

function signatureOf(token: string): string {
  return token.split(':')[1] ?? '';
}

function join(base64: string, signature: string): string {
  return `${base64}:${signature}`;
}

function fieldsOf(token: string): string[] {
  return Buffer.from(base64Of(token), 'base64').toString('latin1').split(':');
}

function withFields(token: string, change: (fields: string[]) => string[]): string {
  const fields = fieldsOf(token);
  return fields.length < 4 ? token : join(encode(change(fields).join(':')), signatureOf(token));
}

function encode(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64');
}

/** Changes the bits of the last character that lie beyond the last byte, if there are any. */
function withSpareBits(base64: string, n: number): string {
  const text = base64.replace(/=*$/, '');
  const padding = base64.slice(text.length);
  const spare = { '': 1, '=': 4 }[padding] ?? 16;
  const last = Math.max(ALPHABET.indexOf(text.at(-1) ?? ''), 0);
  return text.slice(0, -1) + (ALPHABET[last - (last % spare) + (n % spare)] ?? '') + padding;
}

function pick(from: string | readonly string[], n: number): string {
  return from[n % from.length] ?? '';
}

function replaceAt(text: string, n: number, change: (character: string) => string): string {
  const index = n % Math.max(text.length, 1);
  return text.slice(0, index) + change(text[index] ?? '') + text.slice(index + 1);
}

function insertAt(text: string, n: number, addition: string): string {
  const index = n % (text.length + 1);
  return text.slice(0, index) + addition + text.slice(index);
}

function flip(character: string, bits: number): string {
  return String.fromCharCode(character.charCodeAt(0) ^ bits);
}

function swapCase(character: string): string {
  const lower = character.toLowerCase();
  return character === lower ? character.toUpperCase() : lower;
}
