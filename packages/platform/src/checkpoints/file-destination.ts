import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { CheckpointDestination } from "./destination.js";
import { lineOf } from "./kept-checkpoint.js";

/**
 * Appends checkpoints to a file, a line of JSON each. It is opened for each write: a mounted volume can come back, and a file can be rotated. Appending
 * also works where the system forbids everything else (`chattr +a`).
 */
export const fileDestination = (path: string): CheckpointDestination => ({
  name: "file",
  keep: async (checkpoints) => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, "a", 0o600);
    try {
      // One write, so that lines of two processes are not mixed.
      await file.appendFile(checkpoints.map(lineOf).join(""));
      await file.sync();
    } finally {
      await file.close();
    }
  },
  close: () => undefined,
});
