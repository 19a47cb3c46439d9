import { rm } from "node:fs/promises";
import { postgres } from "@weft/pg-driver";
import { atEndOfFile, shareServer } from "./file-end.js";
import { hasFileFailed } from "./file-result.js";
import { closedConnections } from "./postgres/closed-connections.js";
import { cloneSharedDatabase } from "./postgres/database.js";
import { secretsIn, secretsWrittenSince } from "./secrets/find-secrets.js";
import { forgetSecrets, keysAsSecrets, knownSecrets } from "./secrets/known-secrets.js";
import { openTestWeft, type SharedWeft, type TestWeft } from "./test-weft.js";

interface Sharing {
  readonly weft: TestWeft;
  /** Connection that sees everything. */
  readonly owner: postgres.Sql;
  readonly server: Disposable;
}

let sharing: Promise<Sharing> | undefined;
/** Whether the current test file has asked for it. */
let isInUse = false;

/**
 * Returns the Weft that the test files of a worker use one after the other. PostgreSQL has planned its statements, and Node has compiled its code, so
 * that a file takes a third less processor time than with `startTestWeft`. It is stopped when a test fails, so that the next file
 * starts another one, and with the worker.
 *
 * Integrations and webhooks can call servers on 127.0.0.1.
 *
 * Tenants of other files are in the database. Look at rows of your tenants only, and change only them: what concerns all tenants, such as a setting, the
 * platform's configuration, or a trigger on a table, needs `startTestWeft`. At its end, a file fails if it has left a connection open, configured the
 * platform, or let a secret be stored or logged.
 */
export async function sharedWeft(): Promise<SharedWeft> {
  sharing ??= startSharing();
  // The next file tries again.
  sharing.catch(() => (sharing = undefined));
  const shared = await sharing;
  if (!isInUse) {
    isInUse = true;
    const before = await stateOf(shared.owner);
    atEndOfFile(() => leave(shared, before));
  }
  return shared.weft;
}

async function startSharing(): Promise<Sharing> {
  // The servers of tests may be called. What nobody listens for fails as quickly.
  const weft = await openTestWeft(await cloneSharedDatabase(), { settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {}, connection: { application_name: "shared weft" } });
  return { weft, owner, server: shareServer() };
}

interface State {
  /** ID of a transaction before all that the file writes. */
  readonly since: string;
  /** The number of platform tenants, and of versions of the configurations of the platform and its plans. */
  readonly platform: string;
}

async function stateOf(owner: postgres.Sql): Promise<State> {
  const [state] = await owner<[State]>`
    select pg_current_xact_id()::xid::text as since, 
           (select count(*) from identity.tenants where kind = 'PLATFORM') || ', ' || (select count(*) from app.shared_configurations) as platform`;
  return state;
}

/** Checks what a file leaves to the next one. Stops sharing if that fails, or if a test has failed. */
async function leave(shared: Sharing, before: State): Promise<void> {
  isInUse = false;
  let isGood = false;
  try {
    if (!hasFileFailed()) await check(shared, before);
    isGood = !hasFileFailed();
  } finally {
    if (!isGood) await endSharing(shared);
  }
}

/**
 * Stops the Weft that earlier files of the worker have used, if there is one.
 * @throws Error if the current file uses it
 */
export async function endSharedWeft(): Promise<void> {
  if (isInUse) throw new Error("This file uses the shared Weft, so it must not end.");
  if (sharing) await endSharing(await sharing);
}

async function endSharing({ weft, owner, server }: Sharing): Promise<void> {
  sharing = undefined;
  server[Symbol.dispose]();
  await owner.end();
  await weft.stop();
}

async function check({ weft, owner }: Sharing, before: State): Promise<void> {
  await weft.weft.worker.idle();
  await closedConnections(owner);
  const secrets = new Set([...knownSecrets(weft.url), ...keysAsSecrets(weft.keys)]);
  const found = [
    ...(await secretsWrittenSince(owner, before.since, secrets)),
    ...secretsIn(weft.logged(), secrets).map((secret) => `log: ${secret}`),
  ];
  if (found.length > 0) throw new Error(`Secrets were stored or logged in plain text:\n  ${found.join("\n  ")}`);
  const { platform } = await stateOf(owner);
  if (platform !== before.platform)
    throw new Error("This file creates or configures the platform, and with it the tenants of all files: use startTestWeft.");
  forgetSecrets(weft.url);
  weft.log.clear();
  // Reading the mails to an address opens all of them.
  await rm(weft.dataDir, { recursive: true, force: true });
}
