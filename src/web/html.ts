import { html as escaping } from 'hono/html';

/** What `html` makes: text in which nothing needs escaping any more. */
export type Html = ReturnType<typeof escaping>;

const compacted = new WeakMap<TemplateStringsArray, TemplateStringsArray>();

/**
 * Escapes every value that is no Html itself, and leaves out the white space that indents the template. Between two
 * tags a line break is none on the page.
 */
export function html(template: TemplateStringsArray, ...values: readonly unknown[]): Html {
  const strings = compacted.get(template) ?? compact(template);
  compacted.set(template, strings);
  return escaping(strings, ...values);
}

function compact(template: TemplateStringsArray): TemplateStringsArray {
  const strings = template.map((text) => text.replaceAll(/>\s*\n\s*</g, '><').replaceAll(/\s*\n\s*/g, ' '));
  return Object.assign(strings, { raw: template.raw });
}
