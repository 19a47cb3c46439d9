/** Data directories of Weft that belong to copied databases, by the port of their server. */
const dataDirs = new Map<string, string>();

/** Remembers which data directory, with its keys, belongs to the databases of a server. */
export function noteSeed(port: number, dataDir: string): void {
  dataDirs.set(String(port), dataDir);
}

/** Call it when the server is removed: another one can get its port. */
export function forgetSeed(port: number): void {
  dataDirs.delete(String(port));
}

/** Returns the data directory that belongs to a database, if the database was copied with one. */
export function seedOf(databaseUrl: string | undefined): string | undefined {
  return databaseUrl === undefined ? undefined : dataDirs.get(new URL(databaseUrl).port);
}
