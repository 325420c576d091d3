let waiting: (() => void)[] = [];

/** Does something at the end of this turn of the event loop, when all that came in it was looked at; it must not throw. */
export function atEndOfTurn(act: () => void): void {
  waiting.push(act);
  if (waiting.length === 1) setImmediate(endTurn);
}

/** Does at once what waits for the end of this turn; tells whether there was something. */
export function endTurn(): boolean {
  const due = waiting;
  waiting = [];
  for (const act of due) act();
  return due.length > 0;
}
