/** Servers that outlive the test file that started them. */
let sharedServers = 0;
let ends: (() => Promise<void>)[] = [];

/** Calls a function after the hooks of this test file. */
export const atEndOfFile = (end: () => Promise<void>): unknown => ends.push(end);

/** Called by the setup file after the hooks of each test file. */
export async function endFile(): Promise<void> {
  const all = ends;
  ends = [];
  for (const end of all) await end();
}

/** Excludes a listening server from those that a test file must stop, until disposal. */
export function shareServer(): Disposable {
  sharedServers++;
  return { [Symbol.dispose]: () => void sharedServers-- };
}

/** Returns the number of servers that outlive test files. */
export const countSharedServers = (): number => sharedServers;
