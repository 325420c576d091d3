import type { Command } from './command.ts';

const common = `  --json   the result as one line of JSON on standard output
  --help   this text

Stores and secrets are those of the service: the same environment variables, or a file .env in the working directory.
Standard output has the result alone; what went wrong is on standard error.

Exit codes: 0 done, and nothing wrong was found; 1 it failed, or found what should not be there; 2 the command line
cannot be carried out.
`;

/** What every command does. */
export function toHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}   ${summary}`);
  return `Usage: laurel COMMAND [arguments]

Operates a Laurel beside its processes.

${lines.join('\n')}

laurel COMMAND --help says more.

${common}`;
}

export function toCommandHelp({ name, synopsis, summary, details }: Command): string {
  return `Usage: ${['laurel', name, synopsis].filter(Boolean).join(' ')}

${summary}.

${details}

${common}`;
}
