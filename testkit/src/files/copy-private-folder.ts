import { chmodSync, cpSync } from "node:fs";

/** Copies a folder that only its owner may read, as PostgreSQL requires of its data. The files keep their modes, and `cpSync` gives folders the usual one. */
export function copyPrivateFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  chmodSync(to, 0o700);
}
