let failed = false;

/** Called by the setup file before each test file, because modules can be kept between files. */
export function forgetFailures(): void {
  failed = false;
}

/** Called by the setup file after a failed test. */
export function noteFailure(): void {
  failed = true;
}

/** Returns whether a test of this file has failed so far. */
export function hasFileFailed(): boolean {
  return failed;
}
