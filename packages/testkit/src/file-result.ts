let failed = false;

/** Called by the set-up file before a test file: modules may be kept from file to file. */
export function forgetFailures(): void {
  failed = false;
}

/** Called by the set-up file after a test that failed. */
export function noteFailure(): void {
  failed = true;
}

/** Whether a test of this file has failed so far. */
export function hasFileFailed(): boolean {
  return failed;
}
