/** Wakes a loop. A ring while nobody waits is not lost: the next wait returns at once. */
export class Alarm {
  #isRinging = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRinging = true;
    this.#wake?.();
  }

  /** Returns at a ring, after `timeoutMs`, or when the signal is aborted. */
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
