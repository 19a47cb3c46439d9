/** Calls a function of the application. What it throws must not stop what calls it, and must not stay unseen. */
export function callSafely(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
