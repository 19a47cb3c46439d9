import { spawn } from "node:child_process";
import { extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Neither vitest nor a bench cleans up after a signal. A process in its own session waits for this process to end in any way, and then stops the server and
 * deletes its data.
 */
export function watchServer(dataDir: string): { release(minutes: number): void } {
  const program = fileURLToPath(new URL(`test-server-watcher${extname(import.meta.filename)}`, import.meta.url));
  const child = spawn(process.execPath, [program, resolve(dataDir)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return { release: (minutes) => child.stdin.end(`${minutes}\n`) };
}
