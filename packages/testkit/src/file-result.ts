let failed = false;

/** Called by the set-up file after a test that failed. Each test file has modules of its own. */
export function noteFailure(): void {
  failed = true;
}

/** Whether a test of this file has failed so far. */
export function hasFileFailed(): boolean {
  return failed;
}
