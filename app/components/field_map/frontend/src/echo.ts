/**
 * What the reader changed here comes back from Python a moment later, and may have changed again meanwhile. An echo of
 * our own must not undo what came after it; a value that Python made itself has to be taken over.
 */

const ECHO_MS = 8000;

export class Echo {
  private readonly sent: { key: string; at: number }[] = [];
  private last: string | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Remember what is told to Python. */
  send(value: unknown): void {
    this.sent.push({ key: JSON.stringify(value), at: this.now() });
  }

  /** Tell whether a value of Python's has to be taken over. */
  takes(value: unknown): boolean {
    const key = JSON.stringify(value);
    const repeated = key === this.last;
    this.last = key;
    while (this.sent[0] && this.now() - this.sent[0].at > ECHO_MS) this.sent.shift();
    const place = this.sent.findIndex((each) => each.key === key);
    if (place >= 0) this.sent.splice(0, place + 1);
    return !repeated && place < 0;
  }
}
