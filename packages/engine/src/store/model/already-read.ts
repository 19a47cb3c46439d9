import type { InstanceRead } from "./snapshot.js";

/** What has already been read for a call that runs unbatched after all. It need not be read again. */
export type AlreadyRead = { readonly read?: InstanceRead | undefined; readonly definition?: Startable | undefined };

/** A published definition, without its text: a process that has not compiled it yet starts unbatched. */
export type Startable = { readonly id: string; readonly key: string; readonly now: string };
