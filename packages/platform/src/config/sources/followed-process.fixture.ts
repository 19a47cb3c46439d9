/** A process whose secrets come from files or a Vault-compatible server, for tests. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createLogger } from "../../logging/logger.js";
import type { SecretName } from "../settings.js";
import type { FollowTimes } from "./follow-secrets.js";
import { openConfig } from "./open-config.js";
import type { SecretValues } from "./secret-changes.js";

/** Returns the path of a file that does not exist yet, in a folder of this test. */
export function aName(): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-following-secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "secret");
}

export function aFile(content: string): string {
  const file = aName();
  writeFileSync(file, content);
  return file;
}

const quick: FollowTimes = { intervalMs: 10, vaultMs: 30, againMs: 0 };

/** Starts a process that follows the secrets of its configuration. */
export async function aProcess(
  env: Record<string, string>,
  { times = quick, adopts }: { times?: FollowTimes; adopts: readonly SecretName[] },
) {
  const lines: string[] = [];
  const log = createLogger({ logLevel: "info" }, { write: (line: string) => void lines.push(line) });
  const { config, secrets } = await openConfig(env);
  const adopted: SecretValues[] = [];
  secrets.onReplaced(adopts, (values) => void adopted.push(values));
  secrets.start(log, times);
  onTestFinished(() => secrets.stop());
  const state = (name: SecretName) => secrets.states().find((one) => one.name === name);
  return { config, secrets, adopted, state, lines, counts: (text: string) => lines.filter((line) => line.includes(text)).length };
}

export const userOf = (values: SecretValues | undefined): string => new URL(values?.DATABASE_URL ?? "none://").username;
