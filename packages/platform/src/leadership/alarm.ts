/** Wakes a loop. A ring is not lost if no caller is waiting: the next wait returns immediately. */
export class Alarm {
  #isRinging = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRinging = true;
    this.#wake?.();
  }

  /** Returns on a ring, after `timeoutMs`, or when the signal is aborted. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#isRinging && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(finish, timeoutMs);
        const wake = (): void => finish();
        function finish(): void {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          resolve();
        }
        this.#wake = wake;
        signal.addEventListener("abort", wake);
      });
      this.#wake = undefined;
    }
    this.#isRinging = false;
  }
}
