/**
 * What the reader changed here comes back from Python a moment later, and may have changed again meanwhile. An echo of
 * our own must not undo what came after it; a value that Python made itself has to be taken over. How long an echo takes
 * does not matter: it is known by what it says.
 */

export class Echo {
  /** What Python was told and has not said back, the oldest first. */
  private waiting: string[] = [];
  private last: string | undefined;

  /** Remember what is told to Python. */
  send(value: unknown): void {
    this.waiting.push(JSON.stringify(value));
  }

  /** Tell whether a value of Python's has to be taken over. */
  takes(value: unknown): boolean {
    const key = JSON.stringify(value);
    const repeated = key === this.last;
    this.last = key;
    // Python may answer only the last of several. An answer to an earlier one leaves those after it to be answered.
    const answered = this.waiting.at(-1) === key ? this.waiting.length - 1 : this.waiting.indexOf(key);
    if (answered >= 0) {
      this.waiting.splice(0, answered + 1);
      return false;
    }
    // Of a run that began before it was told, or that is about something else.
    if (repeated) return false;
    this.waiting = [];
    return true;
  }
}
